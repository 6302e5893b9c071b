import { PostgresAdapter, sql, type Kysely } from 'kysely'

/** What each revision changed, by name: the audit knows a change of configuration by the number of its revision alone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const table = db.schema
    .createTable('config_names')
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('name_key', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('config_names_id_name_key', ['id', 'name_key'])
  await (isPostgres ? table : table.modifyEnd(sql`strict`)).execute()
  await db.schema
    .createIndex('config_names_name_key_id')
    .on('config_names')
    .columns(['name_key', 'id'])
    .execute()

  const { rows } = await sql<{ id: string; detail: string }>`
    select subject_id as id, detail from audit where action = 'model.applied'`.execute(db)
  for (const { id, detail } of rows) {
    const { changes = [] } = JSON.parse(detail) as { changes?: { kind: string; name: string }[] }
    for (const key of new Set(changes.map(({ kind, name }) => fold(name === '' ? kind : name)))) {
      await sql`insert into config_names (id, name_key) values (${id}, ${key}) on conflict do nothing`.execute(
        db,
      )
    }
  }
}

/** As names were folded when this was written. */
const fold = (name: string): string =>
  name.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').normalize('NFKC')
