import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { keepGroup, keepGroupName, keepMembers, type EndedMembership } from './history.ts'
import { membersJson } from './reference-json.ts'
import { statement, type Builder } from './statement.ts'
import { unique } from './uniqueness-error.ts'

/** A group as it is stored. */
export interface StoredGroup {
  readonly seq: number
  readonly id: string
  readonly displayName: string
  readonly version: number
  readonly createdAt: string
  readonly modifiedAt: string
  /** JSON text of the resource, but for `meta` and `members`. */
  readonly document: string
  /** JSON text of the attribute `members`, where it was asked for. */
  readonly members: string | undefined
}

/** What a group is written from. */
export interface GroupContent {
  readonly displayName: string
  readonly displayNameKey: string
  readonly externalId: string | null
  readonly modifiedAt: string
  readonly document: string
  /** JSON text of the document prepared for comparison. */
  readonly search: string
}

/** Adds a group without members and returns its `seq`. */
export async function insertGroup(
  db: Kysely<Database>,
  group: GroupContent & {
    readonly id: string
    readonly directoryId: string
    readonly version: number
    readonly createdAt: string
  },
): Promise<number> {
  const row = await unique(db, insert.first(db, group))
  if (row === undefined) throw new Error('the insertion of a group returned no row')
  return row.seq
}

interface InsertValues extends GroupContent {
  readonly id: string
  readonly directoryId: string
  readonly version: number
  readonly createdAt: string
}

const insert = statement<InsertValues, { seq: number }>(({ db, value }) =>
  db
    .insertInto('groups')
    .values({
      id: value('id'),
      directory_id: value('directoryId'),
      display_name: value('displayName'),
      display_name_key: value('displayNameKey'),
      external_id: value('externalId'),
      version: value('version'),
      created_at: value('createdAt'),
      modified_at: value('modifiedAt'),
      document: value('document'),
      search: value('search'),
    })
    .returning('seq'),
)

/**
 * Reads a group of a directory.
 *
 * @param base the SCIM base URI; without it the group comes without its members, however many it has
 */
export async function readGroup(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
  base?: string,
): Promise<StoredGroup | undefined> {
  const row = await (base === undefined
    ? select.first(db, { directoryId, id })
    : selectWithMembers.first(db, { directoryId, id, base }))
  return row && toGroup(row)
}

const select = statement<Key, GroupRow>((builder) => byKey(builder))

const selectWithMembers = statement<Key & { base: string }, GroupRow>((builder) =>
  byKey(builder).select(
    membersJson(builder.dialect, sql.ref('groups.id'), builder.value('base')).as('members'),
  ),
)

/**
 * Reads a group that is going to be written, or whose members are: nobody else does so before this unit of work has
 * ended.
 */
export async function readGroupForUpdate(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
): Promise<StoredGroup | undefined> {
  const row = await selectForUpdate.first(db, { directoryId, id })
  return row && toGroup(row)
}

const selectForUpdate = statement<Key, GroupRow>((builder) =>
  byKey(builder).modifyEnd(builder.dialect.forUpdate),
)

/**
 * Holds the groups that somebody is a direct member of until this unit of work has ended. Who is going to touch them
 * after the feed is locked holds them before: others have a group and wait for the feed.
 */
export async function holdGroupsOf(db: Kysely<Database>, memberId: string): Promise<void> {
  if (dialectOf(db).locksRows) await holdAbove.all(db, { memberId })
}

const holdAbove = statement<{ memberId: string }, { id: string }>(({ db, dialect, value }) =>
  db
    .selectFrom('groups')
    .select('id')
    .where('id', 'in', ({ selectFrom }) =>
      selectFrom('members').select('group_id').where('member_id', '=', value('memberId')),
    )
    // In the order in which they are touched, so that two who hold the same groups never wait for each other.
    .orderBy('id')
    .modifyEnd(dialect.forUpdate),
)

interface Key {
  readonly directoryId: string
  readonly id: string
}

function byKey<Values extends Key>({ db, value }: Builder<Values>) {
  return db
    .selectFrom('groups')
    .select(groupColumns)
    .where('id', '=', value('id'))
    .where('directory_id', '=', value('directoryId'))
}

/** The columns of a {@link GroupRow}. */
export const groupColumns = [
  'seq',
  'id',
  'display_name as displayName',
  'version',
  'created_at as createdAt',
  'modified_at as modifiedAt',
  'document',
] as const

export interface GroupRow extends Omit<StoredGroup, 'members'> {
  readonly members?: string
}

export function toGroup(row: GroupRow): StoredGroup {
  return { ...row, members: row.members }
}

/**
 * Writes a group that is held and was read at `version`, which becomes the next version.
 *
 * @returns whether it was still at that version; otherwise nothing is written
 */
export async function updateGroup(
  db: Kysely<Database>,
  group: GroupContent & { readonly id: string; readonly directoryId: string; readonly version: number },
): Promise<boolean> {
  const { id, directoryId, displayName: next, modifiedAt: until } = group
  const [, changed] = await Promise.all([
    keepGroupName(db, { id, directoryId, next, until }),
    update.run(db, group),
  ])
  return changed === 1
}

const update = statement<Omit<InsertValues, 'createdAt'>>(({ db, value }) =>
  db
    .updateTable('groups')
    .set({
      display_name: value('displayName'),
      display_name_key: value('displayNameKey'),
      external_id: value('externalId'),
      version: sql`version + 1`,
      modified_at: value('modifiedAt'),
      document: value('document'),
      search: value('search'),
    })
    .where('id', '=', value('id'))
    .where('directory_id', '=', value('directoryId'))
    .where('version', '=', value('version')),
)

/** A group as a change of its members sees it. */
export interface TouchedGroup {
  readonly seq: number
  readonly id: string
  readonly displayName: string
  readonly version: number
}

/** Gives a group that is held its next version because its members change; the group is not loaded. */
export async function touchGroup(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
  modifiedAt: string,
): Promise<void> {
  await touchOne.run(db, { directoryId, id, modifiedAt })
}

const touchOne = statement<Key & { modifiedAt: string }>(({ db, value }) =>
  db
    .updateTable('groups')
    .set({ version: sql`version + 1`, modified_at: value('modifiedAt') })
    .where('id', '=', value('id'))
    .where('directory_id', '=', value('directoryId')),
)

/** The same for groups that nobody holds yet. */
export async function touchGroups(
  db: Kysely<Database>,
  directoryId: string,
  ids: readonly string[],
  modifiedAt: string,
): Promise<TouchedGroup[]> {
  if (ids.length === 0) return []
  return touch.all(db, { directoryId, modifiedAt, ids: JSON.stringify(ids) })
}

const touch = statement<{ directoryId: string; ids: string; modifiedAt: string }, TouchedGroup>(
  ({ db, dialect, value }) =>
    db
      .updateTable('groups')
      .set({ version: sql`version + 1`, modified_at: value('modifiedAt') })
      // In the order of their ids, so that two who touch the same groups never wait for each other.
      .where('id', 'in', ({ selectFrom }) =>
        selectFrom('groups')
          .select('id')
          .where('id', 'in', sql<string>`(select value from ${dialect.listOf(value('ids'))} as list)`)
          .where('directory_id', '=', value('directoryId'))
          .orderBy('id')
          .modifyEnd(dialect.forUpdate),
      )
      .returning(['seq', 'id', 'display_name as displayName', 'version']),
)

/** What a group leaves behind when it is deleted. */
export interface DeletedGroup extends StoredGroup {
  /** The groups that it was a direct member of. */
  readonly groupIds: readonly string[]
}

/**
 * Deletes a group that is held, with its memberships, both ways, and the bindings to it; history keeps what it was until
 * `at`.
 */
export async function deleteGroup(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
  at: string,
): Promise<DeletedGroup | undefined> {
  // The group goes first: who makes it a member meanwhile waits for its row, and then finds no group.
  const [, row, memberships] = await Promise.all([
    keepGroup(db, { directoryId, id, until: at }),
    remove.first(db, { directoryId, id }),
    removeMemberships.all(db, { id }),
  ])
  await keepMembers(db, memberships, at)
  return row && { ...toGroup(row), groupIds: memberships.map(({ groupId }) => groupId) }
}

const remove = statement<Key, GroupRow>(({ db, value }) =>
  db
    .deleteFrom('groups')
    .where('id', '=', value('id'))
    .where('directory_id', '=', value('directoryId'))
    .returning(groupColumns),
)

const removeMemberships = statement<{ id: string }, EndedMembership>(({ db, value }) =>
  db
    .deleteFrom('members')
    .where('member_id', '=', value('id'))
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('groups').select('seq').where('id', '=', value('id')))),
    )
    .returning(['group_id as groupId', 'member_id as memberId', 'since']),
)
