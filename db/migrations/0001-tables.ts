import { PostgresAdapter, sql, type CreateTableBuilder, type Kysely, type RawBuilder } from 'kysely'

/** All tables. Texts compare by bytes on both engines, so that order and ranges are the same everywhere. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const integer = isPostgres ? sql`bigint` : sql`integer`
  const flag = isPostgres ? sql`smallint` : sql`integer`
  const json = isPostgres ? sql`jsonb` : sql`text`
  const sequence = isPostgres
    ? sql`bigint generated always as identity primary key`
    : sql`integer primary key autoincrement`

  /** A table of rows that are found by their `seq` or `id`. */
  const table = (name: string): CreateTableBuilder<string, never> => {
    const builder = db.schema.createTable(name)
    return isPostgres ? builder : builder.modifyEnd(sql`strict`)
  }
  /** A table that is its primary key and little more: SQLite keeps it inside the key's tree. */
  const keyed = (name: string, key: readonly string[]): CreateTableBuilder<string, never> => {
    const builder = db.schema
      .createTable(name)
      .addPrimaryKeyConstraint(`${name}_${key.join('_')}`, key as never[])
    return isPostgres ? builder : builder.modifyEnd(sql`strict, without rowid`)
  }
  /** The name of an index is its table and columns: the dialects tell violations by it. */
  const index = async (name: string, columns: readonly string[], unique?: 'unique'): Promise<void> => {
    const builder = db.schema
      .createIndex(`${name}_${columns.join('_')}`)
      .on(name)
      .columns([...columns])
    await (unique === undefined ? builder : builder.unique()).execute()
  }

  await keyed('settings', ['key'])
    .addColumn('key', text, required)
    .addColumn('value', text, required)
    .execute()

  await table('directories')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('name', text, required)
    .addColumn('name_key', text, required)
    .addColumn('provider', text, required)
    .addColumn('settings', text, required)
    .addColumn('created_at', text, required)
    .execute()
  await index('directories', ['name_key'], 'unique')

  await table('tokens')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('prefix', text, required)
    .addColumn('hash', text, required)
    .addColumn('scope', text, required)
    .addColumn('directory_id', text, (column) => column.references('directories.id').onDelete('cascade'))
    .addColumn('label', text, required)
    .addColumn('created_at', text, required)
    .addColumn('expires_at', text)
    .addColumn('revoked_at', text)
    .addColumn('last_used_at', text)
    .execute()
  await index('tokens', ['prefix'], 'unique')
  await index('tokens', ['directory_id'])

  await table('users')
    .addColumn('seq', sequence)
    .addColumn('id', text, required)
    .addColumn('directory_id', text, (column) =>
      column.notNull().references('directories.id').onDelete('cascade'),
    )
    .addColumn('user_name', text, required)
    .addColumn('user_name_key', text, required)
    .addColumn('external_id', text)
    .addColumn('display_name', text)
    .addColumn('active', flag, required)
    .addColumn('version', integer, required)
    .addColumn('created_at', text, required)
    .addColumn('modified_at', text, required)
    .addColumn('document', text, required)
    .addColumn('search', json, required)
    .execute()
  await index('users', ['id'], 'unique')
  await index('users', ['user_name_key', 'directory_id'], 'unique')
  await index('users', ['external_id', 'directory_id'])
  await index('users', ['directory_id', 'seq'])

  await keyed('user_values', ['attribute', 'value', 'directory_id', 'user_seq'])
    .addColumn('user_seq', integer, (column) => column.notNull().references('users.seq').onDelete('cascade'))
    .addColumn('directory_id', text, required)
    .addColumn('attribute', text, required)
    .addColumn('value', text, required)
    .execute()
  await index('user_values', ['user_seq'])

  await table('groups')
    .addColumn('seq', sequence)
    .addColumn('id', text, required)
    .addColumn('directory_id', text, (column) =>
      column.notNull().references('directories.id').onDelete('cascade'),
    )
    .addColumn('display_name', text, required)
    .addColumn('display_name_key', text, required)
    .addColumn('external_id', text)
    .addColumn('version', integer, required)
    .addColumn('created_at', text, required)
    .addColumn('modified_at', text, required)
    .addColumn('document', text, required)
    .addColumn('search', json, required)
    .execute()
  await index('groups', ['id'], 'unique')
  await index('groups', ['display_name_key', 'directory_id'])
  await index('groups', ['external_id', 'directory_id'])
  await index('groups', ['directory_id', 'seq'])

  // A member is a user or a group, so `member_id` refers to no one table: who deletes it deletes its rows here.
  await keyed('members', ['group_id', 'member_id'])
    .addColumn('group_id', text, (column) => column.notNull().references('groups.id').onDelete('cascade'))
    .addColumn('member_id', text, required)
    .addColumn('member_type', text, required)
    .execute()
  await index('members', ['member_id', 'group_id'])

  await keyed('bindings', ['directory_id', 'name_key'])
    .addColumn('directory_id', text, (column) =>
      column.notNull().references('directories.id').onDelete('cascade'),
    )
    .addColumn('name_key', text, required)
    .addColumn('group_id', text, (column) => column.notNull().references('groups.id').onDelete('cascade'))
    .execute()
  await index('bindings', ['group_id'])

  await keyed('counts', ['directory_id', 'kind', 'slot'])
    .addColumn('directory_id', text, (column) =>
      column.notNull().references('directories.id').onDelete('cascade'),
    )
    .addColumn('kind', text, required)
    .addColumn('slot', integer, required)
    .addColumn('present', integer, required)
    .addColumn('deleted', integer, required)
    .execute()
  for (const name of ['users', 'groups']) {
    for (const statement of isPostgres ? countOnPostgres(name) : countOnSqlite(name))
      await statement.execute(db)
  }

  await table('revisions')
    .addColumn('id', sequence)
    .addColumn('created_at', text, required)
    .addColumn('actor', text, required)
    .addColumn('document', text, required)
    .execute()

  await table('decisions')
    .addColumn('user_seq', integer, (column) => column.notNull().references('users.seq').onDelete('cascade'))
    .addColumn('connection', text, required)
    .addColumn('directory_id', text, required)
    .addColumn('decision', text, required)
    .addColumn('reason', text)
    .addColumn('role', text)
    .addColumn('tier', text)
    .addColumn('environment', text)
    .addColumn('value', text)
    .addColumn('document', text, required)
    .addColumn('valid_until', text)
    .addPrimaryKeyConstraint('decisions_user_seq_connection', ['user_seq', 'connection'] as never[])
    .execute()
  await index('decisions', ['connection', 'role', 'user_seq'])
  await index('decisions', ['connection', 'environment', 'user_seq'])
  await index('decisions', ['connection', 'decision', 'reason', 'user_seq'])
  await sql`create index decisions_valid_until on decisions (valid_until) where valid_until is not null`.execute(
    db,
  )

  await table('recomputes')
    .addColumn('id', sequence)
    .addColumn('cause', text, required)
    .addColumn('created_at', text, required)
    .addColumn('scope', text, required)
    .addColumn('after_seq', integer, required)
    .addColumn('total', integer, required)
    .addColumn('done', integer, required)
    .execute()
  await keyed('recompute_users', ['job_id', 'user_seq'])
    .addColumn('job_id', integer, (column) =>
      column.notNull().references('recomputes.id').onDelete('cascade'),
    )
    .addColumn('user_seq', integer, (column) => column.notNull().references('users.seq').onDelete('cascade'))
    .execute()
  await index('recompute_users', ['user_seq'])

  await table('changes')
    .addColumn('seq', sequence)
    .addColumn('at', text, required)
    .addColumn('directory_id', text)
    .addColumn('kind', text, required)
    .addColumn('subject_id', text, required)
    .addColumn('payload', text, required)
    .execute()

  await table('audit')
    .addColumn('seq', sequence)
    .addColumn('at', text, required)
    .addColumn('actor', text, required)
    .addColumn('request_id', text, required)
    .addColumn('directory_id', text)
    .addColumn('action', text, required)
    .addColumn('subject_id', text, required)
    .addColumn('detail', text, required)
    .execute()
  await index('audit', ['subject_id', 'seq'])
  await index('audit', ['directory_id', 'seq'])
}

const required = <T extends { notNull(): T }>(column: T): T => column.notNull()

function countOnSqlite(table: string): readonly RawBuilder<unknown>[] {
  const count = (directory: string, present: number, deleted: number): string => `
    insert into counts (directory_id, kind, slot, present, deleted)
    values (${directory}, '${table}', 0, ${present}, ${deleted})
    on conflict (directory_id, kind, slot)
    do update set present = present + excluded.present, deleted = deleted + excluded.deleted;`
  // Rows that go with their directory find no directory to be counted for.
  return [
    sql.raw(
      `create trigger ${table}_inserted after insert on ${table} begin ${count('new.directory_id', 1, 0)} end`,
    ),
    sql.raw(`create trigger ${table}_deleted after delete on ${table}
      when exists (select 1 from directories where id = old.directory_id)
      begin ${count('old.directory_id', -1, 1)} end`),
  ]
}

/** Sixteen slots, so that writers who come at once rarely wait for one row. */
function countOnPostgres(table: string): readonly RawBuilder<unknown>[] {
  const count = (directory: string, present: number, deleted: number): string => `
    insert into counts as c (directory_id, kind, slot, present, deleted)
    values (${directory}, '${table}', pg_backend_pid() % 16, ${present}, ${deleted})
    on conflict (directory_id, kind, slot)
    do update set present = c.present + excluded.present, deleted = c.deleted + excluded.deleted;`
  return [
    sql.raw(`create function count_${table}() returns trigger language plpgsql as $$
      begin
        if tg_op = 'INSERT' then ${count('new.directory_id', 1, 0)}
        elsif exists (select 1 from directories where id = old.directory_id) then ${count('old.directory_id', -1, 1)}
        end if;
        return null;
      end $$`),
    sql.raw(
      `create trigger ${table}_counted after insert or delete on ${table} for each row execute function count_${table}()`,
    ),
  ]
}
