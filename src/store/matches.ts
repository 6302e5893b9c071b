import { sql, type Kysely } from 'kysely'
import type { Dialect } from '../../db/dialects/dialect.ts'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import type { Filter } from '../scim/filter/filter.ts'
import { definitionAt, pathName, type AttrPath } from '../scim/path/path.ts'
import { lookUpKey } from '../scim/resource/search.ts'
import { placeholder } from './statement.ts'
import { goesByColumn, goesByOtherIndex, isLookUp, preparedLiteral, where, type Comparison } from './where.ts'

/** The tables that hold resources. */
export type Table = 'users' | 'groups'

/** The values of a statement by their names. */
export type Values = Readonly<Record<string, unknown>>

/** The place of a value that is given when the statement runs. */
export const value = <T = string>(name: string) => placeholder<Record<string, T>, string>(name)

/** The rows of a directory that match a filter. Its literals are values by their numbers, behind a prefix. */
export function matches(
  db: Kysely<Database>,
  table: Table,
  filter: Filter | undefined,
  comparisons: readonly Comparison[],
  prefix = '',
) {
  const dialect = dialectOf(db)
  const query = db
    .selectFrom(table as 'users')
    .where(column(dialect, 'directory_id', filter), '=', value('directoryId'))
  if (filter === undefined) return query
  const scope = {
    table,
    dialect,
    directoryId: value('directoryId'),
    literal: (comparison: Comparison) => value(`${prefix}${comparisons.indexOf(comparison)}`),
  }
  return (goesByColumn(filter) ? query : query.where(dialect.inTime)).where(where(filter, scope))
}

/** A column of every resource. Where indexes lead to the matches, they are not to be passed over for one over it. */
export function column(dialect: Dialect, name: 'directory_id' | 'seq', filter: Filter | undefined) {
  const reference = sql.ref(name)
  return filter !== undefined && goesByOtherIndex(filter) ? dialect.notByIndex(reference) : reference
}

/** What is the same in filters that differ by their literals alone: a statement is compiled once for each. */
export function shapeOf(filter: Filter | undefined): string {
  switch (filter?.kind) {
    case undefined:
      return ''
    case 'and':
    case 'or':
      return `(${filter.kind} ${filter.filters.map(shapeOf).join(' ')})`
    case 'not':
      return `(not ${shapeOf(filter.filter)})`
    case 'present':
      return `(pr ${shapeOfPath(filter.path)})`
    case 'element':
      return `(in ${pathName(filter.path)} ${shapeOf(filter.filter)})`
    case 'compare':
      return `(${filter.op} ${shapeOfPath(filter.path)} ${isLookUp(filter) ? lookUpKey(filter.path) : ''})`
  }
}

/** What SQL knows of a path: an attribute that is defined anew is another one. */
export function shapeOfPath(path: AttrPath): string {
  return `${pathName(path)} ${definitionAt(path).type} ${path.attribute.multiValued}`
}

/** The comparisons of a filter, in one order. */
export function comparisonsOf(filter: Filter): Comparison[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(comparisonsOf)
    case 'not':
    case 'element':
      return comparisonsOf(filter.filter)
    case 'present':
      return []
    case 'compare':
      return [filter]
  }
}

/** The values that {@link matches} takes for its comparisons. */
export function literalsOf(comparisons: readonly Comparison[], prefix = ''): Values {
  return Object.fromEntries(
    comparisons.map((comparison, i) => [`${prefix}${i}`, preparedLiteral(comparison)]),
  )
}
