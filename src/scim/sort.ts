import type { ResourceType } from '../../schemas/definition.ts'
import { findAttribute } from './attribute.ts'
import { invalidValue, quote } from './error.ts'
import { parseAttrPath } from './path/parse.ts'
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
  const { sortBy, sortOrder = 'ascending' } = parameters
  if (sortOrder !== 'ascending' && sortOrder !== 'descending') {
    throw invalidValue(`\`sortOrder\` must be ascending or descending, not ${quote(sortOrder)}`)
  }
  if (sortBy === undefined || sortBy === '') return undefined
  return { path: sortable(parseAttrPath(sortBy, type)), descending: sortOrder === 'descending' }
}

function sortable(path: AttrPath): AttrPath {
  const { type, returned } = definitionAt(path)
  const value = type === 'complex' ? findAttribute(path.attribute.subAttributes ?? [], 'value') : undefined
  if (path.attribute.returned === 'never' || returned === 'never' || (type === 'complex' && !value)) {
    throw invalidValue(`resources cannot be sorted by \`${pathName(path)}\``)
  }
  return value ? subPath(path, value) : path
}
