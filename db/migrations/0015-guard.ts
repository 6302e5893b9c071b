import { PostgresAdapter, sql, type CreateTableBuilder, type Kysely } from 'kysely'

/** Who lost access by what a directory sent, and the alarms that this raised. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const integer = isPostgres ? sql`bigint` : sql`integer`
  const strict = (builder: CreateTableBuilder<string, never>): CreateTableBuilder<string, never> =>
    isPostgres ? builder : builder.modifyEnd(sql`strict`)
  const table = (name: string): CreateTableBuilder<string, never> =>
    db.schema
      .createTable(name)
      .addColumn('directory_id', text, (column) =>
        column.notNull().references('directories.id').onDelete('cascade'),
      )

  await strict(table('losses'))
    .addColumn('user_id', text, required)
    .addColumn('at', text, required)
    .addPrimaryKeyConstraint('losses_directory_id_user_id', ['directory_id', 'user_id'] as never[])
    .execute()
  await db.schema.createIndex('losses_directory_id_at').on('losses').columns(['directory_id', 'at']).execute()
  await db.schema.createIndex('losses_at').on('losses').column('at').execute()

  await strict(table('alarms'))
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('kind', text, required)
    .addColumn('measure', text, required)
    .addColumn('raised_at', text, required)
    .addColumn('people', integer, required)
    .addColumn('detail', text, required)
    .addColumn('counts_from', text)
    .addColumn('outcome', text)
    .addColumn('closed_at', text)
    .addColumn('closed_by', text)
    .addColumn('reason', text)
    .execute()
  await db.schema.createIndex('alarms_raised_at_id').on('alarms').columns(['raised_at', 'id']).execute()
  await db.schema
    .createIndex('alarms_directory_id_raised_at')
    .on('alarms')
    .columns(['directory_id', 'raised_at'])
    .execute()

  await db.schema.alterTable('recomputes').addColumn('directory_id', text).execute()
}

const required = <T extends { notNull(): T }>(column: T): T => column.notNull()
