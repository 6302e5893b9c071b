import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import type { Filter } from '../scim/filter/filter.ts'
import type { Sort } from '../scim/sort.ts'
import { groupColumns, toGroup, type StoredGroup } from './groups.ts'
import { countAll, type Page } from './list.ts'
import { comparisonsOf, literalsOf, matches, value, type Table, type Values } from './matches.ts'
import { boundMembers, MOST_MEMBERS, withMembers } from './members-of-page.ts'
import { byKey, isBehind, START, type Place, type SortKey } from './order.ts'
import { groupsJson } from './reference-json.ts'
import { compile, wholeNumber, run } from './statement.ts'
import { toUser, userColumns, type StoredUser, type UserRow } from './users.ts'
import { sortValue } from './where.ts'

/** What to list of one kind of resource. */
export interface Part {
  /** As the kind reads it: attributes that it does not have are absent. */
  readonly filter: Filter | undefined
  /** Undefined where the kind does not have the attribute that everything is sorted by. */
  readonly sort: Sort | undefined
  /** The SCIM base URI; given, resources come with their references. */
  readonly base: string | undefined
}

/** Which users and groups to list together: users first, unless they are sorted. */
export interface EverythingQuery {
  readonly users: Part
  readonly groups: Part
  readonly descending: boolean
  readonly startIndex?: number | undefined
  /** In place of `startIndex`: see `ListQuery` in `list.ts`. */
  readonly after?: PlaceOfEither | typeof START | undefined
  readonly count: number
}

/** A place among users and groups. */
export interface PlaceOfEither extends Place {
  readonly kind: Kind
}

/** The order of the kinds among equals. */
type Kind = 0 | 1

const KINDS: Readonly<Record<Table, Kind>> = { users: 0, groups: 1 }

/** Lists users and groups of a directory together (RFC 7644 §3.4.2.1). */
export async function listEverything(
  db: Kysely<Database>,
  directoryId: string,
  query: EverythingQuery,
): Promise<Page<StoredUser | StoredGroup> & { readonly next?: PlaceOfEither | undefined }> {
  const totals = await Promise.all([
    countAll(db, 'users', directoryId, query.users.filter),
    countAll(db, 'groups', directoryId, query.groups.filter),
  ])
  const total = totals[0] + totals[1]
  if (query.count === 0) return { total, resources: [] }
  const found = await pick(db, directoryId, query)
  const kept = await bound(db, found.slice(0, query.count), query)
  const hasMore = query.after !== undefined && found.length > kept.length
  return {
    total,
    resources: await readAll(db, kept, query),
    next: hasMore ? placeOf(kept.at(-1)) : undefined,
  }
}

interface Picked {
  readonly kind: Kind
  readonly id: string
  readonly seq: number
  readonly key: SortKey
}

const placeOf = (picked: Picked | undefined): PlaceOfEither | undefined =>
  picked && { kind: picked.kind, seq: picked.seq, key: picked.key }

/** Who is on the page, and who is next. */
async function pick(
  db: Kysely<Database>,
  directoryId: string,
  { users, groups, descending, startIndex = 1, after, count }: EverythingQuery,
): Promise<readonly Picked[]> {
  const place = after ?? START
  const { kind, seq, key } = place === START ? { kind: 0, seq: 0, key: null } : place
  const tie = sql<boolean>`(kind > ${value('kind')} or (kind = ${value('kind')} and seq > ${value('seq')}))`
  const either = keyed(db, 'users', users).unionAll(keyed(db, 'groups', groups))
  const page = db
    .selectFrom(either.as('either'))
    .selectAll()
    .where(isBehind(place, { descending }, { column: sql.ref('key'), value: value('key') }, tie))
    .orderBy(byKey(sql.ref('key'), { descending }))
    .orderBy('kind')
    .orderBy('seq')
    .limit(wholeNumber(value<number>('limit')))
    .offset(wholeNumber(value<number>('offset')))
  const { rows } = await run(db, compile<Values, Picked>(page, db), {
    directoryId,
    kind,
    seq,
    key,
    limit: count + 1,
    offset: after === undefined ? Math.max(1, startIndex) - 1 : 0,
    ...literalsOf(comparisonsIn(users), 'users'),
    ...literalsOf(comparisonsIn(groups), 'groups'),
  })
  return rows
}

const comparisonsIn = ({ filter }: Part) => (filter === undefined ? [] : comparisonsOf(filter))

function keyed(db: Kysely<Database>, table: Table, part: Part) {
  const key = part.sort ? sortValue(part.sort.path, { table, dialect: dialectOf(db) }) : sql`null`
  return matches(db, table, part.filter, comparisonsIn(part), table)
    .where(dialectOf(db).inTime)
    .select([sql<Kind>`${sql.lit(KINDS[table])}`.as('kind'), 'id', 'seq', sql<SortKey>`${key}`.as('key')])
}

/** The page up to the first group whose members are too many, or the first user who is in too many groups. */
async function bound(
  db: Kysely<Database>,
  picked: readonly Picked[],
  query: EverythingQuery,
): Promise<readonly Picked[]> {
  const firstLeft = async (table: Table): Promise<number> => {
    const rows = picked.filter(({ kind }) => kind === KINDS[table])
    if (query[table].base === undefined) return picked.length
    const left = rows[(await boundMembers(db, table, rows, MOST_MEMBERS)).length]
    return left === undefined ? picked.length : picked.indexOf(left)
  }
  const ends = await Promise.all([firstLeft('users'), firstLeft('groups')])
  return picked.slice(0, Math.max(1, Math.min(...ends)))
}

async function readAll(
  db: Kysely<Database>,
  picked: readonly Picked[],
  query: EverythingQuery,
): Promise<readonly (StoredUser | StoredGroup)[]> {
  const seqsOf = (table: Table) => picked.filter(({ kind }) => kind === KINDS[table]).map(({ seq }) => seq)
  const [users, groups] = await Promise.all([
    readUsers(db, seqsOf('users'), query.users.base),
    readGroups(db, seqsOf('groups'), query.groups.base),
  ])
  const byId = new Map([...users, ...groups].map((resource) => [resource.id, resource]))
  return picked.flatMap(({ id }) => byId.get(id) ?? [])
}

async function readUsers(
  db: Kysely<Database>,
  seqs: readonly number[],
  base: string | undefined,
): Promise<StoredUser[]> {
  if (seqs.length === 0) return []
  const groups = groupsJson(dialectOf(db), sql.ref('users.id'), sql<string>`${base}`).as('groups')
  const rows: UserRow[] = await db
    .selectFrom('users')
    .select(userColumns)
    .$if(base !== undefined, (select) => select.select(groups))
    .where('seq', 'in', seqs)
    .execute()
  return rows.map((row) => toUser(row))
}

async function readGroups(
  db: Kysely<Database>,
  seqs: readonly number[],
  base: string | undefined,
): Promise<StoredGroup[]> {
  if (seqs.length === 0) return []
  const rows = await db.selectFrom('groups').select(groupColumns).where('seq', 'in', seqs).execute()
  const groups = rows.map(toGroup)
  return base === undefined ? groups : withMembers(db, groups, base)
}
