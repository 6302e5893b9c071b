import type { Kysely } from 'kysely'

/** Deleted users by their age, so that the oldest can be forgotten. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.createIndex('tombstones_deleted_at').on('tombstones').column('deleted_at').execute()
}
