import { PostgresAdapter, sql, type CreateTableBuilder, type Kysely } from 'kysely'

/** Who lost access by what a directory sent, the alarms that this raised, whose access is held, and what is refused. */
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

  await sql`
    create unique index alarms_directory_id on alarms (directory_id)
    where kind = 'brake' and measure = 'hold' and closed_at is null`.execute(db)

  const sequence = isPostgres
    ? sql`bigint generated always as identity primary key`
    : sql`integer primary key autoincrement`
  await strict(table('held').addColumn('seq', sequence))
    .addColumn('alarm_id', text, (column) => column.notNull().references('alarms.id').onDelete('cascade'))
    .addColumn('user_id', text, required)
    .addColumn('user_name', text, required)
    .addColumn('user_name_key', text, required)
    .addColumn('since', text, required)
    .addColumn('facts', text, required)
    .addColumn('verdict', text)
    .addColumn('until', text)
    .execute()
  await sql`create index held_user_id on held (user_id) where until is null`.execute(db)
  await db.schema.createIndex('held_user_id_until').on('held').columns(['user_id', 'until']).execute()
  await db.schema.createIndex('held_alarm_id_seq').on('held').columns(['alarm_id', 'seq']).execute()
  await db.schema.createIndex('held_until').on('held').column('until').execute()

  await strict(db.schema.createTable('held_names') as CreateTableBuilder<string, never>)
    .addColumn('held_seq', integer, (column) => column.notNull().references('held.seq').onDelete('cascade'))
    .addColumn('attribute', text, required)
    .addColumn('value', text, required)
    .execute()
  await db.schema.createIndex('held_names_value').on('held_names').column('value').execute()
  await db.schema.createIndex('held_names_held_seq').on('held_names').column('held_seq').execute()

  await strict(db.schema.createTable('refusals') as CreateTableBuilder<string, never>)
    .addColumn('user_seq', integer, (column) =>
      column.primaryKey().notNull().references('users.seq').onDelete('cascade'),
    )
    .addColumn('since', text, required)
    .addColumn('document', text, required)
    .execute()

  await db.schema.alterTable('recomputes').addColumn('directory_id', text).execute()
  await db.schema
    .alterTable('recomputes')
    .addColumn('at_risk', integer, (column) => column.notNull().defaultTo(0))
    .execute()
  // What is refused is noted where people are decided.
  await sql`
    insert into recomputes (cause, created_at, scope, after_seq, total, done)
    select 'migration 0020', (select coalesce(max(at), '') from audit), 'all', 0, count(*), 0
    from users having count(*) > 0`.execute(db)
}

const required = <T extends { notNull(): T }>(column: T): T => column.notNull()
