import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { evaluateElement } from '../scim/filter/evaluate.ts'
import type { Filter } from '../scim/filter/filter.ts'
import type { Member } from './members.ts'
import { statement, type Builder } from './statement.ts'

/** A member that a client has put into a group, and that is not here yet. */
export interface PendingMember {
  readonly directoryId: string
  readonly directoryName: string
  readonly groupId: string
  readonly groupName: string
  /** What the client sent as `value`. */
  readonly value: string
  readonly since: string
}

/**
 * Keeps members of a group that are still to come; those that are kept already keep their moment.
 *
 * @returns those that are kept now and were not before
 */
export async function addPending(
  db: Kysely<Database>,
  directoryId: string,
  groupId: string,
  values: readonly string[],
  since: string,
): Promise<string[]> {
  if (values.length === 0) return []
  return valuesOf(await insert.all(db, { directoryId, groupId, since, values: JSON.stringify(values) }))
}

const valuesOf = (rows: readonly { value: string }[]): string[] => rows.map(({ value }) => value)

const insert = statement<
  { directoryId: string; groupId: string; since: string; values: string },
  { value: string }
>(
  ({ dialect, value }) => sql`
    insert into pending_members (directory_id, group_id, value, since)
    select cast(${value('directoryId')} as text), cast(${value('groupId')} as text), list.value, cast(${value('since')} as text)
    from ${dialect.listOf(value('values'))} as list
    where true
    on conflict (group_id, value) do nothing
    returning value`,
)

/** Members of a group that nobody waits for any longer, these or all but these; returns those that were waited for. */
export async function removePending(
  db: Kysely<Database>,
  groupId: string,
  which: { readonly only: readonly string[] } | { readonly except: readonly string[] },
): Promise<string[]> {
  const rows =
    'only' in which
      ? await removeOnly.all(db, { groupId, values: JSON.stringify(which.only) })
      : await removeExcept.all(db, { groupId, values: JSON.stringify(which.except) })
  return valuesOf(rows)
}

const removeOnly = statement<{ groupId: string; values: string }, { value: string }>(
  ({ db, dialect, value }) =>
    db
      .deleteFrom('pending_members')
      .where('group_id', '=', value('groupId'))
      .where('value', 'in', sql<string>`(select value from ${dialect.listOf(value('values'))} as list)`)
      .returning('value'),
)

const removeExcept = statement<{ groupId: string; values: string }, { value: string }>(
  ({ db, dialect, value }) =>
    db
      .deleteFrom('pending_members')
      .where('group_id', '=', value('groupId'))
      .where('value', 'not in', sql<string>`(select value from ${dialect.listOf(value('values'))} as list)`)
      .returning('value'),
)

/** The same for those whom a filter selects. All that is known of them is their `value`. */
export async function removePendingWhere(
  db: Kysely<Database>,
  groupId: string,
  filter: Filter,
): Promise<string[]> {
  const pending = valuesOf(await ofGroup.all(db, { groupId }))
  const only = pending.filter((value) => evaluateElement(filter, { value }))
  return only.length === 0 ? [] : removePending(db, groupId, { only })
}

const ofGroup = statement<{ groupId: string }, { value: string }>(({ db, value }) =>
  db.selectFrom('pending_members').select('value').where('group_id', '=', value('groupId')),
)

/** Somebody who is here now: the id, and the external id unless another one has it too. */
export interface Arrival extends Member {
  readonly externalId: string | null
}

/**
 * Makes somebody a member of the groups that waited for them, from `at` on, and returns the ids of these groups.
 *
 * INVARIANT: who holds groups may lock arrivals, as those do who change the members of a group, and not the other way
 * round. So arrivals are locked at once where nobody waits, and only after the groups where somebody does.
 */
export async function bindPending(
  db: Kysely<Database>,
  directoryId: string,
  arrival: Arrival,
  at: string,
): Promise<string[]> {
  const { id, externalId } = arrival
  const names = JSON.stringify(externalId === null ? [id] : [id, externalId])
  const values = { directoryId, id, externalId, names }
  const { locksRows } = dialectOf(db)
  const [locked, waiting] = await Promise.all([
    locksRows ? lockIfNobodyWaits.all(db, values) : [],
    groupsWaiting.all(db, values),
  ])
  if (waiting.length === 0 && (!locksRows || locked.length > 0)) return []
  if (!locksRows) return bind(db, directoryId, arrival, at)
  await holdGroups.all(db, { ids: JSON.stringify(waiting.map((group) => group.id)) })
  const [, present] = await Promise.all([lockArrivals.all(db, { names }), groupsWaiting.all(db, values)])
  return present.length === 0 ? [] : bind(db, directoryId, arrival, at)
}

interface ArrivalValues {
  readonly directoryId: string
  readonly id: string
  readonly externalId: string | null
}

const groupsWaiting = statement<ArrivalValues, { id: string }>(waitingGroups)

function waitingGroups<Values extends ArrivalValues>({ db, value }: Builder<Values>) {
  return db
    .selectFrom('pending_members')
    .select('group_id as id')
    .distinct()
    .where('value', 'in', [value('id'), value('externalId')])
    .where('directory_id', '=', value('directoryId'))
}

const lockIfNobodyWaits = statement<ArrivalValues & { names: string }>(
  (builder) => sql`
    ${builder.dialect.lockArrivals(builder.value('names'), 'shared')}
    where not exists (${waitingGroups(builder)})`,
)

const lockArrivals = statement<{ names: string }>(({ dialect, value }) =>
  dialect.lockArrivals(value('names'), 'shared'),
)

/** Makes those who arrive under these names meanwhile wait until this unit of work has ended. */
export async function lockAwaited(db: Kysely<Database>, names: readonly string[]): Promise<void> {
  if (dialectOf(db).locksRows) await lockAwaitedNames.all(db, { names: JSON.stringify(names) })
}

const lockAwaitedNames = statement<{ names: string }>(({ dialect, value }) =>
  dialect.lockArrivals(value('names'), 'exclusive'),
)

const holdGroups = statement<{ ids: string }, { id: string }>(({ db, dialect, value }) =>
  db
    .selectFrom('groups')
    .select('id')
    .where('id', 'in', sql<string>`(select value from ${dialect.listOf(value('ids'))} as list)`)
    .orderBy('id')
    .modifyEnd(dialect.forUpdate),
)

async function bind(
  db: Kysely<Database>,
  directoryId: string,
  arrival: Arrival,
  since: string,
): Promise<string[]> {
  const { id, type, externalId } = arrival
  // An external id that several have names nobody.
  const named =
    externalId === null
      ? []
      : await selectByExternalId.all(db, { directoryId, values: JSON.stringify([externalId]) })
  const names = named.length === 1 && externalId !== null ? [id, externalId] : [id]
  const groups = await take.all(db, { directoryId, values: JSON.stringify(names) })
  const groupIds = [...new Set(groups.map((group) => group.id))].toSorted()
  if (groupIds.length > 0) await insertMember.run(db, { id, type, since, groupIds: JSON.stringify(groupIds) })
  return groupIds
}

const take = statement<{ directoryId: string; values: string }, { id: string }>(({ db, dialect, value }) =>
  db
    .deleteFrom('pending_members')
    .where('value', 'in', sql<string>`(select value from ${dialect.listOf(value('values'))} as list)`)
    .where('directory_id', '=', value('directoryId'))
    .returning('group_id as id'),
)

const insertMember = statement<{ id: string; type: Member['type']; since: string; groupIds: string }>(
  ({ dialect, value }) => sql`
    insert into members (group_id, member_id, member_type, since)
    select list.value, cast(${value('id')} as text), cast(${value('type')} as text), cast(${value('since')} as text)
    from ${dialect.listOf(value('groupIds'))} as list
    where true
    on conflict (group_id, member_id) do nothing`,
)

/** The users and groups of a directory whom clients mean by these external ids, where only one has it. */
export async function findByExternalId(
  db: Kysely<Database>,
  directoryId: string,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, Member>> {
  const rows = await selectByExternalId.all(db, { directoryId, values: JSON.stringify(externalIds) })
  const found = Map.groupBy(rows, ({ externalId }) => externalId)
  return new Map(
    [...found].flatMap(([externalId, [first, ...others]]) =>
      first === undefined || others.length > 0 ? [] : [[externalId, { id: first.id, type: first.type }]],
    ),
  )
}

const selectByExternalId = statement<
  { directoryId: string; values: string },
  Member & { externalId: string }
>(({ dialect, value }) => {
  const from = (table: string, type: Member['type']) => sql`
    select external_id as "externalId", id, cast(${sql.lit(type)} as text) as type from ${sql.table(table)}
    where external_id in (select value from ${dialect.listOf(value('values'))} as list)
      and directory_id = ${value('directoryId')}`
  return sql`${from('users', 'User')} union all ${from('groups', 'Group')}`
})

/** Which pending members to list. */
export interface PendingQuery {
  readonly directoryId?: string | undefined
  readonly group?: { readonly id: string; readonly nameKey: string } | undefined
  /** Part of the value. */
  readonly search?: string | undefined
  /** The last one of the page before. */
  readonly after?: { readonly groupId: string; readonly value: string } | undefined
  readonly limit: number
}

/** Pending members, those of one group together. */
export async function listPending(db: Kysely<Database>, wanted: PendingQuery): Promise<PendingMember[]> {
  const { directoryId, group, search, after, limit } = wanted
  let query = db
    .selectFrom('pending_members as p')
    .innerJoin('groups as g', 'g.id', 'p.group_id')
    .innerJoin('directories as d', 'd.id', 'p.directory_id')
    .select([
      'p.directory_id as directoryId',
      'd.name as directoryName',
      'p.group_id as groupId',
      'g.display_name as groupName',
      'p.value',
      'p.since',
    ])
    .orderBy('p.group_id')
    .orderBy('p.value')
    .limit(limit)
  if (directoryId !== undefined) query = query.where('p.directory_id', '=', directoryId)
  if (group !== undefined) {
    query = query.where(({ or, eb }) =>
      or([eb('g.id', '=', group.id), eb('g.display_name_key', '=', group.nameKey)]),
    )
  }
  if (search !== undefined) {
    query = query.where(dialectOf(db).contains(sql.ref('p.value'), sql.val(search)))
  }
  if (after !== undefined) {
    query = query.where(({ or, and, eb }) =>
      or([
        eb('p.group_id', '>', after.groupId),
        and([eb('p.group_id', '=', after.groupId), eb('p.value', '>', after.value)]),
      ]),
    )
  }
  return query.execute()
}
