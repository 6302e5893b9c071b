import { PostgresAdapter, sql, type Kysely } from 'kysely'

/** Secrets of connections, encrypted under a key that is not in the database. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const table = db.schema.createTable('secrets')
  await (isPostgres ? table : table.modifyEnd(sql`strict`))
    .addColumn('name', text, (column) => column.primaryKey().notNull())
    .addColumn('sealed', text, (column) => column.notNull())
    .addColumn('key_id', text, (column) => column.notNull())
    .addColumn('created_at', text, (column) => column.notNull())
    .addColumn('updated_at', text, (column) => column.notNull())
    .addColumn('updated_by', text, (column) => column.notNull())
    .execute()
}
