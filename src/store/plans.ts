import { sql } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Db } from './db.ts'

/** A change of configuration as it was computed, or is being computed. */
export interface StoredPlan {
  readonly id: string
  readonly createdAt: string
  readonly actor: string
  readonly state: 'running' | 'done' | 'failed'
  /** When its work was last seen going on. */
  readonly touchedAt: string
  readonly done: number
  readonly total: number
  /** JSON text of the planned configuration. */
  readonly document: string
  /** JSON text of what it was planned on; null while that is not read yet. */
  readonly present: string | null
  /** JSON text of what was found; null while it is not done. */
  readonly outcome: string | null
  readonly error: string | null
}

/** Begins a plan. */
export async function insertPlan(
  db: Db,
  { id, createdAt, actor, document }: Pick<StoredPlan, 'id' | 'createdAt' | 'actor' | 'document'>,
): Promise<void> {
  await db
    .insertInto('plans')
    .values({
      id,
      created_at: createdAt,
      actor,
      document,
      state: 'running',
      touched_at: createdAt,
      done: 0,
      total: 0,
      present: null,
      outcome: null,
      error: null,
    })
    .execute()
}

/** Notes how far a plan is, and tells whether anybody still waits for it. */
export async function touchPlan(
  db: Db,
  id: string,
  progress: Pick<StoredPlan, 'touchedAt' | 'done' | 'total'>,
): Promise<boolean> {
  return settle(db, id, {
    touched_at: progress.touchedAt,
    done: progress.done,
    total: progress.total,
  })
}

/** Ends the work on a plan with what was found, and tells whether anybody still waited for it. */
export async function finishPlan(
  db: Db,
  id: string,
  { present, outcome, total }: { readonly present: string; readonly outcome: string; readonly total: number },
): Promise<boolean> {
  return settle(db, id, { state: 'done', present, outcome, done: total, total })
}

/** Ends the work on a plan without a result. */
export async function failPlan(db: Db, id: string, error: string): Promise<void> {
  await settle(db, id, { state: 'failed', error })
  await db.deleteFrom('plan_effects').where('plan_id', '=', id).execute()
}

async function settle(db: Db, id: string, values: Record<string, string | number>): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('plans')
    .set(values)
    .where('id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export async function readPlan(db: Db, id: string): Promise<StoredPlan | undefined> {
  return db.selectFrom('plans').select(columns).where('id', '=', id).executeTakeFirst()
}

/** Plans, the newest first: those before a place, of actors whose name contains a text. */
export async function listPlans(
  db: Db,
  page: {
    readonly before?: { readonly createdAt: string; readonly id: string } | undefined
    readonly actor?: string | undefined
    readonly search?: string | undefined
    readonly limit: number
  },
): Promise<StoredPlan[]> {
  const { before, actor, search, limit } = page
  let query = db.selectFrom('plans').select(columns).orderBy('created_at', 'desc').orderBy('id', 'desc')
  if (before !== undefined) {
    query = query.where(sql<boolean>`(created_at, id) < (${before.createdAt}, ${before.id})`)
  }
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (search !== undefined)
    query = query.where(dialectOf(db).contains(sql.ref('plans.actor'), sql.val(search)))
  return query.limit(limit).execute()
}

/** Removes plans with their effects. */
export async function deletePlans(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('plans').where('id', 'in', ids).execute()
}

/** The plans that were made before a moment. */
export async function plansBefore(db: Db, moment: string): Promise<string[]> {
  const rows = await db.selectFrom('plans').select('id').where('created_at', '<', moment).execute()
  return rows.map(({ id }) => id)
}

/** What a plan does to one person on one connection, as it is listed. */
export interface StoredEffect {
  /** One bit for each kind. */
  readonly kinds: number
  readonly connection: string
  readonly directoryId: string
  readonly userNameKey: string
  /** JSON text. */
  readonly detail: string
}

/** Adds effects to the list of a plan, the first of them at the place `from`. */
export async function insertEffects(
  db: Db,
  planId: string,
  from: number,
  effects: readonly StoredEffect[],
): Promise<void> {
  const rows = dialectOf(db).rowsOf(
    JSON.stringify(
      effects.map((one, i) => [
        from + i,
        one.kinds,
        one.connection,
        one.directoryId,
        one.userNameKey,
        one.detail,
      ]),
    ),
    {
      number: 'integer',
      kinds: 'integer',
      connection: 'text',
      directory_id: 'text',
      user_name_key: 'text',
      detail: 'text',
    },
  )
  await sql`
    insert into plan_effects (plan_id, number, kinds, connection, directory_id, user_name_key, detail)
    select cast(${planId} as text), number, kinds, connection, directory_id, user_name_key, detail
    from ${rows} as e`.execute(db)
}

/** The effects of a plan in their order: those after a place that have one of the kinds, a connection, a directory. */
export async function listEffects(
  db: Db,
  planId: string,
  wanted: {
    /** Bits of the kinds; undefined: any. */
    readonly kinds?: number | undefined
    readonly connection?: string | undefined
    readonly directoryId?: string | undefined
    /** A folded part of the user name. */
    readonly search?: string | undefined
    readonly after?: number | undefined
    readonly limit: number
  },
): Promise<(StoredEffect & { readonly number: number })[]> {
  let query = db
    .selectFrom('plan_effects')
    .select([
      'number',
      'kinds',
      'connection',
      'directory_id as directoryId',
      'user_name_key as userNameKey',
      'detail',
    ])
    .where('plan_id', '=', planId)
    .orderBy('number')
    .limit(wanted.limit)
  if (wanted.after !== undefined) query = query.where('number', '>', wanted.after)
  if (wanted.kinds !== undefined) {
    query = query.where(sql<boolean>`(kinds & cast(${wanted.kinds} as bigint)) <> 0`)
  }
  if (wanted.connection !== undefined) query = query.where('connection', '=', wanted.connection)
  if (wanted.directoryId !== undefined) query = query.where('directory_id', '=', wanted.directoryId)
  if (wanted.search !== undefined) {
    query = query.where(dialectOf(db).contains(sql.ref('user_name_key'), sql.val(wanted.search)))
  }
  return query.execute()
}

const columns = [
  'id',
  'created_at as createdAt',
  'actor',
  'state',
  'touched_at as touchedAt',
  'done',
  'total',
  'document',
  'present',
  'outcome',
  'error',
] as const
