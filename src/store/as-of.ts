import { sql, type Kysely } from 'kysely'
import type { Database, Flag } from '../../db/tables.ts'
import type { MembershipEdge } from './closure.ts'
import { groupsAbove, type UserFacts } from './facts.ts'
import { heldOf } from './holds.ts'
import { statement, statementAmong } from './statement.ts'

/** A directory as it was at a moment. */
export interface DirectoryVersion {
  readonly id: string
  readonly name: string
  readonly nameKey: string
  /** JSON text. */
  readonly settings: string
}

/** All directories that there were at a moment. */
export function directoriesAt(db: Kysely<Database>, at: string): Promise<DirectoryVersion[]> {
  return directories.all(db, { at })
}

const directories = statement<{ at: string }, DirectoryVersion>(
  ({ value }) => sql`
    select id, name, name_key as "nameKey", settings from directories where since <= ${value('at')}
    union all
    select id, name, name_key, settings from past_directories
    where since <= ${value('at')} and until > ${value('at')}`,
)

/** A user as it was at a moment. */
export interface UserVersion {
  readonly seq: number
  readonly id: string
  readonly userName: string
  readonly active: boolean
  readonly version: number
  /** Since when it was so. */
  readonly since: string
  /** When it was created, or came back after it had been deleted. */
  readonly createdAt: string
  readonly directoryId: string
  /** JSON text of the resource, but for `meta` and `groups`. */
  readonly document: string
}

/**
 * Everybody whom a text may have meant at a moment, as they were then. Some may have borne it at another moment only:
 * whoever asks looks.
 */
export async function usersAt(
  db: Kysely<Database>,
  query: { readonly text: string; readonly textKey: string; readonly at: string },
): Promise<UserVersion[]> {
  const named = await candidates.all(db, query)
  return versionsAt(db, [...new Set([query.text, ...named.map(({ id }) => id)])], query.at)
}

const candidates = statement<{ text: string; textKey: string; at: string }, { id: string }>(
  ({ value }) => sql`
    select id from users where user_name_key = ${value('textKey')}
    union select id from users where external_id = ${value('text')}
    union select u.id from user_values v join users u on u.seq = v.user_seq
      where v.attribute = 'emails.value' and v.value = ${value('textKey')}
    union select user_id from past_user_keys
      where value = ${value('textKey')} and attribute in ('userName', 'emails.value') and until > ${value('at')}
    union select user_id from past_user_keys
      where value = ${value('text')} and attribute = 'externalId' and until > ${value('at')}`,
)

async function versionsAt(db: Kysely<Database>, ids: readonly string[], at: string): Promise<UserVersion[]> {
  const rows = await versions.all(db, ids, { at })
  // Where clocks of several servers differ, the next version may begin before the last one has ended.
  const newest = new Map(rows.toSorted((a, b) => a.version - b.version).map((row) => [row.id, row]))
  return Array.from(newest.values(), (row) => ({ ...row, active: row.active === 1 }))
}

type VersionRow = Omit<UserVersion, 'active'> & { readonly active: Flag }

const versions = statementAmong<string, { at: string }, VersionRow>(
  'text',
  ({ value }, among) => sql`
    select seq, id, user_name as "userName", active, version, modified_at as since,
      created_at as "createdAt", directory_id as "directoryId", document
    from users where id ${among} and modified_at <= ${value('at')}
    union all
    select user_seq, id, user_name, active, version, since, created_at, directory_id, document
    from past_users where id ${among} and since <= ${value('at')} and until > ${value('at')}`,
)

/** Everything that decided at a moment what a user might do. */
export async function factsAt(
  db: Kysely<Database>,
  user: UserVersion,
  directory: DirectoryVersion,
  at: string,
): Promise<UserFacts> {
  const [edges, bound, names, held] = await Promise.all([
    edgesAboveAt(db, user.id, at),
    bindingsAt(db, directory.id, at),
    userNames.all(db, { id: user.id, at }),
    heldOf(db, user.id, at),
  ])
  const { seq, id, userName, active, document } = user
  return {
    seq,
    user: { id, userName, names: names.map(({ nameKey }) => nameKey), active, document },
    directory,
    groups: groupsAbove(
      id,
      Map.groupBy(edges, ({ memberId }) => memberId),
    ),
    bindings: bound,
    refused: undefined,
    held,
  }
}

/** The group that rules meant by a name in a directory, by folded name. */
export async function bindingsAt(
  db: Kysely<Database>,
  directoryId: string,
  at: string,
): Promise<ReadonlyMap<string, string>> {
  const bound = await bindings.all(db, { directoryId, at })
  return new Map(bound.map(({ nameKey, groupId }) => [nameKey, groupId]))
}

const bindings = statement<{ directoryId: string; at: string }, { nameKey: string; groupId: string }>(
  ({ value }) => sql`
    select name_key as "nameKey", group_id as "groupId"
    from bindings where directory_id = ${value('directoryId')} and since <= ${value('at')}
    union all
    select name_key, group_id from past_bindings
    where directory_id = ${value('directoryId')} and since <= ${value('at')} and until > ${value('at')}`,
)

const userNames = statement<{ id: string; at: string }, { nameKey: string }>(
  ({ value }) => sql`
    select name_key as "nameKey" from user_bindings where user_id = ${value('id')} and since <= ${value('at')}
    union
    select name_key from past_user_bindings
    where user_id = ${value('id')} and since <= ${value('at')} and until > ${value('at')}
    order by "nameKey"`,
)

/** Every membership on the ways up from a user, step by step: a group is asked for its own memberships once. */
async function edgesAboveAt(db: Kysely<Database>, userId: string, at: string): Promise<MembershipEdge[]> {
  const found: Omit<MembershipEdge, 'displayName'>[] = []
  const reached = new Set<string>()
  for (let level = [userId]; level.length > 0;) {
    const step = await memberships.all(db, level, { at })
    found.push(...step)
    level = [...new Set(step.map(({ groupId }) => groupId))].filter((id) => !reached.has(id))
    for (const id of level) reached.add(id)
  }
  const names = await namesAt(db, [...reached], at)
  return found.flatMap((edge) => {
    const displayName = names.get(edge.groupId)
    return displayName === undefined ? [] : [{ ...edge, displayName }]
  })
}

const memberships = statementAmong<string, { at: string }, Omit<MembershipEdge, 'displayName'>>(
  'text',
  ({ value }, among) => sql`
    select member_id as "memberId", group_id as "groupId"
    from members where member_id ${among} and since <= ${value('at')}
    union
    select member_id, group_id
    from past_members where member_id ${among} and since <= ${value('at')} and until > ${value('at')}`,
)

/** What groups were called: the first name that ended later, or the one that they have. */
async function namesAt(
  db: Kysely<Database>,
  groupIds: readonly string[],
  at: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await groupNames.all(db, groupIds, { at })
  const names = new Map<string, string>()
  for (const { id, displayName } of rows) if (!names.has(id)) names.set(id, displayName)
  return names
}

const groupNames = statementAmong<string, { at: string }, { id: string; displayName: string }>(
  'text',
  ({ value }, among) => sql`
    select id, display_name as "displayName", 0 as present, until
    from past_groups where id ${among} and until > ${value('at')}
    union all
    select id, display_name, 1, '' from groups where id ${among}
    order by present, until`,
)
