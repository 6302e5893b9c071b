import type { ResourceType } from '../../schemas/definition.ts'
import { findAttribute } from './attribute.ts'
import { invalidValue, quote } from './error.ts'
import { parseAttrPath, resolvePath } from './path/parse.ts'
import { definitionAt, pathName, subPath, type AttrPath } from './path/path.ts'

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
