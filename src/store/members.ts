import { sql, type Kysely, type RawBuilder } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import type { Filter } from '../scim/filter/filter.ts'
import type { MemberRef } from '../scim/resource/resource.ts'
import { keepMembers } from './history.ts'
import { findByExternalId, lockAwaited, removePending } from './pending-members.ts'
import { wholeNumber, statement, statementAmong, type Builder } from './statement.ts'
import { whereMember } from './where.ts'

/** One membership operation of a PATCH, or of a whole group that is written. */
export type MemberOperation =
  | { readonly kind: 'add' | 'remove' | 'replace'; readonly members: readonly MemberRef[] }
  | { readonly kind: 'clear' }
  | { readonly kind: 'removeWhere'; readonly filter: Filter }

/** A member of a group. */
export interface Member {
  readonly id: string
  readonly type: 'User' | 'Group'
}

/** A membership that has just been taken away. */
interface Removed extends Member {
  readonly since: string
}

/** What a sequence of operations made of the members of a group. */
export interface MemberChanges {
  /** Who was no member before and is one now. */
  readonly added: readonly Member[]
  /** Who was a member before and is none now. */
  readonly removed: readonly Member[]
  /** The names that were to be added and are the id, or the external id, of no user and no group of the directory. */
  readonly unknown: readonly string[]
}

/**
 * Applies membership operations to a group, in their order, and tells what came of them as a whole.
 *
 * Only the rows that are named are touched, so one member more costs the same in a group of any size. The group itself
 * must be held before: see `readGroupForUpdate` and `touchGroups` in `groups.ts`.
 *
 * @param at the moment from which on it is so: history keeps who was a member until then
 */
export async function applyMembers(
  db: Kysely<Database>,
  directoryId: string,
  groupId: string,
  operations: readonly MemberOperation[],
  at: string,
): Promise<MemberChanges> {
  const added = new Map<string, Member>()
  const removed = new Map<string, Removed>()
  const unknown = new Set<string>()
  for (const operation of operations) {
    const step = await applyOne(db, { directoryId, groupId, since: at }, operation)
    for (const member of step.removed) {
      if (!added.delete(member.id)) removed.set(member.id, member)
    }
    const stayed = step.added.flatMap(({ id }) => removed.get(id) ?? [])
    if (stayed.length > 0) await putBack(db, groupId, stayed)
    for (const member of step.added) {
      if (!removed.delete(member.id)) added.set(member.id, member)
    }
    for (const id of step.unknown) unknown.add(id)
  }
  await keepMembers(
    db,
    Array.from(removed.values(), ({ id, since }) => ({ groupId, memberId: id, since })),
    at,
  )
  return { added: [...added.values()], removed: [...removed.values()].map(toMember), unknown: [...unknown] }
}

const toMember = ({ id, type }: Removed): Member => ({ id, type })

/** Who is taken out and put in by one request never was out. */
async function putBack(db: Kysely<Database>, groupId: string, stayed: readonly Removed[]): Promise<void> {
  const rows = JSON.stringify(stayed.map(({ id, since }) => [id, since]))
  await restoreSince.run(db, { groupId, rows })
}

const restoreSince = statement<{ groupId: string; rows: string }>(
  ({ dialect, value }) => sql`
    update members set since = stayed.since
    from ${dialect.rowsOf(value('rows'), { id: 'text', since: 'text' })} as stayed
    where members.group_id = ${value('groupId')} and members.member_id = stayed.id`,
)

interface Step extends Omit<MemberChanges, 'removed'> {
  readonly removed: readonly Removed[]
}

async function applyOne(db: Kysely<Database>, place: Place, operation: MemberOperation): Promise<Step> {
  const { directoryId, groupId } = place
  switch (operation.kind) {
    case 'add': {
      const { added, unknown } = await add(db, place, idsOf(operation))
      return { added, unknown, removed: [] }
    }
    case 'remove':
      return { ...NOTHING, removed: await remove(db, directoryId, groupId, idsOf(operation)) }
    case 'replace': {
      const ids = idsOf(operation)
      const { added, unknown, meant } = await add(db, place, ids)
      const removed = await removeUnlisted.all(db, { groupId, ids: JSON.stringify([...ids, ...meant]) })
      return { added, unknown, removed }
    }
    case 'clear':
      return { ...NOTHING, removed: await removeAll.all(db, { groupId }) }
    case 'removeWhere':
      return { ...NOTHING, removed: await removeWhere(db, groupId, operation.filter) }
  }
}

const NOTHING: Step = { added: [], removed: [], unknown: [] }

function idsOf(operation: { readonly members: readonly { readonly value: string }[] }): string[] {
  return [...new Set(operation.members.map(({ value }) => value))]
}

interface Added extends Pick<MemberChanges, 'added' | 'unknown'> {
  /** Ids of those who were named by their external ids. */
  readonly meant: readonly string[]
}

/** The group that members are added to, and since when they are in it. */
interface Place {
  readonly directoryId: string
  readonly groupId: string
  readonly since: string
}

async function add(db: Kysely<Database>, place: Place, names: readonly string[]): Promise<Added> {
  if (names.length === 0) return { ...NOTHING, meant: [] }
  const first = await addByIds(db, place, names)
  if (first.unknown.length === 0) return { ...first, meant: [] }
  // Who arrives meanwhile is either seen from here on, or waits and then sees that it was waited for.
  await lockAwaited(db, first.unknown)
  const named = await findByExternalId(db, place.directoryId, first.unknown)
  if (named.size > 0) await removePending(db, place.groupId, { only: [...named.keys()] })
  const meant = [...named.values()].map(({ id }) => id)
  const second = await addByIds(db, place, [...first.unknown, ...meant])
  return {
    added: [...first.added, ...second.added],
    unknown: second.unknown.filter((name) => !named.has(name)),
    meant,
  }
}

async function addByIds(
  db: Kysely<Database>,
  place: Place,
  ids: readonly string[],
): Promise<Pick<MemberChanges, 'added' | 'unknown'>> {
  const [known, added] = await Promise.all([selectKnown.all(db, ids, place), insertKnown.all(db, ids, place)])
  const knownIds = new Set(known.map(({ id }) => id))
  return { added, unknown: ids.filter((id) => !knownIds.has(id)) }
}

/** Who is no member by that id may be one by that external id. */
async function remove(
  db: Kysely<Database>,
  directoryId: string,
  groupId: string,
  names: readonly string[],
): Promise<readonly Removed[]> {
  const removed = await removeListed.all(db, names, { groupId })
  if (removed.length === names.length) return removed
  const removedIds = new Set(removed.map(({ id }) => id))
  const named = await findByExternalId(
    db,
    directoryId,
    names.filter((name) => !removedIds.has(name)),
  )
  if (named.size === 0) return removed
  const ids = [...named.values()].map(({ id }) => id)
  return [...removed, ...(await removeListed.all(db, ids, { groupId }))]
}

const selectKnown = statementAmong<string, Place, Member>(
  'text',
  (builder, among) => sql`select id, type from ${known(builder, among)} as known`,
)

const insertKnown = statementAmong<string, Place, Member>(
  'text',
  (builder, among) => sql`
    insert into members (group_id, member_id, member_type, since)
    select cast(${builder.value('groupId')} as text), id, type, cast(${builder.value('since')} as text) from ${known(builder, among)} as known
    where true
    on conflict (group_id, member_id) do nothing
    returning member_id as id, member_type as type`,
)

/** The users and groups of the directory that a list of ids names; they go on existing meanwhile. */
function known({ dialect, value }: Builder<Place>, among: RawBuilder<unknown>) {
  const from = (table: string, type: Member['type']) => sql`
    select id, type from (
      select t.id, cast(${sql.lit(type)} as text) as type from ${sql.table(table)} as t
      where t.id ${among}
        and ${dialect.notByIndex(sql.ref('t.directory_id'))} = ${value('directoryId')}
      ${dialect.forReference}
    ) as ${sql.ref(table)}`
  return sql`(${from('users', 'User')} union all ${from('groups', 'Group')})`
}

const removeListed = statementAmong<string, { groupId: string }, Removed>('text', ({ db, value }, among) =>
  db
    .deleteFrom('members')
    .where('group_id', '=', value('groupId'))
    .where(sql<boolean>`member_id ${among}`)
    .returning(removedColumns),
)

const removeUnlisted = statement<{ groupId: string; ids: string }, Removed>(({ db, dialect, value }) =>
  db
    .deleteFrom('members')
    .where('group_id', '=', value('groupId'))
    .where('member_id', 'not in', sql<string>`(select value from ${dialect.listOf(value('ids'))} as list)`)
    .returning(removedColumns),
)

const removeAll = statement<{ groupId: string }, Removed>(({ db, value }) =>
  db.deleteFrom('members').where('group_id', '=', value('groupId')).returning(removedColumns),
)

async function removeWhere(db: Kysely<Database>, groupId: string, filter: Filter): Promise<Removed[]> {
  return db
    .deleteFrom('members')
    .where('group_id', '=', groupId)
    .where(
      'member_id',
      'in',
      sql<string>`(
        select m.member_id from members m
        left join users mu on mu.id = m.member_id
        left join groups mg on mg.id = m.member_id
        where m.group_id = ${groupId} and ${whereMember(filter, dialectOf(db))}
      )`,
    )
    .returning(removedColumns)
    .execute()
}

const columns = ['member_id as id', 'member_type as type'] as const
const removedColumns = [...columns, 'since'] as const

/** The members of a group in the order of their ids, at most `limit` after `afterId`. */
export async function listMembers(
  db: Kysely<Database>,
  groupId: string,
  page: { readonly afterId?: string; readonly limit: number },
): Promise<Member[]> {
  return membersAfter.all(db, { groupId, afterId: page.afterId ?? '', limit: page.limit })
}

const membersAfter = statement<{ groupId: string; afterId: string; limit: number }, Member>(({ db, value }) =>
  db
    .selectFrom('members')
    .select(columns)
    .where('group_id', '=', value('groupId'))
    .where('member_id', '>', value('afterId'))
    .orderBy('member_id')
    .limit(wholeNumber(value('limit'))),
)

/** How many members a group has. */
export async function countMembers(db: Kysely<Database>, groupId: string): Promise<number> {
  const row = await count.first(db, { groupId })
  return row?.count ?? 0
}

const count = statement<{ groupId: string }, { count: number }>(({ db, value }) =>
  db
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('group_id', '=', value('groupId')),
)
