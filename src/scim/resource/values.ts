import type { AttrPath } from '../path/path.ts'
import { isComplex, type Complex, type Resource, type Value } from './resource.ts'

/**
 * All values at a path, none if the attribute has none: those of a multi-valued attribute one by one, and of a
 * sub-attribute those of every element, `assumed` for an element without.
 *
 * `schemas` is computed: the base schema and the extensions that have a value (RFC 7643 §3).
 *
 * @example valuesAt(user, parseAttrPath('emails.value', userType))
 */
export function valuesAt(resource: Resource, path: AttrPath, assumed?: Value): readonly Value[] {
  const { attribute, sub } = path
  const value = attributeValue(resource, path)
  // Several values of an attribute that has been defined anew with one: none of them is the one.
  const values = Array.isArray(value) && !attribute.multiValued ? [] : listOf(value)
  if (!sub) return values
  return values.flatMap((value) => (isComplex(value) ? listOf(value[sub.name] ?? assumed) : []))
}

/** The value of the path's attribute as the resource has it, whatever the path's sub-attribute. */
export function attributeValue(resource: Resource, path: AttrPath): Value | undefined {
  const { attribute, schema, extension } = path
  if (!extension)
    return (
      resource[attribute.name] ?? (attribute.name === 'schemas' ? schemasOf(resource, schema) : undefined)
    )
  const container = resource[schema]
  return isComplex(container) ? container[attribute.name] : undefined
}

/** The URNs of the schemas a resource has: its base schema, then the extensions in it. */
export function schemasOf(resource: Resource, base: string): readonly string[] {
  return [base, ...Object.keys(resource).filter((name) => name.includes(':'))]
}

/** A value as a list: what is absent is no value, and several values are themselves. */
export function listOf(value: Value | undefined): readonly Value[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? (value as readonly Value[]) : [value]
}

/** Whether a value is one: null, an empty text, an empty list and a complex value of nothing are none (RFC 7644, `pr`). */
export function isPresent(value: Value | undefined): value is Value {
  if (value === undefined || value === null || value === '') return false
  if (Array.isArray(value)) return value.some(isPresent)
  return !isComplex(value) || Object.values(value as Complex).some(isPresent)
}
