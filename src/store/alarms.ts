import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { AlarmTable, Database } from '../../db/tables.ts'
import { statement } from './statement.ts'

/** An alarm as it is stored. */
export interface StoredAlarm {
  readonly id: string
  readonly directoryId: string
  readonly kind: AlarmTable['kind']
  readonly measure: AlarmTable['measure']
  readonly raisedAt: string
  readonly people: number
  /** JSON text. */
  readonly detail: string
  /** The moment from which on losses count for the next alarm of the directory. */
  readonly countsFrom: string | null
  readonly outcome: AlarmTable['outcome']
  readonly closedAt: string | null
  readonly closedBy: string | null
  readonly reason: string | null
}

/** Adds an alarm that is open. */
export async function insertAlarm(
  db: Kysely<Database>,
  alarm: Omit<StoredAlarm, 'outcome' | 'closedAt' | 'closedBy' | 'reason'>,
): Promise<void> {
  await db
    .insertInto('alarms')
    .values({
      id: alarm.id,
      directory_id: alarm.directoryId,
      kind: alarm.kind,
      measure: alarm.measure,
      raised_at: alarm.raisedAt,
      people: alarm.people,
      detail: alarm.detail,
      counts_from: alarm.countsFrom,
    })
    .execute()
}

/** A directory as its brake sees it. */
export interface Braked {
  readonly name: string
  /** JSON text. */
  readonly settings: string
  /** Its last alarm. */
  readonly alarmId: string | null
  readonly raisedAt: string | null
  /** The moment from which on losses count for the next one. */
  readonly countsFrom: string | null
  /** The alarm under which whoever loses something is held. */
  readonly holdId: string | null
}

/** Reads what the brake of a directory goes by. */
export function readBrake(db: Kysely<Database>, directoryId: string): Promise<Braked | undefined> {
  return brake.first(db, { directoryId })
}

const brake = statement<{ directoryId: string }, Braked>(
  ({ value }) => sql`
    select d.name, d.settings, a.id as "alarmId", a.raised_at as "raisedAt",
      (select max(counts_from) from alarms where directory_id = d.id) as "countsFrom",
      (
        select id from alarms
        where directory_id = d.id and kind = 'brake' and measure = 'hold' and closed_at is null
      ) as "holdId"
    from directories d left join alarms a on a.id = (
      select id from alarms where directory_id = d.id and kind = 'brake'
      order by raised_at desc, id desc limit ${sql.lit(1)}
    )
    where d.id = ${value('directoryId')}`,
)

/** Says of an alarm that it is about more people. */
export async function addPeople(db: Kysely<Database>, id: string, people: number): Promise<void> {
  await add.run(db, { id, people })
}

const add = statement<{ id: string; people: number }>(
  ({ value }) =>
    sql`update alarms set people = people + cast(${value('people')} as bigint) where id = ${value('id')}`,
)

/** An alarm with the directory that it is about. */
export interface ListedAlarm extends StoredAlarm {
  readonly directoryName: string
}

/** Alarms, the newest first. */
export async function listAlarms(
  db: Kysely<Database>,
  wanted: {
    readonly id?: string
    readonly open?: boolean | undefined
    readonly directoryId?: string | undefined
    /** Part of the name of the directory, folded, or of the id. */
    readonly search?: string | undefined
    /** The last alarm of the page before. */
    readonly after?: { readonly raisedAt: string; readonly id: string } | undefined
    readonly limit: number
  },
): Promise<ListedAlarm[]> {
  const { id, open, directoryId, search, after, limit } = wanted
  let query = db
    .selectFrom('alarms as a')
    .innerJoin('directories as d', 'd.id', 'a.directory_id')
    .select([
      'a.id',
      'a.directory_id as directoryId',
      'd.name as directoryName',
      'a.kind',
      'a.measure',
      'a.raised_at as raisedAt',
      'a.people',
      'a.detail',
      'a.counts_from as countsFrom',
      'a.outcome',
      'a.closed_at as closedAt',
      'a.closed_by as closedBy',
      'a.reason',
    ])
    .orderBy('a.raised_at', 'desc')
    .orderBy('a.id', 'desc')
    .limit(limit)
  if (id !== undefined) query = query.where('a.id', '=', id)
  if (open !== undefined) query = query.where('a.closed_at', open ? 'is' : 'is not', null)
  if (directoryId !== undefined) query = query.where('a.directory_id', '=', directoryId)
  if (search !== undefined) {
    const { contains } = dialectOf(db)
    query = query.where(({ or }) =>
      or([contains(sql.ref('d.name_key'), sql.val(search)), contains(sql.ref('a.id'), sql.val(search))]),
    )
  }
  if (after !== undefined) {
    query = query.where(sql<boolean>`(a.raised_at, a.id) < (${after.raisedAt}, ${after.id})`)
  }
  return query.execute()
}

/** Closes an alarm that is open, and tells whether it was. */
export async function closeAlarm(
  db: Kysely<Database>,
  id: string,
  how: {
    readonly outcome: NonNullable<StoredAlarm['outcome']>
    readonly at: string
    readonly by: string
    readonly reason: string | null
    /** The moment from which on losses count for the next alarm of the directory; undefined: as before. */
    readonly countsFrom?: string
  },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('alarms')
    .set({
      outcome: how.outcome,
      closed_at: how.at,
      closed_by: how.by,
      reason: how.reason,
      ...(how.countsFrom !== undefined && { counts_from: how.countsFrom }),
    })
    .where('id', '=', id)
    .where('closed_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** How many alarms are open. */
export async function countOpenAlarms(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom('alarms')
    .select(({ fn }) => fn.countAll<number>().as('open'))
    .where('closed_at', 'is', null)
    .executeTakeFirst()
  return row?.open ?? 0
}

/**
 * Closes the holds of a directory under which nobody waits for an administrator, and returns their ids.
 *
 * @param how.brake whether that of its brake is one of them
 */
export async function closeEmptyHolds(
  db: Kysely<Database>,
  directoryId: string,
  how: { readonly at: string; readonly by: string; readonly brake: boolean },
): Promise<string[]> {
  const rows = await closeEmpty.all(db, {
    directoryId,
    at: how.at,
    by: how.by,
    brake: how.brake ? 'brake' : '',
  })
  return rows.map(({ id }) => id)
}

// Who is rejected is decided about; that of others has ended.
const closeEmpty = statement<{ directoryId: string; at: string; by: string; brake: string }, { id: string }>(
  ({ value }) => sql`
    update alarms set outcome = 'unfounded', closed_at = ${value('at')}, closed_by = ${value('by')}
    where directory_id = ${value('directoryId')} and measure = 'hold' and closed_at is null
      and kind in ('protected', ${value('brake')})
      and not exists (
        select 1 from held where alarm_id = alarms.id and until is null and verdict is null
      )
    returning id`,
)

/** Opens an alarm again that ended by itself, if it was raised after a moment; tells whether it is open now. */
export async function reopenAlarm(
  db: Kysely<Database>,
  { id, after }: { readonly id: string; readonly after: string },
): Promise<boolean> {
  return (await reopen.first(db, { id, after })) !== undefined
}

const reopen = statement<{ id: string; after: string }, { id: string }>(
  ({ value }) => sql`
    update alarms set outcome = null, closed_at = null, closed_by = null
    where id = ${value('id')} and measure = 'hold' and (
      closed_at is null or (outcome = 'unfounded' and raised_at > ${value('after')})
    )
    returning id`,
)

/** The last alarm under which a user was held for being protected. */
export async function lastProtectedAlarm(db: Kysely<Database>, userId: string): Promise<string | undefined> {
  return (await lastProtected.first(db, { userId }))?.id
}

const lastProtected = statement<{ userId: string }, { id: string }>(
  ({ value }) => sql`
    select a.id from held h join alarms a on a.id = h.alarm_id
    where h.user_id = ${value('userId')} and a.kind = 'protected'
    order by h.seq desc limit ${sql.lit(1)}`,
)
