import { PostgresAdapter, sql, type CreateTableBuilder, type Kysely } from 'kysely'

/** What a directory's life leaves behind: deleted users, members that are still to come, habits of its client. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const integer = isPostgres ? sql`bigint` : sql`integer`

  /** A table that is its primary key and little more: SQLite keeps it inside the key's tree. */
  const keyed = (name: string, key: readonly string[]): CreateTableBuilder<string, never> => {
    const builder = db.schema
      .createTable(name)
      .addPrimaryKeyConstraint(`${name}_${key.join('_')}`, key as never[])
      .addColumn('directory_id', text, (column) =>
        column.notNull().references('directories.id').onDelete('cascade'),
      )
    return isPostgres ? builder : builder.modifyEnd(sql`strict, without rowid`)
  }
  const index = async (name: string, columns: readonly string[]): Promise<void> => {
    await db.schema
      .createIndex(`${name}_${columns.join('_')}`)
      .on(name)
      .columns([...columns])
      .execute()
  }

  await keyed('tombstones', ['id'])
    .addColumn('id', text, required)
    .addColumn('user_name_key', text, required)
    .addColumn('external_id', text)
    .addColumn('version', integer, required)
    .addColumn('deleted_at', text, required)
    .execute()
  await index('tombstones', ['user_name_key', 'directory_id'])
  await index('tombstones', ['external_id', 'directory_id'])
  await index('tombstones', ['directory_id'])

  await keyed('pending_members', ['group_id', 'value'])
    .addColumn('group_id', text, (column) => column.notNull().references('groups.id').onDelete('cascade'))
    .addColumn('value', text, required)
    .addColumn('since', text, required)
    .execute()
  await index('pending_members', ['value', 'directory_id'])
  await index('pending_members', ['directory_id'])

  await keyed('quirks', ['directory_id', 'kind', 'name_key'])
    .addColumn('kind', text, required)
    .addColumn('name_key', text, required)
    .addColumn('name', text, required)
    .addColumn('times', integer, required)
    .addColumn('first_at', text, required)
    .addColumn('last_at', text, required)
    .addColumn('example', text, required)
    .execute()
}

const required = <T extends { notNull(): T }>(column: T): T => column.notNull()
