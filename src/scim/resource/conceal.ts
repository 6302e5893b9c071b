import type { AttributeDefinition, ResourceType } from '../../../schemas/definition.ts'
import { findAttribute, findExtension, topAttributes } from '../attribute.ts'
import { isComplex, type Complex, type Resource, type Value } from './resource.ts'

/**
 * A resource without the values that its schema marks as private: names and shapes stay, each text and each number is
 * replaced by what `hide` makes of it. Of one person equal values stay equal, so a change can still be seen.
 *
 * Truth values and canonical values (`work`, `mobile`) say nothing about a person and stay. What no schema knows any
 * longer is hidden, since nobody can say whether it was private.
 */
export function conceal(resource: Resource, type: ResourceType, hide: (value: string) => string): Resource {
  return Object.fromEntries(
    Object.entries(resource).map(([name, value]) => {
      const extension = isComplex(value) ? findExtension(type, name) : undefined
      return extension && isComplex(value)
        ? [name, concealAll(value, extension.attributes, hide)]
        : [name, concealOne(value, findAttribute(topAttributes(type), name), hide)]
    }),
  )
}

type Hide = (value: string) => string

const concealAll = (values: Complex, attributes: readonly AttributeDefinition[], hide: Hide): Complex =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      concealOne(value, findAttribute(attributes, name), hide),
    ]),
  )

function concealOne(value: Value, attribute: AttributeDefinition | undefined, hide: Hide): Value {
  if (attribute === undefined || attribute.private) return hidden(value, attribute, hide)
  return eachOf(value, (one) => (isComplex(one) ? concealAll(one, attribute.subAttributes ?? [], hide) : one))
}

function hidden(value: Value, attribute: AttributeDefinition | undefined, hide: Hide): Value {
  return eachOf(value, (one) => {
    if (isComplex(one)) {
      const subs = attribute?.subAttributes ?? []
      return Object.fromEntries(
        Object.entries(one).map(([name, sub]) => [name, hidden(sub, findAttribute(subs, name), hide)]),
      )
    }
    if (typeof one === 'number') return hide(String(one))
    return typeof one !== 'string' || attribute?.canonicalValues?.includes(one) === true ? one : hide(one)
  })
}

const eachOf = (value: Value, change: (one: Value) => Value): Value =>
  Array.isArray(value) ? (value as readonly Value[]).map(change) : change(value as Value)
