import { PostgresAdapter, sql, type CreateTableBuilder, type Kysely } from 'kysely'

/** Changes of configuration that were computed and not made yet, and what each revision took over from the one before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const integer = isPostgres ? sql`bigint` : sql`integer`
  const strict = (builder: CreateTableBuilder<string, never>): CreateTableBuilder<string, never> =>
    isPostgres ? builder : builder.modifyEnd(sql`strict`)

  await strict(db.schema.createTable('plans'))
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('created_at', text, required)
    .addColumn('actor', text, required)
    .addColumn('state', text, required)
    .addColumn('touched_at', text, required)
    .addColumn('done', integer, required)
    .addColumn('total', integer, required)
    .addColumn('document', text, required)
    .addColumn('present', text)
    .addColumn('outcome', text)
    .addColumn('error', text)
    .execute()
  await db.schema.createIndex('plans_created_at_id').on('plans').columns(['created_at', 'id']).execute()
  await strict(db.schema.createTable('plan_effects'))
    .addColumn('plan_id', text, (column) => column.notNull().references('plans.id').onDelete('cascade'))
    .addColumn('number', integer, required)
    .addColumn('kinds', integer, required)
    .addColumn('connection', text, required)
    .addColumn('directory_id', text, required)
    .addColumn('user_name_key', text, required)
    .addColumn('detail', text, required)
    .addPrimaryKeyConstraint('plan_effects_plan_id_number', ['plan_id', 'number'] as never[])
    .execute()

  await db.schema.alterTable('revisions').addColumn('directories_before', text).execute()
  await db.schema.alterTable('revisions').addColumn('restores', integer).execute()
}

const required = <T extends { notNull(): T }>(column: T): T => column.notNull()
