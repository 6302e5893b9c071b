import type { Config } from './config.ts'
import type { AttributeDefinition, SchemaDefinition } from './definition.ts'
import { type AttributeSpec, attribute, schema } from './registry.ts'
import { USER_ATTRIBUTE_URN } from './user-attribute.ts'

type Declared = Pick<Config, 'extensions' | 'userAttributes' | 'userAttributeAliases'>

/**
 * The extension schemas of User that a configuration makes: those it declares, the one that offers every user
 * attribute by its reference, and the same under each of its aliases.
 */
export function userExtensions(config: Declared): SchemaDefinition[] {
  const attributes = config.userAttributes.map(offeredAttribute)
  const urns = attributes.length > 0 ? [USER_ATTRIBUTE_URN, ...config.userAttributeAliases] : []
  return [
    ...config.extensions.map(declaredSchema),
    ...urns.map((id) => ({
      id,
      name: 'User Attribute',
      description: 'The user attributes of this installation by their references',
      attributes,
    })),
  ]
}

function declaredSchema({
  urn,
  name,
  description,
  attributes,
}: Config['extensions'][number]): SchemaDefinition {
  return schema({
    id: urn,
    name: name ?? urn,
    description: description ?? '',
    attributes: attributes.map(declaredAttribute),
  })
}

type DeclaredAttribute = Config['extensions'][number]['attributes'][number]

/** What is unique is held so by the index by which people are found. */
function declaredAttribute({ matching = false, ...declared }: DeclaredAttribute): AttributeSpec {
  return { ...withoutUndefined(declared), indexed: matching || declared.uniqueness === 'server' }
}

/**
 * The attribute by which SCIM clients know a user attribute. Its name is the first that the user attribute had, under which
 * values are stored; it is known by all others too. Values are compared exactly where environments are chosen, so they
 * are case-exact here too.
 */
function offeredAttribute(declared: Config['userAttributes'][number]): AttributeDefinition {
  const [name, ...alsoKnownAs] = [...declared.formerly, declared.reference] as [string, ...string[]]
  return attribute({
    name,
    alsoKnownAs,
    type: declared.type === 'number' ? 'decimal' : 'string',
    multiValued: declared.multiple,
    description: declared.description ?? declared.label ?? '',
    caseExact: true,
    indexed: declared.matching ?? false,
  })
}

/** A setting that is left out must not stand in the way of its default. */
function withoutUndefined(declared: Omit<DeclaredAttribute, 'matching'>): AttributeSpec {
  const given = Object.fromEntries(Object.entries(declared).filter(([, value]) => value !== undefined))
  return { ...given, name: declared.name }
}
