import { PostgresAdapter, sql, type CreateTableBuilder, type Kysely } from 'kysely'

/**
 * What stood once: superseded and deleted facts, each with the moments between which it stood. What stands says since
 * when, where its row does not say so already.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const integer = isPostgres ? sql`bigint` : sql`integer`
  const flag = isPostgres ? sql`smallint` : sql`integer`
  const sequence = isPostgres
    ? sql`bigint generated always as identity primary key`
    : sql`integer primary key autoincrement`

  /** Rows are added in the order in which they end, and taken away in it. */
  const past = (name: string): CreateTableBuilder<string, never> => {
    const builder = db.schema
      .createTable(`past_${name}`)
      .addColumn('seq', sequence)
      .addColumn('until', text, required)
    return isPostgres ? builder : builder.modifyEnd(sql`strict`)
  }
  const index = async (name: string, columns: readonly string[]): Promise<void> => {
    await db.schema
      .createIndex(`${name}_${columns.join('_')}`)
      .on(name)
      .columns([...columns])
      .execute()
  }

  await past('users')
    .addColumn('since', text, required)
    .addColumn('id', text, required)
    .addColumn('user_seq', integer, required)
    .addColumn('directory_id', text, required)
    .addColumn('user_name', text, required)
    .addColumn('active', flag, required)
    .addColumn('version', integer, required)
    .addColumn('created_at', text, required)
    .addColumn('document', text, required)
    .execute()
  await index('past_users', ['id', 'until'])

  await past('user_keys')
    .addColumn('user_id', text, required)
    .addColumn('attribute', text, required)
    .addColumn('value', text, required)
    .execute()
  await index('past_user_keys', ['value', 'attribute', 'until'])

  await past('groups').addColumn('id', text, required).addColumn('display_name', text, required).execute()
  await index('past_groups', ['id', 'until'])

  await past('members')
    .addColumn('since', text, required)
    .addColumn('group_id', text, required)
    .addColumn('member_id', text, required)
    .execute()
  await index('past_members', ['member_id', 'until'])

  for (const [name, meant] of [
    ['bindings', 'group_id'],
    ['user_bindings', 'user_id'],
  ] as const) {
    await past(name)
      .addColumn('since', text, required)
      .addColumn('directory_id', text, required)
      .addColumn('name_key', text, required)
      .addColumn(meant, text, required)
      .execute()
  }
  await index('past_bindings', ['directory_id', 'until'])
  await index('past_user_bindings', ['user_id', 'until'])

  await past('directories')
    .addColumn('since', text, required)
    .addColumn('id', text, required)
    .addColumn('name', text, required)
    .addColumn('name_key', text, required)
    .addColumn('settings', text, required)
    .execute()
  await index('past_directories', ['id', 'until'])

  for (const name of ['members', 'bindings', 'user_bindings', 'directories']) {
    await db.schema
      .alterTable(name)
      .addColumn('since', text, (column) => column.notNull().defaultTo(''))
      .execute()
  }
  // Nothing is known of before, but that whatever stands now has stood since the last change.
  await sql`
    insert into settings (key, value)
    select 'history_since', max(at) from audit having max(at) is not null`.execute(db)

  await db.schema
    .alterTable('revisions')
    .addColumn('origins', text, (column) => column.notNull().defaultTo('{}'))
    .execute()
  await index('audit', ['at'])

  await (
    isPostgres ? db.schema.createTable('actors') : db.schema.createTable('actors').modifyEnd(sql`strict`)
  )
    .addColumn('actor', text, (column) => column.primaryKey().notNull())
    .addColumn('label', text, required)
    .execute()
  await sql`
    insert into actors (actor, label)
    select 'token:sb_' || prefix, label from tokens where client_id is null
    union all select 'client:' || id, label from clients`.execute(db)
}

const required = <T extends { notNull(): T }>(column: T): T => column.notNull()
