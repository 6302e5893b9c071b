import type { AttrPath } from '../scim/path/path.ts'
import type { Resource, Value } from '../scim/resource/resource.ts'

/** The simple values that a resource has at a path: none, one, or those of all elements. */
export function valuesAt(path: AttrPath, resource: Resource): (string | number | boolean)[] {
  const holder = path.extension ? member(resource, path.schema) : resource
  const value = member(holder, path.attribute.name)
  const elements = Array.isArray(value) ? value : [value]
  const values = path.sub ? elements.map((element) => member(element, path.sub?.name ?? '')) : elements
  return values.filter(
    (found) => typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean',
  )
}

function member(holder: Value | Resource | undefined, name: string): Value | undefined {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return undefined
  return (holder as Resource)[name]
}
