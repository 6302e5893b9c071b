import { PostgresAdapter, sql, type Kysely } from 'kysely'

/**
 * The audit becomes a chain that the database itself refuses to change: a mark on each entry, seals over blocks of
 * entries, and salts for the values that entries may not show.
 *
 * A migration that has to touch entries takes the guards away and puts them back; whatever it touches breaks the chain.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const integer = isPostgres ? sql`bigint` : sql`integer`

  for (const [table, column] of [
    ['audit', 'mac'],
    ['users', 'salt'],
  ] as const) {
    await db.schema
      .alterTable(table)
      .addColumn(column, text, (definition) => definition.notNull().defaultTo(''))
      .execute()
  }
  // Written before there were marks, so nothing vouches for them; the number keeps them apart.
  await sql`update audit set mac = 'unmarked:' || seq`.execute(db)
  const salt = isPostgres ? sql`replace(gen_random_uuid()::text, '-', '')` : sql`lower(hex(randomblob(16)))`
  await sql`update users set salt = ${salt}`.execute(db)

  for (const column of ['subject_id', 'directory_id']) {
    await db.schema.dropIndex(`audit_${column}_seq`).execute()
    await db.schema.createIndex(`audit_${column}_at_seq`).on('audit').columns([column, 'at', 'seq']).execute()
  }
  // Led to by this one too.
  await db.schema.dropIndex('audit_at').execute()
  await db.schema.createIndex('audit_at_seq').on('audit').columns(['at', 'seq']).execute()
  // An entry that is put in once more has the mark of the first.
  await db.schema
    .createIndex('audit_request_id_mac')
    .unique()
    .on('audit')
    .columns(['request_id', 'mac'])
    .execute()

  const seals = db.schema
    .createTable('audit_seals')
    .addColumn('block', integer, (column) => column.primaryKey().notNull())
    .addColumn('last_seq', integer, (column) => column.notNull())
    .addColumn('entries', integer, (column) => column.notNull())
    .addColumn('suspects', text, (column) => column.notNull())
    .addColumn('listing', text, (column) => column.notNull())
    .addColumn('head', text, (column) => column.notNull())
    .addColumn('at', text, (column) => column.notNull())
    .addColumn('signature', text, (column) => column.notNull())
  await (isPostgres ? seals : seals.modifyEnd(sql`strict`)).execute()

  if (isPostgres) {
    await sql
      .raw(
        `create function refuse_audit_change() returns trigger language plpgsql as $$
        begin
          raise exception 'the audit is append-only: % on % is refused', lower(tg_op), tg_table_name
            using errcode = 'insufficient_privilege';
        end $$`,
      )
      .execute(db)
  }
  await guard(db, isPostgres, 'audit', 'seq = new.seq or (request_id = new.request_id and mac = new.mac)')
  await guard(db, isPostgres, 'audit_seals', 'block = new.block')
}

/** @param taken how SQLite knows the rows that an `insert or replace` would delete, without a word to other triggers */
async function guard(db: Kysely<unknown>, isPostgres: boolean, table: string, taken: string): Promise<void> {
  const refuse = (operation: string): string =>
    `begin select raise(abort, 'the audit is append-only: ${operation} on ${table} is refused'); end`
  const commands = isPostgres
    ? [
        `create trigger ${table}_append_only before update or delete or truncate on ${table}
         for each statement execute function refuse_audit_change()`,
        // Where rows come from a replica or a restore too.
        `alter table ${table} enable always trigger ${table}_append_only`,
      ]
    : [
        `create trigger ${table}_not_updated before update on ${table} ${refuse('update')}`,
        `create trigger ${table}_not_deleted before delete on ${table} ${refuse('delete')}`,
        `create trigger ${table}_not_replaced before insert on ${table}
         when exists (select 1 from ${table} where ${taken}) ${refuse('replace')}`,
      ]
  for (const command of commands) await sql.raw(command).execute(db)
}
