import { CURSOR_SECONDS } from '../../provision/cursor.ts'
import { recentlyInForce } from '../../provision/in-force.ts'
import { scimBase } from '../../provision/scim-base.ts'
import { resourceTypes, schemas, serviceProviderConfig } from '../../scim/discovery.ts'
import { listResponse } from '../../scim/list.ts'
import { HttpError } from '../errors.ts'
import type { Reply } from '../reply.ts'
import type { ScimCall, ScimHandler } from './call.ts'
import { MOST_OPERATIONS } from './bulk.ts'
import { PAGE } from './lists.ts'

/** What an answer of discovery depends on: nothing of the directory, so that it may be asked for without a token. */
type Asked = Pick<ScimCall, 'ctx' | 'query' | 'type'>

/** GET `/ServiceProviderConfig` (RFC 7643 §5). */
export function serviceProvider(maxPayloadSize: number): (call: Asked) => Promise<Reply> {
  return async (call) => {
    refuseFilter(call)
    const offer = {
      base: scimBase(call.ctx),
      bulk: { maxOperations: MOST_OPERATIONS, maxPayloadSize },
      maxResults: PAGE.most,
      defaultPageSize: PAGE.usual,
      sort: true,
      etag: true,
      cursorTimeout: CURSOR_SECONDS,
      clientCredentials: true,
    }
    return answer(call, serviceProviderConfig(offer), '/ServiceProviderConfig')
  }
}

/** GET `/ResourceTypes` (RFC 7643 §6). */
export const resourceTypeList: ScimHandler = async (call) => list(call, await allResourceTypes(call))

/** GET `/ResourceTypes/{name}`. */
export const resourceTypeOf: ScimHandler = async (call) =>
  pick(call, await allResourceTypes(call), 'resource type')

/** GET `/Schemas` (RFC 7643 §7). */
export const schemaList: ScimHandler = async (call) => list(call, await allSchemas(call))

/** GET `/Schemas/{urn}`. */
export const schemaOf: ScimHandler = async (call) => pick(call, await allSchemas(call), 'schema')

interface Described {
  readonly id: string
}

async function allResourceTypes(call: ScimCall): Promise<readonly Described[]> {
  return resourceTypes((await recentlyInForce(call.ctx)).registry, scimBase(call.ctx))
}

async function allSchemas(call: ScimCall): Promise<readonly Described[]> {
  return schemas((await recentlyInForce(call.ctx)).registry, scimBase(call.ctx))
}

function list(call: ScimCall, described: readonly Described[]): Reply {
  refuseFilter(call)
  const resources = described.map((one) => JSON.stringify(one))
  return {
    status: 200,
    type: call.type,
    body: listResponse({ totalResults: resources.length, resources, startIndex: 1 }),
  }
}

function pick(call: ScimCall, described: readonly Described[], what: string): Reply {
  refuseFilter(call)
  const wanted = call.id.toLowerCase()
  const found = described.find(({ id }) => id.toLowerCase() === wanted)
  if (found === undefined) throw new HttpError(404, `there is no ${what} \`${call.id}\``)
  return answer(call, found, `/${what === 'schema' ? 'Schemas' : 'ResourceTypes'}/${found.id}`)
}

/** RFC 7644 §4: a filter here is answered with 403. */
function refuseFilter(call: Asked): void {
  if (call.query.has('filter')) {
    throw new HttpError(403, 'discovery cannot be filtered; leave out the parameter `filter`')
  }
}

function answer(call: Asked, body: object, place: string): Reply {
  const location = scimBase(call.ctx) + place
  return {
    status: 200,
    type: call.type,
    headers: { location, 'content-location': location },
    body: JSON.stringify(body),
  }
}
