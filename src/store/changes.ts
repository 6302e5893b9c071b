import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { wholeNumber, statement } from './statement.ts'

/** One entry of the ordered feed. */
export interface Change {
  readonly seq: number
  readonly at: string
  readonly directoryId: string | null
  readonly kind: string
  readonly subjectId: string
  /** JSON text. */
  readonly payload: string
}

/**
 * Appends a change to the feed and returns its position.
 *
 * Others who append wait from here until this unit of work has ended, so that the feed becomes visible in the order of
 * its numbers: append last.
 */
export async function appendChange(db: Kysely<Database>, change: Omit<Change, 'seq'>): Promise<number> {
  const [, row] = await Promise.all([dialectOf(db).lockFeed(db), append.first(db, change)])
  if (row === undefined) throw new Error('the insertion of a change returned no row')
  return row.seq
}

const append = statement<Omit<Change, 'seq'>, { seq: number }>(({ db, value }) =>
  db
    .insertInto('changes')
    .values({
      at: value('at'),
      directory_id: value('directoryId'),
      kind: value('kind'),
      subject_id: value('subjectId'),
      payload: value('payload'),
    })
    .returning('seq'),
)

/** The number of the last change; 0 before the first. */
export async function feedPosition(db: Kysely<Database>): Promise<number> {
  const row = await lastSeq.first(db, {})
  return row?.position ?? 0
}

const lastSeq = statement<object, { position: number | null }>(({ db }) =>
  db.selectFrom('changes').select(({ fn }) => fn.max('seq').as('position')),
)

/** The `seq`s of the users who were written after a position and are still there, in order. */
export async function usersWrittenAfter(db: Kysely<Database>, position: number): Promise<number[]> {
  const rows = await writtenUsers.all(db, { position })
  return rows.map(({ seq }) => seq)
}

const writtenUsers = statement<{ position: number }, { seq: number }>(({ db, value }) =>
  db
    .selectFrom('changes')
    .innerJoin('users', 'users.id', 'changes.subject_id')
    .select('users.seq')
    .distinct()
    .where('changes.seq', '>', wholeNumber(value('position')))
    .where('changes.kind', 'in', ['user.created', 'user.updated'])
    .orderBy('users.seq'),
)

/** The number of the last change up to a moment; 0 where there is none. */
export async function feedPositionAt(db: Kysely<Database>, at: string): Promise<number> {
  let low = 0
  let high = await feedPosition(db)
  // Numbers follow time, so halving finds the place without an index that every write would have to keep.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const change = await lastUpTo.first(db, { seq: middle })
    if (change === undefined || change.at <= at) low = middle
    else high = change.seq - 1
  }
  return (await lastUpTo.first(db, { seq: low }))?.seq ?? 0
}

const lastUpTo = statement<{ seq: number }, { seq: number; at: string }>(({ db, value }) =>
  db
    .selectFrom('changes')
    .select(['seq', 'at'])
    .where('seq', '<=', wholeNumber(value('seq')))
    .orderBy('seq', 'desc')
    .limit(sql.lit(1)),
)

/** The changes that came after a position, at most `limit` of them; of one directory if it is given. */
export function changesAfter(
  db: Kysely<Database>,
  position: number,
  limit: number,
  directoryId?: string,
): Promise<Change[]> {
  return directoryId === undefined
    ? after.all(db, { position, limit })
    : afterInDirectory.all(db, { position, limit, directoryId })
}

const after = statement<{ position: number; limit: number }, Change>(({ db, value }) =>
  db
    .selectFrom('changes')
    .select(columns)
    .where('seq', '>', wholeNumber(value('position')))
    .orderBy('seq')
    .limit(wholeNumber(value('limit'))),
)

const afterInDirectory = statement<{ position: number; limit: number; directoryId: string }, Change>(
  ({ db, value }) =>
    db
      .selectFrom('changes')
      .select(columns)
      .where('seq', '>', wholeNumber(value('position')))
      .where('directory_id', '=', value('directoryId'))
      .orderBy('seq')
      .limit(wholeNumber(value('limit'))),
)

const columns = [
  'seq',
  'at',
  'directory_id as directoryId',
  'kind',
  'subject_id as subjectId',
  'payload',
] as const
