import { sql, type Kysely, type RawBuilder } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { statement } from './statement.ts'

/** The group of a directory that rules mean by a name, whatever the group is called today. */
export interface Binding {
  readonly directoryId: string
  /** The name that rules use, folded. */
  readonly nameKey: string
  readonly groupId: string
  readonly since: string
}

/**
 * Binds names that rules use to the groups that bear them, in every directory; a binding that stands stays.
 *
 * Where several groups of a directory bear a name, the oldest is meant. Returns what was bound.
 */
export async function bindGroups(
  db: Kysely<Database>,
  nameKeys: readonly string[],
  since: string,
): Promise<Binding[]> {
  if (nameKeys.length === 0) return []
  const { rows } = await sql<Binding>`
    insert into bindings (directory_id, name_key, group_id, since)
    select directory_id, display_name_key, id, cast(${since} as text) ${fromGroupsNamed(db, nameKeys)}
    ${dialectOf(db).forReference}
    on conflict (directory_id, name_key) do nothing
    returning directory_id as "directoryId", name_key as "nameKey", group_id as "groupId", since`.execute(db)
  return rows
}

/** Whom {@link bindGroups} would bind if no binding stood. */
export async function bindableGroups(
  db: Kysely<Database>,
  nameKeys: readonly string[],
): Promise<Omit<Binding, 'since'>[]> {
  if (nameKeys.length === 0) return []
  const { rows } = await sql<Omit<Binding, 'since'>>`
    select directory_id as "directoryId", display_name_key as "nameKey", id as "groupId"
    ${fromGroupsNamed(db, nameKeys)}`.execute(db)
  return rows
}

/** The oldest group of each directory that bears one of the names. */
function fromGroupsNamed(db: Kysely<Database>, nameKeys: readonly string[]): RawBuilder<unknown> {
  const names = dialectOf(db).listOf(JSON.stringify(nameKeys))
  return sql`
    from groups
    where seq in (
      select min(seq) from groups
      where display_name_key in (select value from ${names} as names)
      group by directory_id, display_name_key
    )`
}

/**
 * Binds a name that rules use to the group that has just taken it, and tells whether it did: a name that is bound
 * stays with its group, and a group that is bound gains no further name.
 */
export async function bindGroup(db: Kysely<Database>, binding: Binding): Promise<boolean> {
  return (await bindOne.run(db, binding)) === 1
}

const bindOne = statement<Binding>(
  ({ value }) => sql`
    insert into bindings (directory_id, name_key, group_id, since)
    select cast(${value('directoryId')} as text), cast(${value('nameKey')} as text), cast(${value('groupId')} as text),
      cast(${value('since')} as text)
    where not exists (select 1 from bindings where group_id = ${value('groupId')})
    on conflict (directory_id, name_key) do nothing`,
)

/** The user of a directory that the configuration means by a name, whatever the user is called today. */
export interface UserBinding {
  readonly directoryId: string
  /** The name that the configuration uses, folded. */
  readonly nameKey: string
  readonly userId: string
  readonly since: string
}

/**
 * Binds names that the configuration uses to the users who bear them, in every directory; a binding that stands stays.
 *
 * Returns what was bound.
 */
export async function bindUsers(
  db: Kysely<Database>,
  nameKeys: readonly string[],
  since: string,
): Promise<UserBinding[]> {
  if (nameKeys.length === 0) return []
  const { rows } = await sql<UserBinding>`
    insert into user_bindings (directory_id, name_key, user_id, since)
    select directory_id, user_name_key, id, cast(${since} as text) ${fromUsersNamed(db, nameKeys)}
    ${dialectOf(db).forReference}
    on conflict (directory_id, name_key) do nothing
    returning directory_id as "directoryId", name_key as "nameKey", user_id as "userId", since`.execute(db)
  return rows
}

/** Whom {@link bindUsers} would bind now, beside those who are bound. */
export async function bindableUsers(
  db: Kysely<Database>,
  nameKeys: readonly string[],
): Promise<Omit<UserBinding, 'since'>[]> {
  if (nameKeys.length === 0) return []
  const { rows } = await sql<Omit<UserBinding, 'since'>>`
    select directory_id as "directoryId", user_name_key as "nameKey", id as "userId"
    ${fromUsersNamed(db, nameKeys)}
      and not exists (
        select 1 from user_bindings b
        where b.directory_id = users.directory_id and b.name_key = users.user_name_key
      )`.execute(db)
  return rows
}

/** Which of these names of users are bound in some directory. */
export async function boundUserNames(db: Kysely<Database>, nameKeys: readonly string[]): Promise<string[]> {
  if (nameKeys.length === 0) return []
  const names = dialectOf(db).listOf(JSON.stringify(nameKeys))
  const { rows } = await sql<{ nameKey: string }>`
    select distinct name_key as "nameKey" from user_bindings
    where name_key in (select value from ${names} as names)`.execute(db)
  return rows.map(({ nameKey }) => nameKey)
}

function fromUsersNamed(db: Kysely<Database>, nameKeys: readonly string[]): RawBuilder<unknown> {
  const names = dialectOf(db).listOf(JSON.stringify(nameKeys))
  return sql`
    from users
    where user_name_key in (select value from ${names} as names)
      and ${isFree(sql`users.directory_id`, sql`users.user_name_key`, sql`users.id`)}`
}

/** That a name does not mean somebody else of the directory, who is deleted and held. */
function isFree(
  directoryId: RawBuilder<unknown>,
  nameKey: RawBuilder<unknown>,
  userId: RawBuilder<unknown>,
): RawBuilder<boolean> {
  return sql`not exists (
    select 1 from held_names n join held h on h.seq = n.held_seq
    where n.attribute = 'bound' and n.value = ${nameKey} and h.directory_id = ${directoryId}
      and h.until is null and h.user_id <> ${userId}
      and not exists (select 1 from users as present where present.id = h.user_id)
  )`
}

/** Binds a name that the configuration uses to the user who has just taken it, as {@link bindGroup} does. */
export async function bindUser(db: Kysely<Database>, binding: UserBinding): Promise<boolean> {
  return (await bindOneUser.run(db, binding)) === 1
}

const bindOneUser = statement<UserBinding>(
  ({ value }) => sql`
    insert into user_bindings (directory_id, name_key, user_id, since)
    select cast(${value('directoryId')} as text), cast(${value('nameKey')} as text), cast(${value('userId')} as text),
      cast(${value('since')} as text)
    where not exists (select 1 from user_bindings where user_id = ${value('userId')})
      and ${isFree(value('directoryId'), value('nameKey'), value('userId'))}
    on conflict (directory_id, name_key) do nothing`,
)

/** All bindings of groups, of one directory or of all. */
export async function listBindings(db: Kysely<Database>, directoryId?: string): Promise<Binding[]> {
  return db
    .selectFrom('bindings')
    .select(columns)
    .$if(directoryId !== undefined, (query) => query.where('directory_id', '=', directoryId ?? ''))
    .orderBy('directory_id')
    .orderBy('name_key')
    .execute()
}

const columns = [
  'directory_id as directoryId',
  'name_key as nameKey',
  'group_id as groupId',
  'since',
] as const
