import { PostgresAdapter, sql, type Kysely } from 'kysely'

/**
 * Values that nobody else in a directory may have, employee numbers among those that are found by look-up, and the
 * documents that are prepared again after their attributes were defined anew.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const flag = isPostgres ? sql`smallint` : sql`integer`

  await db.schema
    .alterTable('user_values')
    .addColumn('is_unique', flag, (column) => column.notNull().defaultTo(0))
    .execute()
  await sql`create unique index user_values_attribute_value_directory_id
    on user_values (attribute, value, directory_id) where is_unique = 1`.execute(db)

  const [urn, name] = ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', 'employeeNumber']
  const employeeNumber = isPostgres
    ? sql`search #>> array[${sql.lit(urn)}, ${sql.lit(name)}]`
    : sql`json_extract(search, ${sql.lit(`$."${urn}"."${name}"`)})`
  await sql`
    insert into user_values (user_seq, directory_id, attribute, value)
    select seq, directory_id, ${sql.lit(`${urn}:${name}`)}, ${employeeNumber} from users
    where ${employeeNumber} <> '' and length(${employeeNumber}) <= 512`.execute(db)

  await db.schema.alterTable('recomputes').addColumn('attributes', text).execute()
}
