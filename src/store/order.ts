import { sql, type Expression, type RawBuilder } from 'kysely'
import type { Sort } from '../scim/sort.ts'

/** A value by which resources are sorted, as the database gives it; null: there is none. */
export type SortKey = string | number | null

/** A place in an order of resources: right behind one of them. */
export interface Place {
  /** The `seq` of that resource, which decides among equals. */
  readonly seq: number
  /** What it is sorted by, where it is sorted by something. */
  readonly key?: SortKey
}

/** In place of a {@link Place}: in front of all resources. */
export const START = 'start'

/** A column and the value in a statement that it is compared with. */
interface Compared {
  readonly column: Expression<unknown>
  readonly value: Expression<unknown>
}

/** What lies behind a place: no row in front of it has to be read. */
export function isBehind(
  place: Place | typeof START,
  sort: Pick<Sort, 'descending'>,
  key: Compared,
  tie: RawBuilder<boolean>,
): RawBuilder<boolean> {
  if (place === START) return sql`true`
  const none = sql`${key.column} is null`
  if (place.key === null) return sort.descending ? sql`(not ${none} or ${tie})` : sql`(${none} and ${tie})`
  const equals = sql`(${key.column} = ${key.value} and ${tie})`
  return sort.descending
    ? sql`(${key.column} < ${key.value} or ${equals})`
    : sql`(${key.column} > ${key.value} or ${equals} or ${none})`
}

/** For `order by`: those without a value come last, and first where it is descending (RFC 7644 §3.4.2.3). */
export function byKey(
  key: Expression<unknown>,
  { descending }: Pick<Sort, 'descending'>,
): RawBuilder<unknown> {
  return descending ? sql`${key} desc nulls first` : sql`${key} asc nulls last`
}

/** What tells the statement for one place from that for another. */
export const kindOfPlace = (place: Place | typeof START): string =>
  place === START ? START : place.key === null ? 'none' : 'some'
