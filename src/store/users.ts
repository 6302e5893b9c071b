import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database, Flag } from '../../db/tables.ts'
import type { Manager } from '../scim/resource/manager.ts'
import { keepMembers, keepUser, keepUserVersion, type EndedMembership } from './history.ts'
import { groupsJson } from './reference-json.ts'
import { statement, statementAmong, type Builder } from './statement.ts'
import { together } from './together.ts'
import { unique } from './uniqueness-error.ts'
import { insertValues, removeValues, type IndexedValue } from './user-values.ts'

/** A user as it is stored. */
export interface StoredUser {
  readonly seq: number
  readonly id: string
  readonly userName: string
  readonly version: number
  readonly createdAt: string
  readonly modifiedAt: string
  /** JSON text of the resource, but for `meta` and `groups`. */
  readonly document: string
  /** JSON text of the attribute `groups`, where it was asked for. */
  readonly groups: string | undefined
  /** The manager, where that is a user of the directory. */
  readonly manager?: Manager
}

/** A user that is going to be written. */
export interface HeldUser extends StoredUser {
  /** Random: what the audit may not show of the user is hashed with it. */
  readonly salt: string
}

/** What a user is written from. */
export interface UserContent {
  readonly userName: string
  readonly userNameKey: string
  readonly externalId: string | null
  readonly displayName: string | null
  readonly active: boolean
  readonly modifiedAt: string
  readonly document: string
  /** JSON text of the document prepared for comparison. */
  readonly search: string
}

/**
 * Adds a user and returns its `seq`.
 *
 * @throws {UniquenessError} when another user of the directory has this `userName`, or a value that is unique
 */
export async function insertUser(
  db: Kysely<Database>,
  user: UserContent & {
    readonly id: string
    readonly directoryId: string
    readonly version: number
    readonly createdAt: string
    readonly salt: string
    readonly values: readonly IndexedValue[]
  },
): Promise<number> {
  const { values, ...columns } = user
  const [row] = await together(
    unique(db, insert.first(db, { ...columns, active: flag(user.active) })),
    insertValues(db, user.directoryId, user.id, values),
  )
  if (row === undefined) throw new Error('the insertion of a user returned no row')
  return row.seq
}

interface InsertValues extends Omit<UserContent, 'active'> {
  readonly id: string
  readonly directoryId: string
  readonly version: number
  readonly createdAt: string
  readonly salt: string
  readonly active: Flag
}

const insert = statement<InsertValues, { seq: number }>(({ db, value }) =>
  db
    .insertInto('users')
    .values({
      id: value('id'),
      directory_id: value('directoryId'),
      user_name: value('userName'),
      user_name_key: value('userNameKey'),
      external_id: value('externalId'),
      display_name: value('displayName'),
      active: value('active'),
      version: value('version'),
      created_at: value('createdAt'),
      modified_at: value('modifiedAt'),
      document: value('document'),
      search: value('search'),
      salt: value('salt'),
    })
    .returning('seq'),
)

/**
 * Reads a user of a directory.
 *
 * @param base the SCIM base URI; without it the user comes without its groups
 */
export async function readUser(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
  base?: string,
): Promise<StoredUser | undefined> {
  const row = await (base === undefined
    ? select.first(db, { directoryId, id })
    : selectWithGroups.first(db, { directoryId, id, base }))
  return row && toUser(row)
}

const select = statement<Key, UserRow>((builder) => byKey(builder))

const selectWithGroups = statement<Key & { base: string }, UserRow>((builder) =>
  byKey(builder).select(groupsJson(builder.dialect, sql.ref('users.id'), builder.value('base')).as('groups')),
)

/** Reads a user that is going to be written: nobody else writes it before this unit of work has ended. */
export async function readUserForUpdate(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
): Promise<HeldUser | undefined> {
  const row = await selectForUpdate.first(db, { directoryId, id })
  return row && toHeld(row)
}

const selectForUpdate = statement<Key, HeldRow>((builder) =>
  byKey(builder).select('salt').modifyEnd(builder.dialect.forUpdate),
)

/**
 * The users of a directory that have this user name or this external id; nobody else writes them before this unit of
 * work has ended.
 */
export async function findNamesakes(
  db: Kysely<Database>,
  directoryId: string,
  person: { readonly userNameKey: string; readonly externalId: string | null },
): Promise<HeldUser[]> {
  const rows = await namesakes.all(db, { directoryId, ...person })
  return rows.map(toHeld)
}

const namesakes = statement<{ directoryId: string; userNameKey: string; externalId: string | null }, HeldRow>(
  ({ db, dialect, value }) =>
    db
      .selectFrom('users')
      .select([...userColumns, 'salt'])
      .where('directory_id', '=', value('directoryId'))
      .where(({ or, eb }) =>
        or([eb('user_name_key', '=', value('userNameKey')), eb('external_id', '=', value('externalId'))]),
      )
      .orderBy('seq')
      .modifyEnd(dialect.forUpdate),
)

interface Key {
  readonly directoryId: string
  readonly id: string
}

function byKey<Values extends Key>({ db, value }: Builder<Values>) {
  return db
    .selectFrom('users')
    .select(userColumns)
    .where('id', '=', value('id'))
    .where('directory_id', '=', value('directoryId'))
}

/** The columns of a {@link UserRow}. */
export const userColumns = [
  'seq',
  'id',
  'user_name as userName',
  'version',
  'created_at as createdAt',
  'modified_at as modifiedAt',
  'document',
] as const

export interface UserRow extends Omit<StoredUser, 'groups' | 'manager'> {
  readonly groups?: string
}

export function toUser(row: UserRow, groups = row.groups): StoredUser {
  return { ...row, groups }
}

type HeldRow = UserRow & Pick<HeldUser, 'salt'>

const toHeld = (row: HeldRow): HeldUser => ({ ...toUser(row), salt: row.salt })

/**
 * Writes a user that is held and was read at `version`, which becomes the next version.
 *
 * @param values the values that are found by look-up, where they change, or the user name or the external id does
 * @returns whether it was still at that version; otherwise nothing is written
 * @throws {UniquenessError} when another user of the directory has this `userName`, or a value that is unique
 */
export async function updateUser(
  db: Kysely<Database>,
  user: UserContent & { readonly id: string; readonly directoryId: string; readonly version: number },
  values?: readonly IndexedValue[],
): Promise<boolean> {
  const [, changed] = await together(
    keepUserVersion(db, { ...user, until: user.modifiedAt }, values !== undefined),
    unique(db, update.run(db, { ...user, active: flag(user.active) })),
  )
  if (changed === 0) return false
  if (values !== undefined) {
    await Promise.all([removeValues(db, user.id), insertValues(db, user.directoryId, user.id, values)])
  }
  return true
}

const update = statement<Omit<InsertValues, 'createdAt' | 'salt'>>(({ db, value }) =>
  db
    .updateTable('users')
    .set({
      user_name: value('userName'),
      user_name_key: value('userNameKey'),
      external_id: value('externalId'),
      display_name: value('displayName'),
      active: value('active'),
      version: sql`version + 1`,
      modified_at: value('modifiedAt'),
      document: value('document'),
      search: value('search'),
    })
    .where('id', '=', value('id'))
    .where('directory_id', '=', value('directoryId'))
    .where('version', '=', value('version')),
)

/** What a user leaves behind when it is deleted. */
export interface DeletedUser extends HeldUser {
  /** The groups that it was a direct member of. */
  readonly groupIds: readonly string[]
}

/** Deletes a user with its memberships and decisions; history keeps what it was until `at`. */
export async function deleteUser(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
  at: string,
): Promise<DeletedUser | undefined> {
  // The user goes first: who adds it to a group meanwhile waits for its row, and then finds no user.
  const [, , row, memberships] = await Promise.all([
    selectForUpdate.first(db, { directoryId, id }),
    keepUser(db, { directoryId, id, until: at }),
    remove.first(db, { directoryId, id }),
    removeMemberships.all(db, { id }),
  ])
  await keepMembers(db, memberships, at)
  return row && { ...toHeld(row), groupIds: memberships.map(({ groupId }) => groupId) }
}

const remove = statement<Key, HeldRow>(({ db, value }) =>
  db
    .deleteFrom('users')
    .where('id', '=', value('id'))
    .where('directory_id', '=', value('directoryId'))
    .returning([...userColumns, 'salt']),
)

const removeMemberships = statement<{ id: string }, EndedMembership>(({ db, value }) =>
  db
    .deleteFrom('members')
    .where('member_id', '=', value('id'))
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('users').select('seq').where('id', '=', value('id')))),
    )
    .returning(['group_id as groupId', 'member_id as memberId', 'since']),
)

/** Keeps others from writing these users until this unit of work has ended; those that do not exist are passed over. */
export async function lockUsers(db: Kysely<Database>, userSeqs: readonly number[]): Promise<void> {
  if (dialectOf(db).locksRows) await lock.all(db, userSeqs, {})
}

// In one order, so that two who lock the same users never wait for each other.
const lock = statementAmong<number, object, { seq: number }>('integer', ({ db, dialect }, among) =>
  db
    .selectFrom('users')
    .select('seq')
    .where(sql<boolean>`seq ${among}`)
    .orderBy('seq')
    .modifyEnd(dialect.forUpdate),
)

/** The `seq`s of users by their ids. */
export async function userSeqs(db: Kysely<Database>, ids: readonly string[]): Promise<number[]> {
  const rows = await seqs.all(db, ids, {})
  return rows.map(({ seq }) => seq)
}

const seqs = statementAmong<string, object, { seq: number }>('text', ({ db }, among) =>
  db
    .selectFrom('users')
    .select('seq')
    .where(sql<boolean>`id ${among}`),
)

const flag = (value: boolean): Flag => (value ? 1 : 0)
