import { sql, type Kysely } from 'kysely'

/** Of one person several things may be held, each since its moment. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index held_user_id`.execute(db)
  await sql`create index held_user_id on held (user_id) where until is null`.execute(db)
}
