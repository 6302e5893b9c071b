import { PostgresAdapter, sql, type Kysely } from 'kysely'

/** Managers among the values that users are found by. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
  const manager = isPostgres
    ? sql`search #>> array[${sql.lit(urn)}, 'manager', 'value']`
    : sql`json_extract(search, ${sql.lit(`$."${urn}"."manager"."value"`)})`
  await sql`
    insert into user_values (user_seq, directory_id, attribute, value)
    select seq, directory_id, ${sql.lit(`${urn}:manager.value`)}, ${manager} from users
    where ${manager} <> '' and length(${manager}) <= 512`.execute(db)
}
