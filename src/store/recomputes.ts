import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { withUsersBelow } from './closure.ts'
import { countUsers } from './directories.ts'
import { wholeNumber, statement } from './statement.ts'
import { lastSeq, seqsWith } from './user-documents.ts'

/**
 * Decisions that wait to be recomputed, and until then are read from the facts; or documents that wait to be prepared
 * again, and until then are not compared by the attributes that have been defined anew.
 */
export interface Recompute {
  readonly id: number
  readonly cause: string
  readonly createdAt: string
  readonly scope: 'all' | 'listed' | 'documents'
  /** The paths of those attributes; none where decisions wait. */
  readonly attributes: readonly string[]
  /** Users up to this `seq` are done. */
  readonly afterSeq: number
  readonly total: number
  readonly done: number
  /** The directory that brought it about by what it sent; null where it was an administrator, or time. */
  readonly directoryId: string | null
}

/** Whose decisions wait, or whose documents: those of `total` users who may have one of the attributes. */
export type RecomputeScope =
  | { readonly kind: 'documents'; readonly attributes: readonly string[]; readonly total: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'users'; readonly seqs: readonly number[] }
  | { readonly kind: 'below'; readonly groupIds: readonly string[] }

/** Makes decisions or documents wait for their recomputation; undefined when the scope holds nobody. */
export async function createRecompute(
  db: Kysely<Database>,
  job: {
    readonly cause: string
    readonly createdAt: string
    readonly scope: RecomputeScope
    /** The directory that brought it about by what it sent. */
    readonly directoryId?: string
  },
): Promise<Recompute | undefined> {
  const { id } = await db
    .insertInto('recomputes')
    .values({
      cause: job.cause,
      created_at: job.createdAt,
      scope: SCOPES[job.scope.kind],
      attributes: job.scope.kind === 'documents' ? JSON.stringify(job.scope.attributes) : null,
      after_seq: 0,
      total: 0,
      done: 0,
      directory_id: job.directoryId ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const total = await fill(db, id, job.scope)
  if (total === 0) {
    await finishRecompute(db, id)
    return undefined
  }
  const row = await db
    .updateTable('recomputes')
    .set({ total })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow()
  return toRecompute(row)
}

const SCOPES = { all: 'all', users: 'listed', below: 'listed', documents: 'documents' } as const

/** Lists the users of a job, where they are to be listed, and returns how many they are. */
async function fill(db: Kysely<Database>, jobId: number, scope: RecomputeScope): Promise<number> {
  switch (scope.kind) {
    case 'documents':
      return scope.total
    case 'all':
      return countUsers(db)
    case 'users': {
      const rows = dialectOf(db).rowsOf(JSON.stringify(scope.seqs.map((seq) => [seq])), { seq: 'integer' })
      return inserted(
        await sql`insert into recompute_users (job_id, user_seq)
          select cast(${jobId} as bigint), u.seq from users u where u.seq in (select seq from ${rows} as list)`.execute(
          db,
        ),
      )
    }
    case 'below': {
      const below = withUsersBelow(dialectOf(db), JSON.stringify(scope.groupIds))
      return inserted(
        await sql`${below} insert into recompute_users (job_id, user_seq)
          select cast(${jobId} as bigint), seq from users_below`.execute(db),
      )
    }
  }
}

function inserted(result: { readonly numAffectedRows?: bigint }): number {
  return Number(result.numAffectedRows ?? 0n)
}

/** Notes how many people of a job may lose something. */
export async function noteAtRisk(db: Kysely<Database>, id: number, people: number): Promise<void> {
  await db.updateTable('recomputes').set({ at_risk: people }).where('id', '=', id).execute()
}

/** Notes that so many people of a job have been decided. */
export async function lowerAtRisk(db: Kysely<Database>, id: number, people: number): Promise<void> {
  if (people > 0) await lower.run(db, { id, people })
}

const lower = statement<{ id: number; people: number }>(
  ({ value }) => sql`
    update recomputes
    set at_risk = case when at_risk > ${value('people')} then at_risk - ${value('people')} else 0 end
    where id = ${value('id')} and at_risk > 0`,
)

/** How many people may still lose something by what a directory sent, beside those of one job. */
export async function countAtRisk(
  db: Kysely<Database>,
  directoryId: string,
  except: number | undefined,
): Promise<number> {
  const row = await atRisk.first(db, { directoryId, except: except ?? 0 })
  return row?.people ?? 0
}

const atRisk = statement<{ directoryId: string; except: number }, { people: number | null }>(
  ({ db, value }) =>
    db
      .selectFrom('recomputes')
      .select(({ fn }) => fn.sum<number | null>('at_risk').as('people'))
      .where('directory_id', '=', value('directoryId'))
      .where('id', '<>', wholeNumber(value('except'))),
)

/** The jobs that are not finished, in the order in which they are taken. */
export async function pendingRecomputes(db: Kysely<Database>): Promise<Recompute[]> {
  return (await pending.all(db, {})).map(toRecompute)
}

/** Whether decisions wait. */
export async function decisionsWait(db: Kysely<Database>): Promise<boolean> {
  return (await pendingRecomputes(db)).some(({ scope }) => scope !== 'documents')
}

/** While documents wait, some filters are not answered; while decisions do, everything is. */
const documentsFirst = sql`case scope when 'documents' then 0 else 1 end`

const pending = statement<object, Row>(({ db }) =>
  db.selectFrom('recomputes').select(columns).orderBy(documentsFirst).orderBy('id'),
)

/** The next job that no other process works on, held until this unit of work has ended. */
export async function takeRecompute(db: Kysely<Database>): Promise<Recompute | undefined> {
  const row = await take.first(db, {})
  return row && toRecompute(row)
}

const take = statement<object, Row>(({ db, dialect }) =>
  db
    .selectFrom('recomputes')
    .select(columns)
    .orderBy(documentsFirst)
    .orderBy('id')
    .limit(1)
    .modifyEnd(dialect.forUpdateSkippingLocked),
)

/** The next users of a job, at most `size`, and up to which `seq` there are no others. */
export interface Chunk {
  readonly seqs: readonly number[]
  readonly upTo: number
}

/** The next chunk of a job; undefined when the job is done. */
export async function nextChunk(
  db: Kysely<Database>,
  { id, scope, attributes, afterSeq: after }: Recompute,
  size: number,
): Promise<Chunk | undefined> {
  switch (scope) {
    case 'all':
      return toChunk(await nextOfAll.all(db, { after, size }))
    case 'listed':
      return toChunk(await nextOfListed.all(db, { after, size, job: id }))
    case 'documents':
      return nextDocuments(db, attributes, after, size)
  }
}

function toChunk(rows: readonly { readonly seq: number }[]): Chunk | undefined {
  const last = rows.at(-1)
  return last && { seqs: rows.map(({ seq }) => seq), upTo: last.seq }
}

/** Documents that are looked through for those of one chunk, so that no statement goes through all of them. */
const DOCUMENTS_A_PERSON = 50

async function nextDocuments(
  db: Kysely<Database>,
  attributes: readonly string[],
  after: number,
  size: number,
): Promise<Chunk | undefined> {
  if (after >= (await lastSeq(db))) return undefined
  const upTo = after + size * DOCUMENTS_A_PERSON
  const seqs = await seqsWith(db, attributes, { after, upTo, size })
  return { seqs, upTo: seqs.length < size ? upTo : (seqs.at(-1) ?? upTo) }
}

const nextOfAll = statement<{ after: number; size: number }, { seq: number }>(({ db, value }) =>
  db
    .selectFrom('users')
    .select('seq')
    .where('seq', '>', wholeNumber(value('after')))
    .orderBy('seq')
    .limit(wholeNumber(value('size'))),
)

const nextOfListed = statement<{ job: number; after: number; size: number }, { seq: number }>(
  ({ db, value }) =>
    db
      .selectFrom('recompute_users')
      .select('user_seq as seq')
      .where('job_id', '=', value('job'))
      .where('user_seq', '>', wholeNumber(value('after')))
      .orderBy('user_seq')
      .limit(wholeNumber(value('size'))),
)

/** Notes that the users of a job up to `afterSeq` are done, `count` more than before. */
export async function advanceRecompute(
  db: Kysely<Database>,
  id: number,
  afterSeq: number,
  count: number,
): Promise<void> {
  await advance.run(db, { id, afterSeq, count })
}

const advance = statement<{ id: number; afterSeq: number; count: number }>(({ db, value }) =>
  db
    .updateTable('recomputes')
    .set({ after_seq: value('afterSeq'), done: sql`done + ${value('count')}` })
    .where('id', '=', value('id')),
)

/** Removes a job with its list. */
export async function finishRecompute(db: Kysely<Database>, id: number): Promise<void> {
  await db.deleteFrom('recomputes').where('id', '=', id).execute()
}

const columns = [
  'id',
  'cause',
  'created_at as createdAt',
  'scope',
  'attributes',
  'after_seq as afterSeq',
  'total',
  'done',
  'directory_id as directoryId',
] as const

interface Row extends Omit<Recompute, 'attributes'> {
  readonly attributes: string | null
}

function toRecompute({ attributes, ...job }: Row): Recompute {
  return { ...job, attributes: attributes === null ? [] : (JSON.parse(attributes) as string[]) }
}
