import type { ResourceType } from '../../schemas/definition.ts'
import { findAttribute } from './attribute.ts'
import { invalidValue, quote } from './error.ts'
import { parseAttrPath, resolvePath } from './path/parse.ts'
import { definitionAt, pathName, subPath, type AttrPath } from './path/path.ts'
import { isOfType } from './resource/of-type.ts'
import { comparePrepared, prepare } from './resource/prepare.ts'
import { isComplex, type Resource, type Value } from './resource/resource.ts'
import { attributeValue, isPresent, listOf } from './resource/values.ts'

/**
 * An order of resources (RFC 7644 §3.4.2.3): by the value at the path, of a multi-valued attribute by its primary value
 * or else its first. Resources without a value come last, and first where it is descending.
 */
export interface Sort {
  readonly path: AttrPath
  readonly descending: boolean
}

/**
 * Reads the parameters `sortBy` and `sortOrder`; undefined without `sortBy`.
 *
 * @throws ScimError `invalidPath` for an unknown attribute, `invalidValue` for one without an order
 */
export function parseSort(
  parameters: { readonly sortBy?: string | undefined; readonly sortOrder?: string | undefined },
  type: ResourceType,
): Sort | undefined {
  return parseSortAmong(parameters, type, [])
}

/**
 * The same where other types are listed too: undefined as well for an attribute that only they have, by which no
 * resource of this type has a place of its own.
 */
export function parseSortAmong(
  parameters: { readonly sortBy?: string | undefined; readonly sortOrder?: string | undefined },
  type: ResourceType,
  others: readonly ResourceType[],
): Sort | undefined {
  const { sortBy, sortOrder = 'ascending' } = parameters
  if (sortOrder !== 'ascending' && sortOrder !== 'descending') {
    throw invalidValue(`\`sortOrder\` must be ascending or descending, not ${quote(sortOrder)}`)
  }
  if (sortBy === undefined || sortBy === '') return undefined
  const knowing = [type, ...others].find((each) => resolvePath(sortBy, each)) ?? type
  const path = sortable(parseAttrPath(sortBy, knowing))
  return knowing === type ? { path, descending: sortOrder === 'descending' } : undefined
}

/**
 * Which of two resources comes first, as the same order compiled to SQL would say: below zero the one, above it the
 * other, and zero for equals, who stay as they stand.
 */
export function compareBy({ path, descending }: Sort): (one: Resource, other: Resource) => number {
  return (one, other) => {
    const [a, b] = [sortKey(one, path), sortKey(other, path)]
    const ascending =
      a === undefined || b === undefined
        ? Number(a === undefined) - Number(b === undefined)
        : comparePrepared(a, b)
    return descending ? -ascending : ascending
  }
}

/** What a resource is sorted by: its primary value or else its first, prepared; undefined without one. */
function sortKey(resource: Resource, path: AttrPath): string | number | boolean | undefined {
  const definition = definitionAt(path)
  const elements = listOf(attributeValue(resource, path)).filter((element) =>
    isPresent(partOf(element, path)),
  )
  const primary = elements.find((element) => isComplex(element) && element['primary'] === true)
  const value = partOf(primary ?? elements[0], path)
  return isSimple(value) && isOfType(value, definition) ? prepare(value, definition) : undefined
}

const partOf = (element: Value | undefined, { sub }: AttrPath): Value | undefined =>
  sub === undefined || !isComplex(element) ? element : element[sub.name]

const isSimple = (value: Value | undefined): value is string | number | boolean =>
  value !== undefined && typeof value !== 'object'

function sortable(path: AttrPath): AttrPath {
  const { type, returned } = definitionAt(path)
  const value = type === 'complex' ? findAttribute(path.attribute.subAttributes ?? [], 'value') : undefined
  const isHidden = path.attribute.returned === 'never' || returned === 'never'
  if (isHidden || (type === 'complex' && !value) || UNORDERED.has(pathName(path))) {
    throw invalidValue(`resources cannot be sorted by \`${pathName(path)}\``)
  }
  return value ? subPath(path, value) : path
}

/** Addresses of resources are made when they are sent: nobody has them to compare. Versions have no order. */
const UNORDERED: ReadonlySet<string> = new Set([
  'meta.location',
  'meta.version',
  'groups.$ref',
  'members.$ref',
])
