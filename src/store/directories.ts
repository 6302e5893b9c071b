import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { keepDirectory, keepDirectorySettings } from './history.ts'
import { unique } from './uniqueness-error.ts'

/** A directory as it is stored. */
export interface StoredDirectory {
  readonly id: string
  readonly name: string
  readonly provider: string
  /** JSON text: what the configuration says of it beyond name and provider. */
  readonly settings: string
  readonly createdAt: string
}

/**
 * Adds a directory.
 *
 * @param directory.nameKey the name folded: no two directories differ by case alone
 * @throws {UniquenessError} when another directory has this name
 */
export async function insertDirectory(
  db: Kysely<Database>,
  directory: StoredDirectory & { readonly nameKey: string },
): Promise<void> {
  const { id, name, nameKey, provider, settings, createdAt } = directory
  await unique(
    db,
    db
      .insertInto('directories')
      .values({ id, name, name_key: nameKey, provider, settings, created_at: createdAt, since: createdAt })
      .execute(),
  )
}

/** Changes what the configuration says of a directory from `at` on, and tells whether there is such a directory. */
export async function updateDirectory(
  db: Kysely<Database>,
  id: string,
  change: { readonly provider?: string; readonly settings?: string },
  at: string,
): Promise<boolean> {
  await keepDirectorySettings(db, id, at)
  const { numUpdatedRows } = await db
    .updateTable('directories')
    .set({ ...change, since: at })
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Finds a directory by its id or by its folded name. */
export async function findDirectory(
  db: Kysely<Database>,
  id: string,
  nameKey: string,
): Promise<StoredDirectory | undefined> {
  const rows = await db
    .selectFrom('directories')
    .select(columns)
    .where(({ or, eb }) => or([eb('id', '=', id), eb('name_key', '=', nameKey)]))
    .execute()
  return rows.find((row) => row.id === id) ?? rows[0]
}

/** Directories in the order of their folded names: those after `afterNameKey` whose names contain a folded text. */
export async function listDirectories(
  db: Kysely<Database>,
  page: {
    readonly afterNameKey?: string | undefined
    readonly search?: string | undefined
    readonly limit?: number
  } = {},
): Promise<(StoredDirectory & { readonly nameKey: string })[]> {
  const { afterNameKey, search, limit } = page
  let query = db
    .selectFrom('directories')
    .select([...columns, 'name_key as nameKey'])
    .orderBy('name_key')
  if (afterNameKey !== undefined) query = query.where('name_key', '>', afterNameKey)
  if (search !== undefined) query = query.where(dialectOf(db).contains(sql.ref('name_key'), sql.val(search)))
  if (limit !== undefined) query = query.limit(limit)
  return query.execute()
}

/** Keeps others from changing what hangs on a directory until this unit of work has ended. */
export async function lockDirectory(db: Kysely<Database>, id: string): Promise<void> {
  await db
    .selectFrom('directories')
    .select('id')
    .where('id', '=', id)
    .modifyEnd(dialectOf(db).forUpdate)
    .execute()
}

/** How many users and groups a directory has. */
export async function countResources(
  db: Kysely<Database>,
  directoryId: string,
): Promise<{ readonly users: number; readonly groups: number }> {
  const rows = await db
    .selectFrom('counts')
    .select(({ fn }) => ['kind', fn.sum<number>('present').as('present')])
    .where('directory_id', '=', directoryId)
    .groupBy('kind')
    .execute()
  const of = (kind: string): number => rows.find((row) => row.kind === kind)?.present ?? 0
  return { users: of('users'), groups: of('groups') }
}

/** How many users there are in all directories. */
export async function countUsers(db: Kysely<Database>): Promise<number> {
  const row = await db
    .selectFrom('counts')
    .select(({ fn }) => fn.sum<number | null>('present').as('present'))
    .where('kind', '=', 'users')
    .executeTakeFirst()
  return row?.present ?? 0
}

/**
 * Deletes a directory with everything it owns, and tells whether there was one; history keeps what it was until `at`.
 * Nobody may change facts meanwhile.
 */
export async function deleteDirectory(db: Kysely<Database>, id: string, at: string): Promise<boolean> {
  await keepDirectory(db, id, at)
  const { numDeletedRows } = await db.deleteFrom('directories').where('id', '=', id).executeTakeFirst()
  return numDeletedRows > 0n
}

const columns = ['id', 'name', 'provider', 'settings', 'created_at as createdAt'] as const
