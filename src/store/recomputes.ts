import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { withUsersBelow } from './closure.ts'
import { countUsers } from './directories.ts'
import { wholeNumber, statement } from './statement.ts'

/** Decisions that wait to be recomputed; until then reads go by the facts. */
export interface Recompute {
  readonly id: number
  readonly cause: string
  readonly createdAt: string
  readonly scope: 'all' | 'listed'
  /** Users up to this `seq` are done. */
  readonly afterSeq: number
  readonly total: number
  readonly done: number
}

/** Whose decisions wait. */
export type RecomputeScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'users'; readonly seqs: readonly number[] }
  | { readonly kind: 'below'; readonly groupIds: readonly string[] }

/** Makes decisions wait for their recomputation; undefined when the scope holds nobody. */
export async function createRecompute(
  db: Kysely<Database>,
  job: { readonly cause: string; readonly createdAt: string; readonly scope: RecomputeScope },
): Promise<Recompute | undefined> {
  const { id } = await db
    .insertInto('recomputes')
    .values({
      cause: job.cause,
      created_at: job.createdAt,
      scope: job.scope.kind === 'all' ? 'all' : 'listed',
      after_seq: 0,
      total: 0,
      done: 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const total = await fill(db, id, job.scope)
  if (total === 0) {
    await finishRecompute(db, id)
    return undefined
  }
  return db
    .updateTable('recomputes')
    .set({ total })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow()
}

/** Lists the users of a job and returns how many they are. */
async function fill(db: Kysely<Database>, jobId: number, scope: RecomputeScope): Promise<number> {
  switch (scope.kind) {
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

/** The jobs that are not finished, the oldest first. */
export async function pendingRecomputes(db: Kysely<Database>): Promise<Recompute[]> {
  return pending.all(db, {})
}

const pending = statement<object, Recompute>(({ db }) =>
  db.selectFrom('recomputes').select(columns).orderBy('id'),
)

/** The oldest job that no other process works on, held until this unit of work has ended. */
export async function takeRecompute(db: Kysely<Database>): Promise<Recompute | undefined> {
  return take.first(db, {})
}

const take = statement<object, Recompute>(({ db, dialect }) =>
  db
    .selectFrom('recomputes')
    .select(columns)
    .orderBy('id')
    .limit(1)
    .modifyEnd(dialect.forUpdateSkippingLocked),
)

/** The `seq`s of the next users of a job, at most `size`; none when the job is done. */
export async function nextChunk(db: Kysely<Database>, job: Recompute, size: number): Promise<number[]> {
  const values = { after: job.afterSeq, size }
  const rows = await (job.scope === 'all'
    ? nextOfAll.all(db, values)
    : nextOfListed.all(db, { ...values, job: job.id }))
  return rows.map(({ seq }) => seq)
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
  'after_seq as afterSeq',
  'total',
  'done',
] as const
