import type { AttributeDefinition, ResourceType, SchemaDefinition } from '../../schemas/definition.ts'
import { commonAttributes } from '../../schemas/registry.ts'

/**
 * The attribute of that name, or also known by it, in any letter case (RFC 7643 §2.1).
 *
 * Names resolve here and nowhere else, through a map: what an object inherits (`constructor`, `__proto__`) is no name.
 */
export function findAttribute(
  attributes: readonly AttributeDefinition[],
  name: string,
): AttributeDefinition | undefined {
  return (names.get(attributes) ?? index(attributes)).get(name.toLowerCase())
}

/** The extension of that URN, in any letter case (RFC 7644 §3.10). */
export function findExtension(type: ResourceType, urn: string): SchemaDefinition | undefined {
  const wanted = urn.toLowerCase()
  return type.extensions.find((extension) => extension.id.toLowerCase() === wanted)
}

/** The attributes outside all extensions: those that every resource has (RFC 7643 §3.1) and those of the base schema. */
export function topAttributes(type: ResourceType): readonly AttributeDefinition[] {
  const known = tops.get(type)
  if (known) return known
  const all = [...commonAttributes, ...type.schema.attributes]
  tops.set(type, all)
  return all
}

const names = new WeakMap<readonly AttributeDefinition[], ReadonlyMap<string, AttributeDefinition>>()
const tops = new WeakMap<ResourceType, readonly AttributeDefinition[]>()

function index(attributes: readonly AttributeDefinition[]): ReadonlyMap<string, AttributeDefinition> {
  const map = new Map(
    attributes.flatMap((attribute) =>
      [attribute.name, ...(attribute.alsoKnownAs ?? [])].map((name) => [name.toLowerCase(), attribute]),
    ),
  )
  names.set(attributes, map)
  return map
}
