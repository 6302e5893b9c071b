import { evaluateElement } from '../scim/filter/evaluate.ts'
import type { Target } from '../scim/patch/patch.ts'
import { definitionAt } from '../scim/path/path.ts'
import { isOfType } from '../scim/resource/of-type.ts'
import { isComplex, type Resource, type Value } from '../scim/resource/resource.ts'

/** The simple values of its type that a resource has at a target: none, one, or those of all elements that are meant. */
export function valuesAt({ path, filter }: Target, resource: Resource): (string | number | boolean)[] {
  const holder = path.extension ? member(resource, path.schema) : resource
  const value = member(holder, path.attribute.name)
  if (Array.isArray(value) && !path.attribute.multiValued) return []
  const all = (Array.isArray(value) ? value : [value]) as readonly (Value | undefined)[]
  const elements =
    filter === undefined ? all : all.filter((each) => isComplex(each) && evaluateElement(filter, each))
  const definition = definitionAt(path)
  return elements
    .map((element) => (path.sub ? member(element, path.sub.name) : element))
    .filter((found) => isSimple(found))
    .filter((found) => isOfType(found, definition))
}

function isSimple(value: Value | undefined): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function member(holder: Value | Resource | undefined, name: string): Value | undefined {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return undefined
  return (holder as Resource)[name]
}
