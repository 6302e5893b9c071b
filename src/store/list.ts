import { sql, type Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Dialect } from '../../db/dialects/dialect.ts'
import { dialectOf } from '../../db/dialects/of.ts'
import { keepPrepared } from '../../db/prepared.ts'
import type { Database } from '../../db/tables.ts'
import type { Filter } from '../scim/filter/filter.ts'
import { definitionAt, pathName } from '../scim/path/path.ts'
import { groupColumns, toGroup, type GroupRow, type StoredGroup } from './groups.ts'
import { groupsJson, membersJson, readGroupsJson } from './reference-json.ts'
import { compile, placeholder, rowCount, run, statement, type Compiled } from './statement.ts'
import { toUser, userColumns, type StoredUser, type UserRow } from './users.ts'
import { goesByIndex, goesByOtherIndex, isLookUp, preparedLiteral, where, type Comparison } from './where.ts'

/** Which resources to list, in the order of their creation. */
export interface ListQuery {
  readonly filter?: Filter | undefined
  /** The 1-based index of the first (RFC 7644 §3.4.2.4). Deep pages cost what the first costs. */
  readonly startIndex?: number | undefined
  /** The `seq` of the last resource of the page before, in place of `startIndex`. */
  readonly afterSeq?: number | undefined
  /** How many at most; 0 only counts. */
  readonly count: number
  /** The SCIM base URI; given, users come with their groups and groups with their members. */
  readonly base?: string | undefined
}

/** A page of a list. */
export interface Page<Resource> {
  /** How many resources there are on all pages together. */
  readonly total: number
  readonly resources: readonly Resource[]
}

/** Lists users of a directory. @throws {ScimError} `invalidFilter` for a filter that no row can answer */
export async function listUsers(
  db: Kysely<Database>,
  directoryId: string,
  query: ListQuery,
): Promise<Page<StoredUser>> {
  const { total, resources } = await list<UserRow>(db, 'users', directoryId, query)
  if (query.base === undefined || bringsReferences('users', query)) {
    return { total, resources: resources.map((row) => toUser(row)) }
  }
  const ids = resources.map(({ id }) => id)
  const groups = await readGroupsJson(db, ids, query.base)
  return { total, resources: resources.map((row, i) => toUser(row, groups[i])) }
}

/** Lists groups of a directory. @throws {ScimError} `invalidFilter` for a filter that no row can answer */
export async function listGroups(
  db: Kysely<Database>,
  directoryId: string,
  query: ListQuery,
): Promise<Page<StoredGroup>> {
  const { total, resources } = await list<GroupRow>(db, 'groups', directoryId, query)
  return { total, resources: resources.map(toGroup) }
}

type Table = 'users' | 'groups'

interface ResourceRow {
  readonly seq: number
}

async function list<Row extends ResourceRow>(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  query: ListQuery,
): Promise<Page<Row>> {
  return query.filter === undefined
    ? listAll<Row>(db, table, directoryId, query)
    : listMatches<Row>(db, table, directoryId, query, query.filter)
}

/**
 * Where pages begin that were served: directory, table and `startIndex` lead to the `seq` before.
 *
 * An offset costs as much as the rows it passes over, so a page that was served or follows one begins at a key, and
 * one that somebody jumps to begins close to a mark.
 * Positions move when something is deleted and only then, so each is kept with the number of deletions at its time.
 */
const positions = new LRUCache<string, { readonly deleted: number; readonly afterSeq: number }>({
  max: 20_000,
})

async function listAll<Row extends ResourceRow>(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  query: ListQuery,
): Promise<Page<Row>> {
  const counts = await readCounts(db, table, directoryId)
  const { present: total, deleted } = counts
  const first = firstOf(query)
  if (query.count === 0 || first > total) return { total, resources: [] }

  const key = (index: number): string => `${directoryId} ${table} ${index}`
  const position = first === 1 ? START : positions.get(key(first))
  const after =
    query.afterSeq ??
    (position === START || position?.deleted === deleted
      ? position.afterSeq
      : await seqAt(db, table, directoryId, first - 1, counts))
  // A deletion came between the total and here.
  if (after === undefined) return { total, resources: [] }

  const resources = await readPage<Row>(db, table, query, { directoryId, after, offset: 0 })
  const last = resources.at(-1)
  if (query.afterSeq === undefined && last !== undefined) {
    positions.set(key(first), { deleted, afterSeq: after })
    positions.set(key(first + resources.length), { deleted, afterSeq: last.seq })
  }
  return { total, resources }
}

const START = { deleted: 0, afterSeq: 0 }

function firstOf({ startIndex = 1 }: ListQuery): number {
  return Math.max(1, startIndex)
}

interface Counts {
  readonly present: number
  readonly deleted: number
}

async function readCounts(db: Kysely<Database>, table: Table, directoryId: string): Promise<Counts> {
  const row = await sumsOf.first(db, { directoryId, table })
  return { present: row?.present ?? 0, deleted: row?.deleted ?? 0 }
}

const sumsOf = statement<
  { directoryId: string; table: Table },
  { present: number | null; deleted: number | null }
>(({ db, value }) =>
  db
    .selectFrom('counts')
    .select(({ fn }) => [
      fn.sum<number | null>('present').as('present'),
      fn.sum<number | null>('deleted').as('deleted'),
    ])
    .where('directory_id', '=', value('directoryId'))
    .where('kind', '=', value('table')),
)

/** A page that follows none that was served is found from the nearest of these, one after so many resources. */
const MARK_EVERY = 1000

/** The `seq`s at the marks of a directory and table, from position 0 as far as somebody asked. */
const marks = new LRUCache<string, { readonly state: string; readonly seqs: number[] }>({ max: 1000 })

/** The `seq` of the resource at a 1-based position; undefined behind the end. */
async function seqAt(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  position: number,
  counts: Counts,
): Promise<number | undefined> {
  const seqs = marksOf(db, table, directoryId, counts)
  const after = (seq: number, skipped: number): Promise<ResourceRow | undefined> =>
    seqAfter[table].first(db, { directoryId, after: seq, skipped })
  const nearest = Math.floor(position / MARK_EVERY)
  while (seqs.length <= nearest) {
    const index = seqs.length
    const next = await after(seqs[index - 1] ?? 0, MARK_EVERY - 1)
    if (next === undefined) return undefined
    // By its index: another request may have found it meanwhile.
    seqs[index] = next.seq
  }
  const seq = seqs[nearest] ?? 0
  const rest = position % MARK_EVERY
  return rest === 0 ? seq : (await after(seq, rest - 1))?.seq
}

function marksOf(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  { present, deleted }: Counts,
): number[] {
  // Of writers who come at once, one may bring to light a row in front of those that are known.
  const state = dialectOf(db).locksRows ? `${deleted} ${present}` : `${deleted}`
  const key = `${directoryId} ${table}`
  const known = marks.get(key)
  if (known?.state === state) return known.seqs
  const fresh = { state, seqs: [0] }
  marks.set(key, fresh)
  return fresh.seqs
}

/** The resource behind a `seq` and so many more, found by passing over those in the index. */
const seqAfterIn = (table: Table) =>
  statement<{ directoryId: string; after: number; skipped: number }, ResourceRow>(({ db, value }) =>
    db
      .selectFrom(table)
      .select('seq')
      .where('directory_id', '=', value('directoryId'))
      .where('seq', '>', value('after'))
      .orderBy('seq')
      .limit(1)
      .offset(rowCount(value('skipped'))),
  )

const seqAfter = { users: seqAfterIn('users'), groups: seqAfterIn('groups') }

async function listMatches<Row extends ResourceRow>(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  query: ListQuery,
  filter: Filter,
): Promise<Page<Row>> {
  const offset = query.afterSeq === undefined ? firstOf(query) - 1 : 0
  const place = { directoryId, after: query.afterSeq ?? 0, offset }
  const resources = query.count === 0 ? [] : await readPage<Row>(db, table, query, place)
  // A page that begins the list and is not full is the list.
  const isWhole = place.after === 0 && offset === 0 && resources.length < query.count
  const total = isWhole ? resources.length : await countMatches(db, table, directoryId, filter)
  return { total, resources }
}

interface Place {
  readonly directoryId: string
  /** The page holds what comes after this `seq`, */
  readonly after: number
  /** and after so many more. */
  readonly offset: number
}

async function readPage<Row extends ResourceRow>(
  db: Kysely<Database>,
  table: Table,
  query: ListQuery,
  place: Place,
): Promise<readonly Row[]> {
  const { filter, count, base } = query
  const withReferences = bringsReferences(table, query)
  const comparisons = filter === undefined ? [] : comparisonsOf(filter)
  const page = compiled<Row>(db, `page ${table} ${withReferences} ${shapeOf(filter)}`, filter, () =>
    pageQuery(db, table, withReferences, filter, comparisons),
  )
  return (await run(db, page, { ...place, count, base, ...literalsOf(comparisons) })).rows
}

/**
 * Whether the rows of a page bring their references. Members do; the groups of many users are cheaper to read together,
 * those of a few that were looked up are not worth a statement.
 */
function bringsReferences(table: Table, { filter, base }: ListQuery): boolean {
  return base !== undefined && (table === 'groups' || (filter !== undefined && goesByIndex(filter)))
}

async function countMatches(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  filter: Filter,
): Promise<number> {
  const comparisons = comparisonsOf(filter)
  const count = compiled<{ total: number }>(db, `count ${table} ${shapeOf(filter)}`, filter, () =>
    matches(db, table, filter, comparisons).select(({ fn }) => fn.countAll<number>().as('total')),
  )
  const { rows } = await run(db, count, { directoryId, ...literalsOf(comparisons) })
  return rows[0]?.total ?? 0
}

function pageQuery(
  db: Kysely<Database>,
  table: Table,
  withReferences: boolean,
  filter: Filter | undefined,
  comparisons: readonly Comparison[],
) {
  const dialect = dialectOf(db)
  const columns = table === 'users' ? userColumns : groupColumns
  const references =
    table === 'users'
      ? groupsJson(dialect, sql.ref('users.id'), value('base')).as('groups')
      : membersJson(dialect, sql.ref('groups.id'), value('base')).as('members')
  return matches(db, table, filter, comparisons)
    .select(columns)
    .$if(withReferences, (query) => query.select(references))
    .where(column(dialect, 'seq', filter), '>', value<number>('after'))
    .orderBy('seq')
    .limit(rowCount(value<number>('count')))
    .offset(rowCount(value<number>('offset')))
}

function matches(
  db: Kysely<Database>,
  table: Table,
  filter: Filter | undefined,
  comparisons: readonly Comparison[],
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
    literal: (comparison: Comparison) => value(String(comparisons.indexOf(comparison))),
  }
  return query.where(where(filter, scope))
}

/** A column of every resource. Where indexes lead to the matches, they are not to be passed over for one over it. */
function column(dialect: Dialect, name: 'directory_id' | 'seq', filter: Filter | undefined) {
  const reference = sql.ref(name)
  return filter !== undefined && goesByOtherIndex(filter) ? dialect.notByIndex(reference) : reference
}

// A filter is compiled once for each shape: the operators and attributes without the literals.

type Values = Readonly<Record<string, unknown>>

const value = <T = string>(name: string) => placeholder<Record<string, T>, string>(name)

const shapes = new LRUCache<string, Compiled<Values, unknown>>({ max: 500 })

function compiled<Row>(
  db: Kysely<Database>,
  name: string,
  filter: Filter | undefined,
  build: () => { compile(): Compiled<Values, Row>['query'] },
): Compiled<Values, Row> {
  const key = `${dialectOf(db).name} ${name}`
  const known = shapes.get(key)
  // The shape tells the columns, and so the row.
  if (known !== undefined) return known as Compiled<Values, Row>
  const fresh = compile<Values, Row>(build(), db)
  // There are as many of these as attributes; of all others there are as many as somebody cares to write.
  if (filter === undefined || filter.kind === 'compare') keepPrepared(fresh.query.sql)
  shapes.set(key, fresh)
  return fresh
}

function shapeOf(filter: Filter | undefined): string {
  switch (filter?.kind) {
    case undefined:
      return ''
    case 'and':
    case 'or':
      return `(${filter.kind} ${filter.filters.map(shapeOf).join(' ')})`
    case 'not':
      return `(not ${shapeOf(filter.filter)})`
    case 'present':
      return `(pr ${pathName(filter.path)})`
    case 'element':
      return `(in ${pathName(filter.path)} ${shapeOf(filter.filter)})`
    case 'compare':
      return `(${filter.op} ${pathName(filter.path)} ${definitionAt(filter.path).type} ${isLookUp(filter)})`
  }
}

function comparisonsOf(filter: Filter): Comparison[] {
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

function literalsOf(comparisons: readonly Comparison[]): Values {
  return Object.fromEntries(comparisons.map((comparison, i) => [i, preparedLiteral(comparison)]))
}
