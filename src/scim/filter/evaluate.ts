import { assumedAt, definitionAt, type AttrPath } from '../path/path.ts'
import { isOfType } from '../resource/of-type.ts'
import { comparePrepared, prepare } from '../resource/prepare.ts'
import { isComplex, type Complex, type Resource, type Value } from '../resource/resource.ts'
import { isPresent, listOf, valuesAt } from '../resource/values.ts'
import type { CompareOp, Filter } from './filter.ts'

/**
 * Whether a resource fulfils a filter, as the same filter compiled to SQL would say (RFC 7644 §3.4.2.2).
 *
 * `id`, `meta`, `groups` and `members` count as absent unless the resource given holds them.
 *
 * @example evaluate(parseFilter('userType eq "Employee"', userType), user)
 */
export function evaluate(filter: Filter, resource: Resource): boolean {
  return test(filter, (path, assumed) => valuesAt(resource, path, assumed))
}

/** Whether one element of a complex attribute fulfils a filter that stood in brackets. */
export function evaluateElement(filter: Filter, element: Complex): boolean {
  return test(filter, ({ sub }, assumed) => listOf(sub && (element[sub.name] ?? assumed)))
}

/** The values at a path, and what is assumed in elements that have none. */
type At = (path: AttrPath, assumed?: Value) => readonly Value[]

function test(filter: Filter, at: At): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((each) => test(each, at))
    case 'or':
      return filter.filters.some((each) => test(each, at))
    case 'not':
      return !test(filter.filter, at)
    case 'present':
      return meant(filter.path, at).length > 0
    case 'element':
      return at(filter.path).some((value) => isComplex(value) && evaluateElement(filter.filter, value))
    case 'compare': {
      const definition = definitionAt(filter.path)
      const wanted = prepare(filter.value, definition)
      const values = meant(filter.path, at, assumedAt(filter.path))
      if (filter.op === 'ne' && values.length === 0) return true
      return values.some((value) => isSimple(value) && matches(filter.op, prepare(value, definition), wanted))
    }
  }
}

/** The values at a path that are there and of the attribute's type, or what is assumed in their place. */
function meant(path: AttrPath, at: At, assumed?: Value): readonly Value[] {
  const definition = definitionAt(path)
  return at(path, assumed).flatMap((value) =>
    isPresent(value) && isOfType(value, definition) ? [value] : listOf(assumed),
  )
}

type Simple = string | number | boolean

function isSimple(value: Value): value is Simple {
  return typeof value !== 'object'
}

function matches(op: CompareOp, value: Simple, wanted: Simple): boolean {
  switch (op) {
    case 'eq':
      return value === wanted
    case 'ne':
      return value !== wanted
    case 'co':
      return String(value).includes(String(wanted))
    case 'sw':
      return String(value).startsWith(String(wanted))
    case 'ew':
      return String(value).endsWith(String(wanted))
    case 'gt':
      return comparePrepared(value, wanted) > 0
    case 'ge':
      return comparePrepared(value, wanted) >= 0
    case 'lt':
      return comparePrepared(value, wanted) < 0
    case 'le':
      return comparePrepared(value, wanted) <= 0
  }
}
