import { PostgresAdapter, sql, type Kysely } from 'kysely'

/** The user that the configuration means by a name, as `bindings` has it for groups. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const table = db.schema
    .createTable('user_bindings')
    .addColumn('directory_id', text, (column) =>
      column.notNull().references('directories.id').onDelete('cascade'),
    )
    .addColumn('name_key', text, (column) => column.notNull())
    .addColumn('user_id', text, (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('user_bindings_directory_id_name_key', ['directory_id', 'name_key'])
  await (isPostgres ? table : table.modifyEnd(sql`strict, without rowid`)).execute()
  await db.schema.createIndex('user_bindings_user_id').on('user_bindings').column('user_id').execute()
}
