import { sql, type Kysely, type RawBuilder } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { statement, wholeNumber } from './statement.ts'

/**
 * Since when facts stand that stood at a moment; `asOf` is null for what stands now. An empty text: since before history
 * was kept. Undefined: it did not stand.
 */
type Since = Promise<string | undefined>

/** Since when somebody is a direct member of a group. */
export async function memberSince(
  db: Kysely<Database>,
  query: { readonly groupId: string; readonly memberId: string; readonly asOf: string | null },
): Since {
  return (await memberRow.first(db, query))?.since
}

const memberRow = statement<{ groupId: string; memberId: string; asOf: string | null }, { since: string }>(
  ({ value }) => sql`
    select since from members
    where group_id = ${value('groupId')} and member_id = ${value('memberId')}
      and (cast(${value('asOf')} as text) is null or since <= ${value('asOf')})
    union all
    select since from past_members
    where group_id = ${value('groupId')} and member_id = ${value('memberId')}
      and since <= ${value('asOf')} and until > ${value('asOf')}
    order by since desc limit ${sql.lit(1)}`,
)

/** Since when the configuration means a group, or a user, by a name. */
export async function boundSince(
  db: Kysely<Database>,
  of: 'group' | 'user',
  query: {
    readonly directoryId: string
    readonly nameKey: string
    readonly id: string
    readonly asOf: string | null
  },
): Since {
  return (await BOUND[of].first(db, query))?.since
}

const boundRow = (table: 'bindings' | 'user_bindings', meant: 'group_id' | 'user_id') =>
  statement<{ directoryId: string; nameKey: string; id: string; asOf: string | null }, { since: string }>(
    ({ value }) => sql`
      select since from ${sql.table(table)}
      where directory_id = ${value('directoryId')} and name_key = ${value('nameKey')}
        and ${sql.ref(meant)} = ${value('id')}
        and (cast(${value('asOf')} as text) is null or since <= ${value('asOf')})
      union all
      select since from ${sql.table(`past_${table}`)}
      where directory_id = ${value('directoryId')} and name_key = ${value('nameKey')}
        and ${sql.ref(meant)} = ${value('id')}
        and since <= ${value('asOf')} and until > ${value('asOf')}
      order by since desc limit ${sql.lit(1)}`,
  )

const BOUND = { group: boundRow('bindings', 'group_id'), user: boundRow('user_bindings', 'user_id') }

/** A version of a user, as it stood at a moment. */
export interface StandingVersion {
  readonly id: string
  readonly version: number
  readonly since: string
  /** When the user was created, or came back after it had been deleted. */
  readonly createdAt: string
  /** JSON text of the resource, but for `meta` and `groups`. */
  readonly document: string
}

/**
 * The last version before this one, since the user was created, in which something else stood at a path of the document.
 *
 * @param most how many versions are looked at
 */
export async function lastVersionUnlike(
  db: Kysely<Database>,
  present: StandingVersion,
  path: readonly string[],
  most: number,
): Promise<{ readonly version: number; readonly until: string } | undefined> {
  const { jsonAt } = dialectOf(db)
  const { rows } = await sql<{ version: number; until: string }>`
    select version, until from ${versionsBefore(present, most)} as older
    where ${jsonAt(sql.ref('older.document'), path)} is distinct from (select ${jsonAt(sql.val(present.document), path)})
    order by until desc, version desc limit 1`.execute(db)
  return rows[0]
}

/** Since when the oldest of these versions stood; undefined where there is none. */
export async function oldestVersionSince(
  db: Kysely<Database>,
  present: StandingVersion,
  most: number,
): Promise<string | undefined> {
  const { rows } = await sql<{ since: string | null }>`
    select min(since) as since from ${versionsBefore(present, most)} as older`.execute(db)
  return rows[0]?.since ?? undefined
}

function versionsBefore({ id, version, createdAt }: StandingVersion, most: number): RawBuilder<unknown> {
  return sql`(
    select version, since, until, document from past_users
    where id = ${id} and version < ${version} and since >= ${createdAt}
    order by until desc, version desc limit ${most}
  )`
}

/** The settings that a directory had one after another, the newest first; at most `limit`. */
export async function settingsOf(
  db: Kysely<Database>,
  query: { readonly id: string; readonly asOf: string | null; readonly limit: number },
): Promise<{ readonly since: string; readonly settings: string }[]> {
  return settingsRows.all(db, query)
}

const settingsRows = statement<
  { id: string; asOf: string | null; limit: number },
  { since: string; settings: string }
>(
  ({ value }) => sql`
    select since, settings from (
      select since, settings, '~' as until, 0 as seq from directories where id = ${value('id')}
      union all
      select since, settings, until, seq from past_directories where id = ${value('id')}
    ) as d
    where cast(${value('asOf')} as text) is null or since <= ${value('asOf')}
    order by until desc, seq desc limit ${wholeNumber(value('limit'))}`,
)

/** A user who was found by a text until a moment. */
export interface Gone {
  readonly id: string
  readonly userName: string
  readonly directoryId: string
  readonly until: string
}

/** Who was the last to be found by a text until a moment or before, and then no longer. */
export function lastFoundBy(
  db: Kysely<Database>,
  query: {
    readonly text: string
    readonly textKey: string
    /** Null: any directory. */
    readonly directoryId: string | null
    readonly at: string
  },
): Promise<Gone | undefined> {
  return lastFound.first(db, query)
}

const lastFound = statement<{ text: string; textKey: string; directoryId: string | null; at: string }, Gone>(
  ({ value }) => sql`
    select p.id, p.user_name as "userName", p.directory_id as "directoryId", p.until
    from past_users p join past_user_keys k on k.user_id = p.id and k.until = p.until
    where k.until <= ${value('at')} and (
      (k.value = ${value('textKey')} and k.attribute in ('userName', 'emails.value'))
      or (k.value = ${value('text')} and k.attribute = 'externalId'))
      and (cast(${value('directoryId')} as text) is null or p.directory_id = ${value('directoryId')})
    union all
    select id, user_name, directory_id, until from past_users
    where id = ${value('text')} and until <= ${value('at')}
      and (cast(${value('directoryId')} as text) is null or directory_id = ${value('directoryId')})
    order by until desc limit ${sql.lit(1)}`,
)
