import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { statement, statementAmong, wholeNumber } from './statement.ts'

/** What an entry of the audit says: who changed what, by which request. */
export interface AuditContent {
  readonly at: string
  readonly actor: string
  readonly requestId: string
  readonly directoryId: string | null
  readonly action: string
  readonly subjectId: string
  /** JSON text. */
  readonly detail: string
}

/** One entry of the audit. */
export interface AuditEntry extends AuditContent {
  readonly seq: number
}

/** An entry with the keyed hash that was made when it was written. */
export interface MarkedEntry extends AuditEntry {
  readonly mac: string
}

/** Appends an entry to the audit. */
export async function appendAudit(
  db: Kysely<Database>,
  entry: AuditContent & { readonly mac: string },
): Promise<void> {
  await append.run(db, entry)
}

const append = statement<AuditContent & { mac: string }>(({ db, value }) =>
  db.insertInto('audit').values({
    at: value('at'),
    actor: value('actor'),
    request_id: value('requestId'),
    directory_id: value('directoryId'),
    action: value('action'),
    subject_id: value('subjectId'),
    detail: value('detail'),
    mac: value('mac'),
  }),
)

/** Which entries of the audit to read. */
export interface AuditQuery {
  readonly directoryId?: string | undefined
  /** One subject, or any of several. */
  readonly subjectId?: string | readonly string[] | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly requestId?: string | undefined
  /** From and until which moment, both included. */
  readonly from?: string | undefined
  readonly until?: string | undefined
  /** Part of the action, of the id of the subject, or, folded, of the name that it has or had. */
  readonly search?: { readonly text: string; readonly nameKey: string } | undefined
  /** The last entry of the page before. */
  readonly before?: AuditPlace | undefined
  readonly limit: number
}

/** Where an entry stands in the list: by time, and among those of one moment by number. */
export type AuditPlace = Pick<AuditEntry, 'at' | 'seq'>

/** Some entries, and where the search for further ones goes on; undefined: there are none. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[]
  readonly next: AuditPlace | undefined
}

/** Entries that are looked through for one page where no index leads to those that are wanted. */
const LOOKED_THROUGH = 20_000

/** Bytes of `detail` that are read at a time: an entry about a large group has megabytes. */
const MOST_BYTES = 8 * 1024 ** 2

/**
 * Reads a page of the audit, the newest entry first.
 *
 * It has fewer entries than the limit, or none, where they are large or far between, and says then where to go on: what
 * a page costs does not depend on how many entries there are.
 */
export async function readAuditPage(db: Kysely<Database>, wanted: AuditQuery): Promise<AuditPage> {
  const found = await placesOf(db, wanted)
  const places = fitting(found.places.slice(0, wanted.limit))
  const entries = await entriesAt.all(
    db,
    places.map(({ seq }) => seq),
    {},
  )
  const isLast = places.length === found.places.length
  return { entries, next: isLast ? found.lookedUpTo : places.at(-1) }
}

/** Reads the audit, the newest entry first. */
export async function listAudit(db: Kysely<Database>, wanted: AuditQuery): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for (let before = wanted.before; ;) {
    const page = await readAuditPage(db, { ...wanted, before, limit: wanted.limit - entries.length })
    entries.push(...page.entries)
    if (page.next === undefined || entries.length >= wanted.limit) return entries
    before = page.next
  }
}

/** The entries of a moment: those of all units of work that began in that millisecond, at most `limit`. */
export function auditAt(db: Kysely<Database>, at: string, limit: number): Promise<AuditEntry[]> {
  return ofMoment.all(db, { at, limit })
}

const ofMoment = statement<{ at: string; limit: number }, AuditEntry>(({ db, value }) =>
  db
    .selectFrom('audit')
    .select(auditColumns)
    .where('at', '=', value('at'))
    .orderBy('seq')
    .limit(wholeNumber(value('limit'))),
)

type SizedPlace = AuditPlace & { readonly bytes: number }

/**
 * The places of the entries that are wanted, one more than the limit if there are as many; and the last place that was
 * looked at, where the search ended early.
 */
async function placesOf(
  db: Kysely<Database>,
  wanted: AuditQuery,
): Promise<{ readonly places: readonly SizedPlace[]; readonly lookedUpTo: AuditPlace | undefined }> {
  const { actor, action, search, limit } = wanted
  const isIndexed = actor === undefined && action === undefined && search === undefined
  const candidates = candidatesOf(db, wanted, isIndexed ? limit + 1 : LOOKED_THROUGH)
  let query = db
    .selectFrom(candidates.as('a'))
    .select(['a.at', 'a.seq', sql<number>`octet_length(a.detail)`.as('bytes')])
    .orderBy('a.at', 'desc')
    .orderBy('a.seq', 'desc')
    .limit(limit + 1)
  if (actor !== undefined) query = query.where('a.actor', '=', actor)
  if (action !== undefined) query = query.where('a.action', '=', action)
  if (search !== undefined) query = query.where(mentions(db, search))
  const places = await query.execute()
  if (isIndexed || places.length > limit) return { places, lookedUpTo: undefined }
  const lookedUpTo = await db
    .selectFrom(candidates.as('a'))
    .select(['a.at', 'a.seq'])
    .orderBy('a.at', 'desc')
    .orderBy('a.seq', 'desc')
    .limit(1)
    .offset(LOOKED_THROUGH - 1)
    .executeTakeFirst()
  return { places, lookedUpTo }
}

/** The newest entries that an index leads to. */
function candidatesOf(db: Kysely<Database>, wanted: AuditQuery, limit: number) {
  const { directoryId, subjectId, requestId, from, until, before } = wanted
  let query = db
    .selectFrom('audit')
    .select(['at', 'seq', 'actor', 'action', 'subject_id', 'detail'])
    .orderBy('at', 'desc')
    .orderBy('seq', 'desc')
    .limit(limit)
  if (subjectId !== undefined) {
    query =
      typeof subjectId === 'string'
        ? query.where('subject_id', '=', subjectId)
        : query.where('subject_id', 'in', subjectId)
  }
  if (directoryId !== undefined) query = query.where('directory_id', '=', directoryId)
  if (requestId !== undefined) query = query.where('request_id', '=', requestId)
  if (from !== undefined) query = query.where('at', '>=', from)
  if (until !== undefined) query = query.where('at', '<=', until)
  if (before !== undefined) {
    query = query.where(sql<boolean>`(at, seq) < (${before.at}, cast(${before.seq} as bigint))`)
  }
  return query
}

/** Whether the action, the id of the subject or a name that it has or had contains a text. */
function mentions(db: Kysely<Database>, { text, nameKey }: { text: string; nameKey: string }) {
  const { contains } = dialectOf(db)
  const named = NAME_KEYS.map(
    ([table, column]) => sql<boolean>`exists (
      select 1 from ${sql.table(table)} as n
      where n.id = a.subject_id and ${contains(sql.ref(`n.${column}`), sql.val(nameKey))})`,
  )
  const own = ['a.action', 'a.subject_id'].map((column) => contains(sql.ref(column), sql.val(text)))
  return sql<boolean>`(${sql.join([...own, ...named], sql` or `)})`
}

/** Where the folded names of subjects stand. */
export const NAME_KEYS = [
  ['users', 'user_name_key'],
  ['tombstones', 'user_name_key'],
  ['groups', 'display_name_key'],
  ['directories', 'name_key'],
  ['config_names', 'name_key'],
] as const

/** As many as a page can hold, and at least one. */
export function fitting<Row extends { readonly bytes: number }>(rows: readonly Row[]): readonly Row[] {
  let bytes = 0
  const end = rows.findIndex((row, i) => (bytes += row.bytes) > MOST_BYTES && i > 0)
  return end === -1 ? rows : rows.slice(0, end)
}

const entriesAt = statementAmong<number, object, AuditEntry>('integer', ({ db }, among) =>
  db
    .selectFrom('audit')
    .select(auditColumns)
    .where(sql<boolean>`seq ${among}`)
    .orderBy('at', 'desc')
    .orderBy('seq', 'desc'),
)

/** The columns of an {@link AuditEntry}. */
export const auditColumns = [
  'seq',
  'at',
  'actor',
  'request_id as requestId',
  'directory_id as directoryId',
  'action',
  'subject_id as subjectId',
  'detail',
] as const
