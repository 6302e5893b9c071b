import type { AttributeDefinition, SchemaDefinition } from '../../schemas/definition.ts'
import { commonAttributes, type Registry } from '../../schemas/registry.ts'

/** What this server offers, in the numbers of its configuration. */
export interface Offer {
  /** The URL of `/scim/v2`, without a slash at its end. */
  readonly base: string
  readonly documentationUri?: string
  /** undefined where there is no `/Bulk`. */
  readonly bulk?: { readonly maxOperations: number; readonly maxPayloadSize: number }
  /** The most resources on one page. */
  readonly maxResults: number
  readonly defaultPageSize: number
  readonly sort: boolean
  readonly etag: boolean
  /** undefined where there are no cursors; seconds that one is valid. */
  readonly cursorTimeout?: number
  /** Whether tokens are also handed out by the OAuth 2.0 client credentials grant. */
  readonly clientCredentials?: boolean
}

/**
 * What is said of bulk where there is none. authentik cuts its PATCH operations by `maxOperations` all the same:
 * https://github.com/goauthentik/authentik/blob/main/authentik/providers/scim/clients/groups.py
 */
const NO_BULK = { maxOperations: 1000, maxPayloadSize: 0 } as const

/** The answer to `/ServiceProviderConfig` (RFC 7643 §5, RFC 9865 §4). */
export function serviceProviderConfig(offer: Offer): object {
  const { base, documentationUri, bulk, maxResults, defaultPageSize, sort, etag, cursorTimeout } = offer
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    ...(documentationUri !== undefined && { documentationUri }),
    patch: { supported: true },
    bulk: { supported: bulk !== undefined, ...NO_BULK, ...bulk },
    filter: { supported: true, maxResults },
    changePassword: { supported: false },
    sort: { supported: sort },
    etag: { supported: etag },
    pagination: {
      cursor: cursorTimeout !== undefined,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize,
      maxPageSize: maxResults,
      ...(cursorTimeout !== undefined && { cursorTimeout }),
    },
    authenticationSchemes: [BEARER, ...(offer.clientCredentials ? [CLIENT_CREDENTIALS] : [])],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  }
}

const BEARER = {
  type: 'oauthbearertoken',
  name: 'OAuth Bearer Token',
  description: 'The token of a directory in the Authorization header.',
  specUri: 'https://www.rfc-editor.org/info/rfc6750',
  primary: true,
}

const CLIENT_CREDENTIALS = {
  type: 'oauth2',
  name: 'OAuth 2.0 Client Credentials',
  description: 'A short-lived token by the client credentials grant.',
  specUri: 'https://www.rfc-editor.org/info/rfc6749',
  primary: false,
}

/** The entries of `/ResourceTypes`, each found under its `id` too (RFC 7643 §6). */
export function resourceTypes(
  registry: Registry,
  base: string,
): readonly (object & { readonly id: string })[] {
  return registry.resourceTypes.map(({ name, endpoint, description, schema, extensions }) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    endpoint,
    description,
    schema: schema.id,
    ...(extensions.length > 0 && {
      schemaExtensions: extensions.map(({ id }) => ({ schema: id, required: false })),
    }),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }))
}

/**
 * The entries of `/Schemas`, each found under its `id` too (RFC 7643 §7). Nothing in them is null.
 *
 * Of the attributes that every resource has, `externalId` stands in the schemas of users and groups as well, which
 * RFC 7643 §3.1 allows: Microsoft's test Schema_Discoverability looks there for all that Entra maps, and excuses `id`
 * alone.
 *
 * @see https://github.com/AzureAD/SCIMReferenceCode/blob/master/Microsoft.SCIM.LogicAppValidationTemplate/StandardLogicApp/SCIMTests_Workflow.json
 */
export function schemas(registry: Registry, base: string): readonly (object & { readonly id: string })[] {
  const written = new Set([registry.resourceType('User').schema, registry.resourceType('Group').schema])
  return registry.schemas.map((schema) => {
    const attributes = written.has(schema) ? [...WRITTEN, ...schema.attributes] : schema.attributes
    return describeSchema({ ...schema, attributes }, base)
  })
}

/** The common attributes that clients write. */
const WRITTEN = commonAttributes.filter(({ mutability }) => mutability !== 'readOnly')

function describeSchema({ id, name, description, attributes }: SchemaDefinition, base: string) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id,
    name,
    description,
    attributes: attributes.map(describeAttribute),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
  }
}

function describeAttribute(definition: AttributeDefinition): object {
  const {
    alsoKnownAs: _alsoKnownAs,
    indexed: _indexed,
    private: _private,
    default: _default,
    subAttributes,
    ...attribute
  } = definition
  return { ...attribute, ...(subAttributes && { subAttributes: subAttributes.map(describeAttribute) }) }
}
