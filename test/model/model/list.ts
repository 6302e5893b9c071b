import { ATTRIBUTES, isDoc, kindAt, listOf, valuesAt } from './attributes.ts'
import type { Doc, Json, Kinds, Path, TypeName } from './attributes.ts'
import { checkFilter, keyOf, matches, orderOf } from './filter.ts'
import type { Filter } from './filter.ts'
import { bad } from './refusal.ts'
import { isPrimary } from './values.ts'
import { show } from './world.ts'
import type { World } from './world.ts'

/** What is asked of a list (RFC 7644 §3.4.2). */
export interface Query {
  readonly type: TypeName
  readonly filter?: Filter
  readonly sortBy?: Path
  readonly descending?: boolean
  readonly startIndex?: number
  readonly count?: number
}

/** All that a query finds, in order, and the page of it that is asked for. @throws Refusal */
export function list(world: World, query: Query): { readonly all: Doc[]; readonly page: Doc[] } {
  const { type, filter, sortBy, descending = false, startIndex = 1, count = 100 } = query
  const kinds = ATTRIBUTES[type]
  if (filter) checkFilter(filter, kinds, world.strict)
  const all = world.resources
    .filter((resource) => resource.type === type)
    .map((resource) => show(world, resource))
    .filter((shown) => filter === undefined || matches(filter, shown, kinds))
  if (sortBy) sort(all, sortBy, kinds, descending)
  const first = Math.max(1, startIndex) - 1
  return { all, page: all.slice(first, first + Math.max(0, count)) }
}

/** Who has no value is last, and first where it is descending; equals stay in the order of creation. */
function sort(shown: Doc[], sortBy: Path, kinds: Kinds, descending: boolean): void {
  const kind = kindAt(kinds, sortBy)
  const simple = kind?.subs ? kind.subs['value'] : kind
  if (!kind) throw bad('invalidPath')
  if (!simple) throw bad('invalidValue')
  const keyed = new Map(
    shown.map((each) => {
      const value = sortValue(each, sortBy, kind.subs !== undefined)
      return [each, value === undefined ? undefined : keyOf(value, simple)]
    }),
  )
  shown.sort((left, right) => {
    const [a, b] = [keyed.get(left), keyed.get(right)]
    const order =
      a === undefined || b === undefined ? Number(a === undefined) - Number(b === undefined) : orderOf(a, b)
    return descending ? -order : order
  })
}

/** Of several values the primary one, or else the first (RFC 7644 §3.4.2.3). */
function sortValue(shown: Doc, path: Path, isComplex: boolean): Json | undefined {
  const whole = isComplex ? path : path.slice(0, -1)
  const name = isComplex ? 'value' : (path.at(-1) ?? '')
  const places = whole.length === 0 ? [shown] : valuesAt(shown, whole)
  const values = places
    .toSorted((left, right) => Number(isPrimary(right)) - Number(isPrimary(left)))
    .flatMap((each) => (isDoc(each) ? listOf(each[name]) : []))
  return values.find((value) => value !== '')
}
