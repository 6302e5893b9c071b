import { readFileSync } from 'node:fs'
import type { AttributeDefinition, ResourceType, SchemaDefinition } from './definition.ts'

/** Every resource type and schema that one installation speaks. */
export interface Registry {
  readonly resourceTypes: readonly ResourceType[]
  /** All that `/Schemas` lists. */
  readonly schemas: readonly SchemaDefinition[]
  /** The resource type with its extensions. */
  resourceType(name: ResourceType['name']): ResourceType
}

/** An attribute as it is written down: what is left out has the default of RFC 7643 §2.2. */
export type AttributeSpec = Partial<Omit<AttributeDefinition, 'name' | 'subAttributes'>> & {
  readonly name: string
  readonly subAttributes?: readonly AttributeSpec[]
}

/** A schema as it is written down. */
export interface SchemaSpec extends Omit<SchemaDefinition, 'attributes'> {
  readonly attributes: readonly AttributeSpec[]
}

/**
 * The built-in schemas together with the extensions of the user that an installation declares.
 *
 * @throws Error that names the schema and the attribute, if a definition breaks RFC 7643
 * @example createRegistry([schema({ id: 'urn:example:2.0:User', name: 'Example', description: '', attributes: [] })])
 */
export function createRegistry(userExtensions: readonly SchemaDefinition[]): Registry {
  const described = [...builtIn, ...userExtensions]
  checkUrns(described)
  for (const definition of described) checkAttributes(definition)
  const resourceTypes = typeSpecs.map((spec) => resourceType(spec, userExtensions))
  return {
    resourceTypes,
    schemas: described,
    resourceType(name) {
      const found = resourceTypes.find((type) => type.name === name)
      if (!found) throw new TypeError(`no resource type ${name}`)
      return found
    },
  }
}

/**
 * Fills in the defaults of RFC 7643 §2.2; references and binary values are case-exact (§2.3.6, §2.3.7), and what is
 * write-only is never returned (§7).
 */
export function attribute(spec: AttributeSpec): AttributeDefinition {
  const { subAttributes, ...given } = spec
  return {
    type: 'string',
    multiValued: false,
    description: '',
    required: false,
    caseExact: spec.type === 'reference' || spec.type === 'binary',
    mutability: 'readWrite',
    returned: spec.mutability === 'writeOnly' ? 'never' : 'default',
    uniqueness: 'none',
    indexed: false,
    private: isKeptBack(spec),
    ...given,
    ...(subAttributes && { subAttributes: subAttributes.map(attribute) }),
  }
}

/** What nobody sees without asking for it is not for everybody who reads the audit. */
const isKeptBack = ({ mutability, returned }: AttributeSpec): boolean =>
  mutability === 'writeOnly' || returned === 'never' || returned === 'request'

/** A schema whose attributes have all their characteristics. */
export function schema(spec: SchemaSpec): SchemaDefinition {
  return { ...spec, attributes: spec.attributes.map(attribute) }
}

/** The attributes that every resource has, whatever its schema (RFC 7643 §3 and §3.1). */
export const commonAttributes: readonly AttributeDefinition[] = schema(load('common.json')).attributes

const builtIn: readonly SchemaDefinition[] = [
  'user.json',
  'group.json',
  'enterprise-user.json',
  'role.json',
  'service-provider-config.json',
  'resource-type.json',
  'schema.json',
].map((file) => schema(load(file)))

interface TypeSpec {
  readonly name: ResourceType['name']
  readonly endpoint: string
  readonly description: string
  readonly schema: string
  readonly extensions: readonly string[]
}

const typeSpecs: readonly TypeSpec[] = load('resource-types.json')

function load<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as T
}

function resourceType(spec: TypeSpec, userExtensions: readonly SchemaDefinition[]): ResourceType {
  const { name, endpoint, description } = spec
  return {
    name,
    endpoint,
    description,
    schema: builtInSchema(spec.schema),
    extensions: [...spec.extensions.map(builtInSchema), ...(name === 'User' ? userExtensions : [])],
  }
}

function builtInSchema(urn: string): SchemaDefinition {
  const found = builtIn.find((definition) => definition.id === urn)
  if (!found) throw new TypeError(`no built-in schema ${urn}`)
  return found
}

const URN = /^urn:[-\w.:]*[-\w]$/i
const NAME = /^(?:[a-z][-$\w]*|\$ref)$/i

function checkUrns(definitions: readonly SchemaDefinition[]): void {
  const seen = new Set<string>()
  for (const { id } of definitions) {
    if (!URN.test(id)) throw new Error(`\`${id}\` is not a schema URN`)
    if (seen.has(id.toLowerCase())) throw new Error(`the schema \`${id}\` is defined twice`)
    seen.add(id.toLowerCase())
  }
}

function checkAttributes({ id, attributes }: SchemaDefinition): void {
  checkNames(id, attributes)
  for (const { name, type, subAttributes } of attributes) {
    if ((type === 'complex') !== (subAttributes !== undefined)) {
      throw new Error(`\`${id}:${name}\`: a complex attribute, and no other, has subAttributes`)
    }
    if (!subAttributes) continue
    checkNames(`${id}:${name}`, subAttributes)
    const nested = subAttributes.find((sub) => sub.type === 'complex')
    // RFC 7643 §2.3.8. The schema of schemas describes attributes by attributes, and is never read from a client.
    if (nested && id !== SCHEMA_OF_SCHEMAS) {
      throw new Error(`\`${id}:${name}.${nested.name}\`: a sub-attribute cannot be complex`)
    }
  }
}

const SCHEMA_OF_SCHEMAS = 'urn:ietf:params:scim:schemas:core:2.0:Schema'

function checkNames(place: string, attributes: readonly AttributeDefinition[]): void {
  const seen = new Set<string>()
  for (const name of attributes.flatMap((each) => [each.name, ...(each.alsoKnownAs ?? [])])) {
    // INVARIANT: no name is inherited by an object, so reading a resource by a resolved name never meets a prototype.
    if (!NAME.test(name) || name in {}) throw new Error(`\`${place}:${name}\` is not an attribute name`)
    if (seen.has(name.toLowerCase())) throw new Error(`\`${place}:${name}\` is defined twice`)
    seen.add(name.toLowerCase())
  }
}
