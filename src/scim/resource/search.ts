import type { AttributeDefinition, ResourceType } from '../../../schemas/definition.ts'
import { topAttributes } from '../attribute.ts'
import { definitionAt, pathName, subPath, type AttrPath } from '../path/path.ts'
import { isOfType } from './of-type.ts'
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
 * The prepared values of the attributes that the schemas mark as `indexed`, each once, by the {@link lookUpKey} of their
 * path; `unique` where nobody else may have them.
 *
 * Attributes that are columns of their own (`userName`, `externalId`, the `displayName` of a group) bear no such mark.
 *
 * @param paths only these of them
 */
export function indexedValues(
  resource: Resource,
  type: ResourceType,
  paths: readonly AttrPath[] = indexedPaths(type),
): { attribute: string; value: string; unique: boolean }[] {
  return paths.flatMap((path) => {
    const definition = definitionAt(path)
    const values = valuesAt(resource, path).filter((value) => isPresent(value) && isOfType(value, definition))
    const prepared = new Set(values.map((value) => String(prepare(value as Simple, definition))))
    const unique = definition.uniqueness === 'server'
    return Array.from(prepared, (value) => ({ attribute: lookUpKey(path), value, unique }))
  })
}

/**
 * The name under which the values of an attribute are looked up: that of its path, and what decides which values those
 * are. Defined otherwise, an attribute has another one, so that values for two definitions never meet.
 *
 * @example 'emails.value', 'urn:acme:2.0:User:badge', 'urn:acme:2.0:User:number integer unique'
 */
export function lookUpKey(path: AttrPath): string {
  // Sub-attributes are those of the standard's schemas, which nobody defines anew.
  if (path.sub !== undefined) return pathName(path)
  const { type, caseExact, multiValued, uniqueness } = path.attribute
  const words = [
    type !== 'string' && type,
    caseExact && 'exact',
    multiValued && 'several',
    uniqueness === 'server' && 'unique',
  ]
  return [pathName(path), ...words.filter((word) => word !== false)].join(' ')
}

type Simple = string | number | boolean

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
  return prepare(value as Simple, attribute)
}

const indexed = new WeakMap<ResourceType, readonly AttrPath[]>()

/** The paths of the attributes that are looked up. */
export function indexedPaths(type: ResourceType): readonly AttrPath[] {
  const known = indexed.get(type)
  if (known) return known
  const found = pathsOf(type).filter((path) => definitionAt(path).indexed)
  indexed.set(type, found)
  return found
}

/** The paths to all attributes and sub-attributes of a type. */
export function pathsOf(type: ResourceType): readonly AttrPath[] {
  const own = topAttributes(type).flatMap((each) => pathsTo(type.schema.id, false, each))
  return own.concat(
    type.extensions.flatMap(({ id, attributes }) => attributes.flatMap((each) => pathsTo(id, true, each))),
  )
}

/** The path to the attribute, and those to its sub-attributes. */
function pathsTo(schema: string, extension: boolean, attribute: AttributeDefinition): readonly AttrPath[] {
  const path: AttrPath = { kind: 'path', schema, extension, attribute }
  return [path].concat((attribute.subAttributes ?? []).map((sub) => subPath(path, sub)))
}
