import { sql, type Kysely, type RawBuilder } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database, HeldTable } from '../../db/tables.ts'
import { toHeld, type HeldFacts, type HeldRow } from './facts.ts'
import { inOrder, type Matched, type Person } from './people.ts'
import { statement, wholeNumber, type Builder } from './statement.ts'

/** Somebody whose access is to stay as it was. */
export interface NewHeld {
  readonly userId: string
  readonly userName: string
  readonly userNameKey: string
  /** JSON text. */
  readonly facts: string
}

/** Holds people under an alarm, beside what is held of them already. */
export async function insertHeld(
  db: Kysely<Database>,
  { directoryId, alarmId, since }: { directoryId: string; alarmId: string; since: string },
  people: readonly NewHeld[],
): Promise<void> {
  for (let start = 0; start < people.length; start += AT_ONCE) {
    const rows = people
      .slice(start, start + AT_ONCE)
      .map((one) => [one.userId, one.userName, one.userNameKey, one.facts])
    await insert.run(db, { directoryId, alarmId, since, rows: JSON.stringify(rows) })
  }
}

/** Rows of one statement: their facts are one text in memory. */
const AT_ONCE = 500

const insert = statement<{ directoryId: string; alarmId: string; since: string; rows: string }>(
  ({ dialect, value }) => {
    const rows = dialect.rowsOf(value('rows'), {
      user_id: 'text',
      user_name: 'text',
      user_name_key: 'text',
      facts: 'text',
    })
    return sql`
      insert into held (directory_id, alarm_id, since, user_id, user_name, user_name_key, facts)
      select cast(${value('directoryId')} as text), cast(${value('alarmId')} as text),
        cast(${value('since')} as text), user_id, user_name, user_name_key, facts
      from ${rows} as list`
  },
)

/** What is held of a user, or was at a moment, the latest first. */
export async function heldOf(
  db: Kysely<Database>,
  userId: string,
  at: string | undefined,
): Promise<HeldFacts[]> {
  const rows = await (at === undefined ? present.all(db, { userId }) : past.all(db, { userId, at }))
  return rows.map(toHeld)
}

const heldColumns = sql`a.kind, h.alarm_id as alarm, h.since, h.facts, h.verdict`

const present = statement<{ userId: string }, HeldRow>(
  ({ value }) => sql`
    select ${heldColumns} from held h join alarms a on a.id = h.alarm_id
    where h.user_id = ${value('userId')} and h.until is null
    order by h.seq desc`,
)

const past = statement<{ userId: string; at: string }, HeldRow>(
  ({ value }) => sql`
    select ${heldColumns} from held h join alarms a on a.id = h.alarm_id
    where h.user_id = ${value('userId')} and h.since <= ${value('at')}
      and (h.until is null or h.until > ${value('at')})
    order by h.seq desc`,
)

/** Keeps the names by which a user who is held is found, before it is deleted. */
export async function keepHeldNames(db: Kysely<Database>, userId: string): Promise<void> {
  await keepNames.run(db, { userId })
}

const keepNames = statement<{ userId: string }>(
  ({ value }) => sql`
    insert into held_names (held_seq, attribute, value)
    select h.seq, n.attribute, n.value
    from held h join (
      select id, 'userName' as attribute, user_name_key as value from users where id = ${value('userId')}
      union all
      select id, 'externalId', external_id from users where id = ${value('userId')} and external_id is not null
      union all
      select u.id, v.attribute, v.value from users u join user_values v on v.user_seq = u.seq
      where u.id = ${value('userId')} and v.attribute = 'emails.value'
      union all
      select user_id, 'bound', name_key from user_bindings where user_id = ${value('userId')}
    ) as n on n.id = h.user_id
    where h.user_id = ${value('userId')} and h.until is null`,
)

/** The names by which the configuration meant people who were deleted while they were held. */
export async function boundNamesOfHeld(db: Kysely<Database>, userIds: readonly string[]): Promise<string[]> {
  const rows = await boundNames.all(db, { userIds: JSON.stringify(userIds) })
  return rows.map(({ value }) => value)
}

const boundNames = statement<{ userIds: string }, { value: string }>(
  ({ dialect, value }) => sql`
    select distinct n.value from held h join held_names n on n.held_seq = h.seq and n.attribute = 'bound'
    where h.user_id in (select value from ${dialect.listOf(value('userIds'))} as list)`,
)

/** Whether a text means anybody who is held although the directory has deleted the user, in any directory. */
export function meansHeld<Values extends { text: string; textKey: string }>({
  value,
}: Builder<Values>): RawBuilder<unknown> {
  const names = sql`(${value('text')}, ${value('textKey')})`
  const isDeleted = sql`h.until is null and not exists (select 1 from users where id = h.user_id)`
  return sql`(
    exists (select 1 from held h where h.user_id = ${value('text')} and ${isDeleted})
    or exists (
      select 1 from held_names n join held h on h.seq = n.held_seq where n.value in ${names} and ${isDeleted}
    )
  )`
}

/**
 * Everybody whom a text means who is held although the directory has, or at the moment had, deleted the user: by id, or
 * by a name that the user had last. Until then the user bears the names of the moment, and no later ones.
 */
export async function findHeldPeople(
  db: Kysely<Database>,
  query: {
    readonly text: string
    readonly textKey: string
    readonly directoryId?: string | undefined
    readonly at?: string | undefined
  },
): Promise<Person[]> {
  const { text, textKey, directoryId = null, at = null } = query
  const rows = await named.all(db, { text, textKey, directoryId, at })
  const best = new Map<string, Person>()
  for (const { attribute, ...row } of rows) {
    const matched = MATCHED[attribute]
    const known = best.get(row.id)
    if (known !== undefined && ORDER.indexOf(known.matched) <= ORDER.indexOf(matched)) continue
    best.set(row.id, { ...row, seq: 0, active: false, matched })
  }
  return inOrder([...best.values()])
}

const MATCHED = {
  id: 'id',
  userName: 'userName',
  externalId: 'externalId',
  'emails.value': 'email',
} as const satisfies Readonly<Record<string, Matched>>

const ORDER: readonly Matched[] = Object.values(MATCHED)

interface NamedRow extends Pick<Person, 'id' | 'userName' | 'directoryId' | 'directoryName'> {
  readonly attribute: keyof typeof MATCHED
}

const named = statement<
  { text: string; textKey: string; directoryId: string | null; at: string | null },
  NamedRow
>(({ value }) => {
  const at = sql`cast(${value('at')} as text)`
  const directoryId = sql`cast(${value('directoryId')} as text)`
  return sql`
    select h.user_id as id, h.user_name as "userName", h.directory_id as "directoryId", d.name as "directoryName",
      c.attribute
    from (
      select seq, 'id' as attribute from held where user_id = ${value('text')}
      union all
      select held_seq, attribute from held_names
      where (value = ${value('textKey')} and attribute in ('userName', 'emails.value'))
        or (value = ${value('text')} and attribute = 'externalId')
    ) as c
    join held h on h.seq = c.seq
    join directories d on d.id = h.directory_id
    where (${directoryId} is null or h.directory_id = ${directoryId})
      and case when ${at} is null then h.until is null and not exists (select 1 from users where id = h.user_id)
        else h.since <= ${at} and (h.until is null or h.until > ${at})
          and not exists (select 1 from users where id = h.user_id and modified_at <= ${at})
          and not exists (select 1 from past_users where id = h.user_id and since <= ${at} and until > ${at})
        end`
})

/** How holding somebody ends, or is decided to go on. */
interface Verdict {
  readonly verdict: HeldTable['verdict']
  /** The moment at which it ends; null: it goes on. */
  readonly until: string | null
}

/** Whom an administrator decides about: everybody under an alarm who is still held, or some of them. */
export interface HeldScope {
  readonly alarmId: string
  /** Ids or folded user names; undefined: everybody. */
  readonly users?: readonly string[] | undefined
}

/** Decides about people who are held and of whom that is not decided yet, and returns their ids. */
export async function decideHeld(
  db: Kysely<Database>,
  { alarmId, users }: HeldScope,
  { verdict, until }: Verdict,
): Promise<string[]> {
  let query = db
    .updateTable('held')
    .set({ verdict, until })
    .where('alarm_id', '=', alarmId)
    .where('until', 'is', null)
    .where(({ or, eb }) => or([eb('verdict', 'is', null), eb('verdict', '!=', verdict)]))
  if (users !== undefined) {
    const names = sql<string>`(select value from ${dialectOf(db).listOf(JSON.stringify(users))} as names)`
    query = query.where(({ or, eb }) => or([eb('user_id', 'in', names), eb('user_name_key', 'in', names)]))
  }
  const rows = await query.returning('user_id as userId').execute()
  return [...new Set(rows.map(({ userId }) => userId))]
}

/** Ends holding of users of whom nothing is held any longer, since the directory has said otherwise. */
export async function endHeld(
  db: Kysely<Database>,
  userIds: readonly string[],
  until: string,
): Promise<void> {
  if (userIds.length > 0) await end.run(db, { userIds: JSON.stringify(userIds), until })
}

const end = statement<{ userIds: string; until: string }>(
  ({ dialect, value }) => sql`
    update held set until = ${value('until')}
    where until is null and user_id in (select value from ${dialect.listOf(value('userIds'))} as list)`,
)

/** Somebody who is held, as listed. */
export interface ListedHeld extends Omit<HeldFacts, 'rejected'> {
  readonly seq: number
  readonly directoryId: string
  readonly userId: string
  readonly userName: string
  readonly directoryName: string
  readonly settings: string
  readonly verdict: HeldTable['verdict']
}

/** People who are held, in the order in which they came. */
export async function listHeld(
  db: Kysely<Database>,
  wanted: {
    readonly alarmId?: string | undefined
    readonly directoryId?: string | undefined
    readonly verdict?: 'open' | 'rejected' | undefined
    /** Only those whom the directory has deleted, each once. */
    readonly deleted?: boolean
    /** Part of the folded user name. */
    readonly search?: string | undefined
    readonly after?: number | undefined
    readonly limit: number
  },
): Promise<ListedHeld[]> {
  const { alarmId, directoryId, verdict, deleted = false, search, after, limit } = wanted
  let query = db
    .selectFrom('held as h')
    .innerJoin('alarms as a', 'a.id', 'h.alarm_id')
    .innerJoin('directories as d', 'd.id', 'h.directory_id')
    .select([
      'h.seq',
      'h.directory_id as directoryId',
      'd.name as directoryName',
      'd.settings',
      'a.kind',
      'h.alarm_id as alarm',
      'h.since',
      'h.facts',
      'h.user_id as userId',
      'h.user_name as userName',
      'h.verdict',
    ])
    .where('h.until', 'is', null)
    .orderBy('h.seq')
    .limit(limit)
  if (deleted) {
    query = query.where(
      sql<boolean>`not exists (select 1 from users where id = h.user_id)
        and not exists (select 1 from held o where o.user_id = h.user_id and o.until is null and o.seq < h.seq)`,
    )
  }
  if (alarmId !== undefined) query = query.where('h.alarm_id', '=', alarmId)
  if (directoryId !== undefined) query = query.where('h.directory_id', '=', directoryId)
  if (verdict !== undefined) query = query.where('h.verdict', verdict === 'open' ? 'is' : 'is not', null)
  if (search !== undefined)
    query = query.where(dialectOf(db).contains(sql.ref('h.user_name_key'), sql.val(search)))
  if (after !== undefined) query = query.where('h.seq', '>', after)
  return query.execute()
}

/** How many people are held. */
export async function countHeld(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom('held')
    .select(({ fn }) => fn.count<number>('user_id').distinct().as('people'))
    .where('until', 'is', null)
    .executeTakeFirst()
  return row?.people ?? 0
}

/** Whether anybody is held under an alarm about whom no administrator has decided. */
export async function holdsUndecided(db: Kysely<Database>, alarmId: string): Promise<boolean> {
  return (await undecided.first(db, { alarmId })) !== undefined
}

const undecided = statement<{ alarmId: string }, { seq: number }>(
  ({ value }) => sql`
    select seq from held where alarm_id = ${value('alarmId')} and until is null and verdict is null
    limit ${sql.lit(1)}`,
)

/** The people of a job who have access anywhere, or may have it while decisions wait: who may lose something. */
export async function peopleAtRisk(
  db: Kysely<Database>,
  jobId: number,
  othersWait: boolean,
): Promise<number[]> {
  const rows = await (othersWait ? everybodyOf : withAccess).all(db, { jobId })
  return rows.map(({ seq }) => seq)
}

const everybodyOf = statement<{ jobId: number }, { seq: number }>(
  ({ value }) =>
    sql`select user_seq as seq from recompute_users where job_id = ${wholeNumber(value('jobId'))} order by user_seq`,
)

const withAccess = statement<{ jobId: number }, { seq: number }>(
  ({ value }) => sql`
    select user_seq as seq from recompute_users r
    where job_id = ${wholeNumber(value('jobId'))} and exists (
      select 1 from decisions d where d.user_seq = r.user_seq and d.decision = 'allow'
    )
    order by user_seq`,
)

/** The people of a job whom the configuration means by one of these folded names. */
export async function usersOfJobNamed(
  db: Kysely<Database>,
  jobId: number,
  nameKeys: readonly string[],
): Promise<number[]> {
  const rows = await ofJobNamed.all(db, { jobId, names: JSON.stringify(nameKeys) })
  return rows.map(({ seq }) => seq)
}

const ofJobNamed = statement<{ jobId: number; names: string }, { seq: number }>(
  ({ dialect, value }) => sql`
    select distinct u.seq
    from user_bindings b
    join users u on u.id = b.user_id
    join recompute_users r on r.user_seq = u.seq and r.job_id = ${wholeNumber(value('jobId'))}
    where b.name_key in (select value from ${dialect.listOf(value('names'))} as names)
    order by u.seq`,
)
