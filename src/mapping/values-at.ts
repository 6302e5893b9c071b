import { definitionAt, type AttrPath } from '../scim/path/path.ts'
import { isOfType } from '../scim/resource/of-type.ts'
import type { Resource, Value } from '../scim/resource/resource.ts'

/** The simple values of its type that a resource has at a path: none, one, or those of all elements. */
export function valuesAt(path: AttrPath, resource: Resource): (string | number | boolean)[] {
  const holder = path.extension ? member(resource, path.schema) : resource
  const value = member(holder, path.attribute.name)
  if (Array.isArray(value) && !path.attribute.multiValued) return []
  const elements = Array.isArray(value) ? value : [value]
  const values = path.sub ? elements.map((element) => member(element, path.sub?.name ?? '')) : elements
  const definition = definitionAt(path)
  return values.filter((found) => isSimple(found) && isOfType(found, definition))
}

function isSimple(value: Value | undefined): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function member(holder: Value | Resource | undefined, name: string): Value | undefined {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return undefined
  return (holder as Resource)[name]
}
