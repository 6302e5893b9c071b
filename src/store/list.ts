import { sql, type Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'
import { dialectOf } from '../../db/dialects/of.ts'
import { keepPrepared } from '../../db/prepared.ts'
import type { Database } from '../../db/tables.ts'
import type { Filter } from '../scim/filter/filter.ts'
import type { Sort } from '../scim/sort.ts'
import { groupColumns, toGroup, type GroupRow, type StoredGroup } from './groups.ts'
import {
  column,
  comparisonsOf,
  literalsOf,
  matches,
  shapeOf,
  shapeOfPath,
  value,
  type Table,
  type Values,
} from './matches.ts'
import { boundMembers, MOST_MEMBERS, withMembers } from './members-of-page.ts'
import { byKey, isBehind, kindOfPlace, START, type Place, type SortKey } from './order.ts'
import { groupsJson, readGroupsJson } from './reference-json.ts'
import { compile, run, statement, wholeNumber, type Compiled } from './statement.ts'
import { toUser, userColumns, type StoredUser, type UserRow } from './users.ts'
import { goesByIndex, sortValue, type Comparison } from './where.ts'

/** Which resources to list, in the order of their creation unless they are sorted. */
export interface ListQuery {
  readonly filter?: Filter | undefined
  readonly sort?: Sort | undefined
  /** The 1-based index of the first (RFC 7644 §3.4.2.4). Deep pages cost what the first costs. */
  readonly startIndex?: number | undefined
  /** In place of `startIndex`: the page behind a place, which tells where the next one begins (RFC 9865). */
  readonly after?: Place | typeof START | undefined
  /** How many at most; 0 only counts. */
  readonly count: number
  /** The SCIM base URI; given, users come with their groups and groups with their members. */
  readonly base?: string | undefined
  /**
   * Groups come with so many members together, and users with so many groups; where there are more, a page has fewer of
   * them.
   */
  readonly mostMembers?: number | undefined
}

/** A page of a list. */
export interface Page<Resource> {
  /** How many resources there are on all pages together. */
  readonly total: number
  readonly resources: readonly Resource[]
  /** Where the next page begins. Undefined where there is none, and for a page that was found by its `startIndex`. */
  readonly next?: Place | undefined
}

/** Lists users of a directory. @throws {ScimError} `invalidFilter` for a filter that no row can answer */
export async function listUsers(
  db: Kysely<Database>,
  directoryId: string,
  { mostMembers = MOST_MEMBERS, ...query }: ListQuery,
): Promise<Page<StoredUser>> {
  const { base, count } = query
  // So many that a page has no more together, whoever they are.
  const mostGroups = Math.max(1, Math.floor(mostMembers / Math.max(1, count)))
  const found = await list<UserRow & Keyed>(db, 'users', directoryId, { ...query, mostGroups })
  if (base === undefined || (bringsReferences(query) && found.rows.every(hasGroups))) {
    return pageOf(query, found, found.rows, (row) => toUser(row))
  }
  const all = await readGroupsJson(db, idsOf(found.rows), base, mostMembers)
  if (all !== undefined) return pageOf(query, found, found.rows, (row, i) => toUser(row, all[i]))
  const kept = await boundMembers(db, 'users', found.rows, mostMembers)
  const groups = await readGroupsJson(db, idsOf(kept), base)
  return pageOf(query, found, kept, (row, i) => toUser(row, groups?.[i]))
}

const idsOf = (rows: readonly UserRow[]): string[] => rows.map(({ id }) => id)

const hasGroups = ({ groups }: UserRow): boolean => groups !== null

/** Lists groups of a directory. @throws {ScimError} `invalidFilter` for a filter that no row can answer */
export async function listGroups(
  db: Kysely<Database>,
  directoryId: string,
  { base, mostMembers = MOST_MEMBERS, ...query }: ListQuery,
): Promise<Page<StoredGroup>> {
  const found = await list<GroupRow & Keyed>(db, 'groups', directoryId, query)
  if (base === undefined) return pageOf(query, found, found.rows, toGroup)
  const kept = await boundMembers(db, 'groups', found.rows, mostMembers)
  const page = pageOf(query, found, kept, toGroup)
  return { ...page, resources: await withMembers(db, page.resources, base) }
}

/** A page with the rows that were kept of those that were found. */
function pageOf<Row extends Keyed, Resource>(
  { after }: ListQuery,
  { total, rows, hasMore }: Found<Row>,
  kept: readonly Row[],
  toResource: (row: Row, i: number) => Resource,
): Page<Resource> {
  const isCut = after !== undefined && kept.length < rows.length
  return {
    total,
    resources: kept.map(toResource),
    next: hasMore || isCut ? placeOf(kept.at(-1)) : undefined,
  }
}

const placeOf = (row: Keyed | undefined): Place | undefined =>
  row && { seq: row.seq, ...(row.key !== undefined && { key: row.key }) }

/** A row with its place in the order. */
interface Keyed {
  readonly seq: number
  readonly key?: SortKey
}

interface Found<Row> {
  readonly total: number
  readonly rows: readonly Row[]
  /** Whether something comes after, where that was asked. */
  readonly hasMore: boolean
}

/** What is looked for, and in how many groups a user may be that brings its groups. */
interface Search extends ListQuery {
  readonly mostGroups?: number
}

function list<Row extends Keyed>(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  query: Search,
): Promise<Found<Row>> {
  const isPlain = query.filter === undefined && query.sort === undefined && query.after === undefined
  return isPlain ? listAll<Row>(db, table, directoryId, query) : listFound<Row>(db, table, directoryId, query)
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

async function listAll<Row extends Keyed>(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  query: Search,
): Promise<Found<Row>> {
  const counts = await readCounts(db, table, directoryId)
  const { present: total, deleted } = counts
  const first = firstOf(query)
  if (query.count === 0 || first > total) return { total, rows: [], hasMore: false }

  const key = (index: number): string => `${directoryId} ${table} ${index}`
  const position = first === 1 ? FIRST : positions.get(key(first))
  const seq =
    position === FIRST || position?.deleted === deleted
      ? position.afterSeq
      : await seqAt(db, table, directoryId, first - 1, counts)
  // A deletion came between the total and here.
  if (seq === undefined) return { total, rows: [], hasMore: false }

  const rows = await readPage<Row>(db, table, query, {
    directoryId,
    after: { seq },
    offset: 0,
    limit: query.count,
  })
  const last = rows.at(-1)
  if (last !== undefined) {
    positions.set(key(first), { deleted, afterSeq: seq })
    positions.set(key(first + rows.length), { deleted, afterSeq: last.seq })
  }
  return { total, rows, hasMore: false }
}

const FIRST = { deleted: 0, afterSeq: 0 }

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
const MARK_EVERY = 250

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
  const after = (seq: number, skipped: number): Promise<{ readonly seq: number } | undefined> =>
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
  statement<{ directoryId: string; after: number; skipped: number }, { readonly seq: number }>(
    ({ db, value }) =>
      db
        .selectFrom(table)
        .select('seq')
        .where('directory_id', '=', value('directoryId'))
        .where('seq', '>', wholeNumber(value('after')))
        .orderBy('seq')
        .limit(1)
        .offset(wholeNumber(value('skipped'))),
  )

const seqAfter = { users: seqAfterIn('users'), groups: seqAfterIn('groups') }

/** How many resources of a directory match. */
export async function countAll(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  filter: Filter | undefined,
): Promise<number> {
  if (filter !== undefined) return countMatches(db, table, directoryId, filter)
  return (await readCounts(db, table, directoryId)).present
}

async function listFound<Row extends Keyed>(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  query: Search,
): Promise<Found<Row>> {
  const { filter, count, after } = query
  const offset = after === undefined ? firstOf(query) - 1 : 0
  // One more than the page has tells whether another one follows.
  const limit = after === undefined ? count : count + 1
  const place = { directoryId, after: after ?? START, offset, limit } as const
  const rows = count === 0 ? [] : await readPage<Row>(db, table, query, place)
  // A page that begins the list and is not full is the list.
  const isWhole = count > 0 && place.after === START && offset === 0 && rows.length < limit
  const total = isWhole ? rows.length : await countAll(db, table, directoryId, filter)
  return { total, rows: rows.slice(0, count), hasMore: rows.length > count }
}

/** Which rows of those that match. */
interface Range {
  readonly directoryId: string
  /** What comes after this place, */
  readonly after: Place | typeof START
  /** and after so many more. */
  readonly offset: number
  readonly limit: number
}

async function readPage<Row extends Keyed>(
  db: Kysely<Database>,
  table: Table,
  query: Search,
  { after, ...range }: Range,
): Promise<readonly Row[]> {
  const { filter, sort, base, mostGroups } = query
  const withReferences = table === 'users' && bringsReferences(query)
  const comparisons = filter === undefined ? [] : comparisonsOf(filter)
  const order = sort && { ...sort, after }
  const name = `page ${table} ${withReferences} ${shapeOfOrder(order)} ${shapeOf(filter)}`
  const page = compiled<Row>(db, name, order === undefined && isCommon(filter), () =>
    order === undefined
      ? pageQuery(db, table, withReferences, filter, comparisons)
      : sortedPageQuery(db, table, withReferences, filter, comparisons, order),
  )
  const { seq, key } = after === START ? { seq: 0, key: null } : after
  return (await run(db, page, { ...range, seq, key, base, mostGroups, ...literalsOf(comparisons) })).rows
}

/**
 * Whether the users of a page bring their groups: those of a few that were looked up are not worth a statement, those of
 * many are cheaper to read together.
 */
function bringsReferences({ filter, base }: ListQuery): boolean {
  return base !== undefined && filter !== undefined && goesByIndex(filter)
}

async function countMatches(
  db: Kysely<Database>,
  table: Table,
  directoryId: string,
  filter: Filter,
): Promise<number> {
  const comparisons = comparisonsOf(filter)
  const count = compiled<{ total: number }>(db, `count ${table} ${shapeOf(filter)}`, isCommon(filter), () =>
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
  return matches(db, table, filter, comparisons)
    .select(columnsOf(table))
    .$if(withReferences && table === 'users', (query) => query.select(groups(db)))
    .where(column(dialectOf(db), 'seq', filter), '>', wholeNumber(value<number>('seq')))
    .orderBy('seq')
    .limit(wholeNumber(value<number>('limit')))
    .offset(wholeNumber(value<number>('offset')))
}

interface Order extends Sort {
  readonly after: Place | typeof START
}

/** The rows of the page are found by their keys alone, so that no document goes through the sorter. */
function sortedPageQuery(
  db: Kysely<Database>,
  table: Table,
  withReferences: boolean,
  filter: Filter | undefined,
  comparisons: readonly Comparison[],
  { after, ...sort }: Order,
) {
  const key = sortValue(sort.path, { table, dialect: dialectOf(db) })
  const keyed = matches(db, table, filter, comparisons)
    .where(dialectOf(db).inTime)
    .select(['seq', sql<SortKey>`${key}`.as('key')])
  const tie = sql<boolean>`seq > ${value('seq')}`
  // The key of several values is looked for once, and not at each comparison.
  const isCostly = sort.path.attribute.multiValued && after !== START
  const page = db
    .with(
      (cte) => (isCostly ? cte('keyed').materialized() : cte('keyed')),
      () => keyed,
    )
    .selectFrom('keyed')
    .selectAll()
    .where(isBehind(after, sort, { column: sql.ref('key'), value: value('key') }, tie))
    .orderBy(byKey(sql.ref('key'), sort))
    .orderBy('seq')
    .limit(wholeNumber(value<number>('limit')))
    .offset(wholeNumber(value<number>('offset')))
  return db
    .selectFrom(page.as('page'))
    .innerJoin(table as 'users', `${table as 'users'}.seq`, 'page.seq')
    .select(columnsOf(table).map((name) => `${table as 'users'}.${name}` as const))
    .select('page.key')
    .$if(withReferences && table === 'users', (query) => query.select(groups(db)))
    .orderBy(byKey(sql.ref('page.key'), sort))
    .orderBy('page.seq')
}

const columnsOf = (table: Table): readonly (typeof userColumns | typeof groupColumns)[number][] =>
  table === 'users' ? userColumns : groupColumns

const groups = (db: Kysely<Database>) =>
  groupsJson(dialectOf(db), sql.ref('users.id'), value('base'), value<number>('mostGroups')).as('groups')

// A filter is compiled once for each shape: the operators and attributes without the literals.

const shapes = new LRUCache<string, Compiled<Values, unknown>>({ max: 500 })

function compiled<Row>(
  db: Kysely<Database>,
  name: string,
  isFixed: boolean,
  build: () => { compile(): Compiled<Values, Row>['query'] },
): Compiled<Values, Row> {
  const key = `${dialectOf(db).name} ${name}`
  const known = shapes.get(key)
  // The shape tells the columns, and so the row.
  if (known !== undefined) return known as Compiled<Values, Row>
  const fresh = compile<Values, Row>(build(), db)
  if (isFixed) keepPrepared(fresh.query.sql)
  shapes.set(key, fresh)
  return fresh
}

/** There are as many of these as attributes; of all others there are as many as somebody cares to write. */
const isCommon = (filter: Filter | undefined): boolean => filter === undefined || filter.kind === 'compare'

function shapeOfOrder(order: Order | undefined): string {
  if (order === undefined) return ''
  const { path, descending, after } = order
  return `${shapeOfPath(path)} ${descending} ${kindOfPlace(after)}`
}
