import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { readSetting } from './settings.ts'
import { statement, wholeNumber, type Builder, type Statement } from './statement.ts'

/** Something that is about to be replaced or deleted, and from which moment on it does not stand any longer. */
interface Ending {
  readonly directoryId: string
  readonly id: string
  readonly until: string
}

interface Version extends Ending {
  readonly version: number
}

/** Copies rows of what stands to what stood: of the users `u` or the groups `g` that a condition selects. */
type Copy = (until: RawBuilder<unknown>, which: RawBuilder<unknown>) => RawBuilder<never>

const copyVersions: Copy = (until, which) => sql`
  insert into past_users (since, until, id, user_seq, directory_id, user_name, active, version, created_at, document)
  select modified_at, ${until}, id, seq, directory_id, user_name, active, version, created_at, document
  from users u where ${which}`

const copyKeys: Copy = (until, which) => sql`
  insert into past_user_keys (until, user_id, attribute, value)
  select ${until}, u.id, 'userName', u.user_name_key from users u where ${which}
  union all
  select ${until}, u.id, 'externalId', u.external_id from users u where ${which} and u.external_id is not null
  union all
  select ${until}, u.id, v.attribute, v.value
  from users u join user_values v on v.user_seq = u.seq where ${which} and v.attribute = 'emails.value'`

const copyUserBindings: Copy = (until, which) => sql`
  insert into past_user_bindings (since, until, directory_id, name_key, user_id)
  select b.since, ${until}, b.directory_id, b.name_key, b.user_id
  from users u join user_bindings b on b.user_id = u.id where ${which}`

const copyGroupNames: Copy = (until, which) => sql`
  insert into past_groups (until, id, display_name)
  select ${until}, g.id, g.display_name from groups g where ${which}`

const copyMembers: Copy = (until, which) => sql`
  insert into past_members (since, until, group_id, member_id)
  select m.since, ${until}, m.group_id, m.member_id
  from groups g join members m on m.group_id = g.id where ${which}`

const copyGroupBindings: Copy = (until, which) => sql`
  insert into past_bindings (since, until, directory_id, name_key, group_id)
  select b.since, ${until}, b.directory_id, b.name_key, b.group_id
  from groups g join bindings b on b.group_id = g.id where ${which}`

const OF_USERS = [copyVersions, copyKeys, copyUserBindings]
const OF_GROUPS = [copyGroupNames, copyMembers, copyGroupBindings]

/** A copy of what belongs to one user or group of a directory. */
function copyOne<Values extends Ending = Ending>(
  copy: Copy,
  of: 'u' | 'g',
  further: (builder: Builder<Values>) => RawBuilder<unknown> = () => sql``,
): Statement<Values, never> {
  return statement<Values>((builder) => {
    const { value } = builder
    const which = sql`${sql.ref(`${of}.id`)} = ${value('id')} and ${sql.ref(`${of}.directory_id`)} = ${value('directoryId')}`
    return copy(sql`cast(${value('until')} as text)`, sql`${which} ${further(builder)}`)
  })
}

const keepOfUser = OF_USERS.map((copy) => copyOne(copy, 'u'))
const keepOfGroup = OF_GROUPS.map((copy) => copyOne(copy, 'g'))
const atVersion = ({ value }: Builder<Version>) => sql`and u.version = ${value('version')}`
const keepVersion = copyOne<Version>(copyVersions, 'u', atVersion)
const keepKeys = copyOne<Version>(copyKeys, 'u', atVersion)
const keepName = copyOne<Ending & { next: string }>(
  copyGroupNames,
  'g',
  ({ value }) => sql`and g.display_name <> ${value('next')}`,
)

/**
 * Keeps the version of a user that is about to be replaced. The user must be held.
 *
 * @param keysChange whether it may be found by other names afterwards
 */
export async function keepUserVersion(
  db: Kysely<Database>,
  user: Version,
  keysChange: boolean,
): Promise<void> {
  await Promise.all([keepVersion.run(db, user), keysChange ? keepKeys.run(db, user) : undefined])
}

/** Keeps all that goes with a user that is about to be deleted, but for its memberships. The user must be held. */
export async function keepUser(db: Kysely<Database>, user: Ending): Promise<void> {
  await Promise.all(keepOfUser.map((keep) => keep.run(db, user)))
}

/** Keeps the name of a group that may be about to get another one. The group must be held. */
export async function keepGroupName(
  db: Kysely<Database>,
  group: Ending & { readonly next: string },
): Promise<void> {
  await keepName.run(db, group)
}

/** Keeps all that goes with a group that is about to be deleted, its members included. The group must be held. */
export async function keepGroup(db: Kysely<Database>, group: Ending): Promise<void> {
  await Promise.all(keepOfGroup.map((keep) => keep.run(db, group)))
}

/** A membership that has ended. */
export interface EndedMembership {
  readonly groupId: string
  readonly memberId: string
  readonly since: string
}

/** Keeps memberships that have ended. */
export async function keepMembers(
  db: Kysely<Database>,
  memberships: readonly EndedMembership[],
  until: string,
): Promise<void> {
  if (memberships.length === 0) return
  if (memberships.length <= FEW) {
    await Promise.all(memberships.map((membership) => keepMember.run(db, { ...membership, until })))
    return
  }
  const rows = memberships.map(({ since, groupId, memberId }) => [since, groupId, memberId])
  await keepManyMembers.run(db, { rows: JSON.stringify(rows), until })
}

/** Up to so many, a statement for each is quicker than one that has to read them from JSON. */
const FEW = 3

const keepMember = statement<EndedMembership & { until: string }>(({ db, value }) =>
  db.insertInto('past_members').values({
    since: value('since'),
    until: value('until'),
    group_id: value('groupId'),
    member_id: value('memberId'),
  }),
)

const keepManyMembers = statement<{ rows: string; until: string }>(({ dialect, value }) => {
  const rows = dialect.rowsOf(value('rows'), { since: 'text', group_id: 'text', member_id: 'text' })
  return sql`
    insert into past_members (since, until, group_id, member_id)
    select since, cast(${value('until')} as text), group_id, member_id from ${rows} as m`
})

/** Keeps the settings of a directory that are about to be replaced. */
export async function keepDirectorySettings(db: Kysely<Database>, id: string, until: string): Promise<void> {
  await sql`
    insert into past_directories (since, until, id, name, name_key, settings)
    select since, cast(${until} as text), id, name, name_key, settings
    from directories where id = ${id}`.execute(db)
}

/** Keeps a directory that is about to be removed, with all that goes with it. Nobody may change facts meanwhile. */
export async function keepDirectory(db: Kysely<Database>, id: string, until: string): Promise<void> {
  await keepDirectorySettings(db, id, until)
  const end = sql`cast(${until} as text)`
  for (const copy of OF_USERS) await copy(end, sql`u.directory_id = ${id}`).execute(db)
  for (const copy of OF_GROUPS) await copy(end, sql`g.directory_id = ${id}`).execute(db)
}

/** Where the moment stands from which on history is whole. */
const HISTORY_SINCE = 'history_since'

/** The moment from which on everything that stood is known; undefined: from the beginning. */
export function historySince(db: Kysely<Database>): Promise<string | undefined> {
  return readSetting(db, HISTORY_SINCE)
}

const PAST = [
  'past_users',
  'past_user_keys',
  'past_groups',
  'past_members',
  'past_bindings',
  'past_user_bindings',
  'past_directories',
] as const

/** Whether anything is kept that ended before a moment. */
export async function hasOutlived(db: Kysely<Database>, horizon: string): Promise<boolean> {
  const oldest = await Promise.all(OLDEST.map((find) => find.first(db, {})))
  return oldest.some((row) => row !== undefined && row.until <= horizon)
}

const OLDEST = PAST.map((table) =>
  statement<object, { until: string }>(
    () => sql`select until from ${sql.table(table)} order by seq limit ${sql.lit(1)}`,
  ),
)

/** Forgets what ended before a moment, up to `limit` rows of each kind, the oldest first. */
export async function forgetOutlived(db: Kysely<Database>, horizon: string, limit: number): Promise<void> {
  await sql`
    insert into settings (key, value) values (${HISTORY_SINCE}, ${horizon})
    on conflict (key) do update set value = excluded.value where settings.value < excluded.value`.execute(db)
  await Promise.all(FORGET.map((forget) => forget.run(db, { horizon, limit })))
  await db.deleteFrom('held').where('until', '<=', horizon).execute()
}

const FORGET = PAST.map((table) =>
  statement<{ horizon: string; limit: number }>(
    ({ value }) => sql`
      delete from ${sql.table(table)}
      where seq in (select seq from ${sql.table(table)} order by seq limit ${wholeNumber(value('limit'))})
        and until <= ${value('horizon')}`,
  ),
)
