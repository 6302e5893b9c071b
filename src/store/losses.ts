import { sql, type Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { statement, wholeNumber } from './statement.ts'

/** Who loses access by what a directory sent. */
interface Losses {
  readonly directoryId: string
  readonly userIds: readonly string[]
  readonly at: string
  /** Who has lost something since then is counted already. */
  readonly from: string
}

/** Notes who loses access, and returns how many of them had not done so within the window. */
export async function noteLosses(db: Kysely<Database>, { userIds, ...loss }: Losses): Promise<number> {
  return note.run(db, { ...loss, userIds: JSON.stringify(userIds) })
}

const note = statement<Omit<Losses, 'userIds'> & { userIds: string }>(
  ({ dialect, value }) => sql`
    insert into losses (directory_id, user_id, at)
    select cast(${value('directoryId')} as text), list.value, cast(${value('at')} as text)
    from ${dialect.listOf(value('userIds'))} as list
    where true
    on conflict (directory_id, user_id) do update set at = excluded.at where losses.at <= ${value('from')}`,
)

/** Forgets what was noted of people at a moment, since they keep what they have. */
export async function takeBackLosses(
  db: Kysely<Database>,
  { directoryId, userIds, at }: Omit<Losses, 'from'>,
): Promise<void> {
  await takeBack.run(db, { directoryId, userIds: JSON.stringify(userIds), at })
}

const takeBack = statement<{ directoryId: string; userIds: string; at: string }>(
  ({ dialect, value }) => sql`
    delete from losses
    where directory_id = ${value('directoryId')} and at = ${value('at')}
      and user_id in (select value from ${dialect.listOf(value('userIds'))} as list)`,
)

/** How many people have lost something since a moment, counted up to a limit. */
export async function countLosses(
  db: Kysely<Database>,
  wanted: { readonly directoryId: string; readonly from: string; readonly limit: number },
): Promise<number> {
  const row = await count.first(db, wanted)
  return row?.people ?? 0
}

const count = statement<{ directoryId: string; from: string; limit: number }, { people: number }>(
  ({ value }) => sql`
    select count(*) as people from (
      select 1 from losses where directory_id = ${value('directoryId')} and at > ${value('from')}
      limit ${wholeNumber(value('limit'))}
    ) as counted`,
)

/** Whether any loss is older than a moment. */
export async function hasOldLosses(db: Kysely<Database>, before: string): Promise<boolean> {
  return (await old.first(db, { before })) !== undefined
}

const old = statement<{ before: string }, { at: string }>(
  ({ value }) => sql`select at from losses where at < ${value('before')} limit ${sql.lit(1)}`,
)

/** Forgets losses that are older than a moment. */
export async function forgetLosses(db: Kysely<Database>, before: string): Promise<void> {
  await db.deleteFrom('losses').where('at', '<', before).execute()
}
