import type { AttributeDefinition, ResourceType } from '../../../schemas/definition.ts'
import { topAttributes } from '../attribute.ts'
import { definitionAt, pathName, subPath, type AttrPath } from '../path/path.ts'
import { prepare } from './prepare.ts'
import { isComplex, type Complex, type Resource, type Value } from './resource.ts'
import { isPresent, schemasOf, valuesAt } from './values.ts'

/**
 * The resource in the shape in which filters look at it.
 *
 * The same names in the same places as in the resource, `schemas` in front, every simple value by `prepare`: an
 * attribute lies at its name, an extension's attribute under the URN, a multi-valued one in an array (an array of one
 * too). What is not present is left out, so that a key that is there is a value.
 *
 * @example searchDocument({ userName: 'Ada', emails: [{ value: 'A@x.org' }] }, userType)
 * // { schemas: ['urn:ietf:params:scim:schemas:core:2.0:user'], userName: 'ada', emails: [{ value: 'a@x.org' }] }
 */
export function searchDocument(resource: Resource, type: ResourceType): Resource {
  const full = { schemas: schemasOf(resource, type.schema.id), ...resource }
  const prepared: Record<string, Value> = prepareAll(full, topAttributes(type))
  for (const extension of type.extensions) {
    const container = resource[extension.id]
    if (isComplex(container)) prepared[extension.id] = prepareAll(container, extension.attributes)
  }
  return prepared
}

/**
 * The prepared values of the attributes that the schemas mark as `indexed`, each once, under the name of their path.
 *
 * Attributes that are columns of their own (`userName`, `externalId`, the `displayName` of a group) bear no such mark.
 */
export function indexedValues(
  resource: Resource,
  type: ResourceType,
): { attribute: string; value: string }[] {
  return indexedPaths(type).flatMap((path) => {
    const values = valuesAt(resource, path).filter(isPresent) as readonly (string | number | boolean)[]
    const prepared = new Set(values.map((value) => String(prepare(value, definitionAt(path)))))
    return Array.from(prepared, (value) => ({ attribute: pathName(path), value }))
  })
}

function prepareAll(values: Complex, attributes: readonly AttributeDefinition[]): Record<string, Value> {
  const prepared: Record<string, Value> = {}
  for (const attribute of attributes) {
    const value = values[attribute.name]
    if (isPresent(value)) prepared[attribute.name] = prepareValue(value, attribute)
  }
  return prepared
}

function prepareValue(value: Value, attribute: AttributeDefinition): Value {
  if (value === null) return value
  if (Array.isArray(value)) {
    return (value as readonly Value[]).filter(isPresent).map((each) => prepareValue(each, attribute))
  }
  if (isComplex(value)) return prepareAll(value, attribute.subAttributes ?? [])
  return prepare(value as string | number | boolean, attribute)
}

const indexed = new WeakMap<ResourceType, readonly AttrPath[]>()

function indexedPaths(type: ResourceType): readonly AttrPath[] {
  const known = indexed.get(type)
  if (known) return known
  const paths: AttrPath[] = topAttributes(type).flatMap((each) => pathsOf(type.schema.id, false, each))
  for (const { id, attributes } of type.extensions)
    paths.push(...attributes.flatMap((each) => pathsOf(id, true, each)))
  const found = paths.filter((path) => definitionAt(path).indexed)
  indexed.set(type, found)
  return found
}

/** The path to the attribute, and those to its sub-attributes. */
function pathsOf(schema: string, extension: boolean, attribute: AttributeDefinition): readonly AttrPath[] {
  const path: AttrPath = { kind: 'path', schema, extension, attribute }
  return [path].concat((attribute.subAttributes ?? []).map((sub) => subPath(path, sub)))
}
