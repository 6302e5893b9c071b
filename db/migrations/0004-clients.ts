import { PostgresAdapter, sql, type CreateTableBuilder, type Kysely } from 'kysely'

/** OAuth 2.0 clients of directories, their secrets, and the access tokens that they are given. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const text = isPostgres ? sql`text collate "C"` : sql`text`
  const integer = isPostgres ? sql`bigint` : sql`integer`
  const table = (name: string): CreateTableBuilder<string, never> => {
    const builder = db.schema.createTable(name)
    return isPostgres ? builder : builder.modifyEnd(sql`strict`)
  }

  await table('clients')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('directory_id', text, (column) =>
      column.notNull().references('directories.id').onDelete('cascade'),
    )
    .addColumn('label', text, required)
    .addColumn('token_seconds', integer, required)
    .addColumn('trust', text)
    .addColumn('created_at', text, required)
    .addColumn('revoked_at', text)
    .addColumn('last_used_at', text)
    .execute()
  await db.schema
    .createIndex('clients_directory_id_created_at_id')
    .on('clients')
    .columns(['directory_id', 'created_at', 'id'])
    .execute()

  await table('client_secrets')
    .addColumn('id', text, (column) => column.primaryKey().notNull())
    .addColumn('client_id', text, (column) => column.notNull().references('clients.id').onDelete('cascade'))
    .addColumn('hash', text, required)
    .addColumn('label', text, required)
    .addColumn('created_at', text, required)
    .addColumn('expires_at', text)
    .addColumn('revoked_at', text)
    .addColumn('last_used_at', text)
    .execute()
  await db.schema
    .createIndex('client_secrets_client_id')
    .on('client_secrets')
    .columns(['client_id'])
    .execute()

  await table('used_assertions')
    .addColumn('client_id', text, (column) => column.notNull().references('clients.id').onDelete('cascade'))
    .addColumn('hash', text, required)
    .addColumn('expires_at', text, required)
    .addPrimaryKeyConstraint('used_assertions_client_id_hash', ['client_id', 'hash'] as never[])
    .execute()
  await db.schema
    .createIndex('used_assertions_expires_at')
    .on('used_assertions')
    .columns(['expires_at'])
    .execute()

  await db.schema
    .alterTable('tokens')
    .addColumn('client_id', text, (column) => column.references('clients.id').onDelete('cascade'))
    .execute()
  await db.schema
    .alterTable('tokens')
    .addColumn('secret_id', text, (column) => column.references('client_secrets.id').onDelete('cascade'))
    .execute()
  await sql`create index tokens_client_id on tokens (client_id) where client_id is not null`.execute(db)
  await sql`create index tokens_secret_id on tokens (secret_id) where secret_id is not null`.execute(db)
  await sql`create index tokens_expires_at on tokens (expires_at) where client_id is not null`.execute(db)
}

const required = <T extends { notNull(): T }>(column: T): T => column.notNull()
