import type { AttributeDefinition, ResourceType } from '../../../schemas/definition.ts'
import { findAttribute } from '../attribute.ts'
import { invalidSyntax, invalidValue, quote } from '../error.ts'
import { isComplex, type Resource, type Value } from './resource.ts'
import { sameValue } from './same.ts'

/**
 * Refuses what says different things of one attribute under several of its names: whoever checks the first and keeps the
 * last can be tricked.
 *
 * @throws ScimError `invalidSyntax`
 */
export function refuseContradictions(
  entries: Iterable<readonly [name: string, value: unknown]>,
  attributes: readonly AttributeDefinition[],
): void {
  const said = new Map<AttributeDefinition, readonly [name: string, value: unknown]>()
  for (const entry of entries) {
    const [name, value] = entry
    const attribute = findAttribute(attributes, name)
    if (attribute === undefined) continue
    const [other, before] = said.get(attribute) ?? entry
    if (JSON.stringify(before) !== JSON.stringify(value)) {
      throw invalidSyntax(`${quote(other)} and ${quote(name)} are the same attribute, with different values`)
    }
    said.set(attribute, entry)
  }
}

/**
 * Refuses a resource that has different values of one attribute in several extensions that offer it (a user attribute,
 * under its own URN and an alias): one of them would decide, and the other be stored in vain. What was so in the resource
 * `before` stands in the way of no change.
 *
 * @throws ScimError `invalidValue`
 */
export function refuseContraryAliases(resource: Resource, type: ResourceType, before: Resource = {}): void {
  const known = new Map<AttributeDefinition, string>()
  for (const { id, attributes } of type.extensions) {
    for (const attribute of attributes) {
      const value = valueIn(resource, id, attribute)
      const other = known.get(attribute)
      if (value === undefined) continue
      if (other === undefined) {
        known.set(attribute, id)
        continue
      }
      const isNew = [id, other].some(
        (urn) => !sameValue(valueIn(resource, urn, attribute), valueIn(before, urn, attribute)),
      )
      if (isNew && !sameValue(value, valueIn(resource, other, attribute))) {
        throw invalidValue(
          `\`${other}:${attribute.name}\` and \`${id}:${attribute.name}\` are the same attribute, with different values; send one, or remove the other`,
        )
      }
    }
  }
}

function valueIn(resource: Resource, urn: string, { name }: AttributeDefinition): Value | undefined {
  const container = resource[urn]
  return isComplex(container) ? container[name] : undefined
}
