import {
  CompiledQuery,
  Kysely,
  type DatabaseConnection,
  type Dialect as KyselyDialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { Database } from './tables.ts'

/** A query builder over one connection that serves only while it is open. */
export interface Handle {
  readonly db: Kysely<Database>
  open(): void
  close(): void
}

/** Makes a closed handle over a connection; many may follow each other on one connection. */
export function createHandle(language: KyselyLanguage, connection: DatabaseConnection): Handle {
  let serving = false
  const guarded: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      if (!serving) throw new Error('a statement came after its unit of work had ended')
      return connection.executeQuery<R>(query)
    },
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  }
  const db = new Kysely<Database>({
    dialect: { ...language, createDriver: () => createDriver(language, { acquire: async () => guarded }) },
  })
  return {
    db,
    open: () => {
      serving = true
    },
    close: () => {
      serving = false
    },
  }
}

/** What Kysely knows of an engine beside how to reach it. */
export interface KyselyLanguage extends Omit<KyselyDialect, 'createDriver'> {
  /** How a migration begins its transaction. */
  readonly begin: string
}

/** Makes a Kysely driver over connections that are given out and taken back. */
export function createDriver(
  language: KyselyLanguage,
  connections: {
    acquire(): Promise<DatabaseConnection>
    release?(connection: DatabaseConnection): void
  },
): Driver {
  const run = async (connection: DatabaseConnection, command: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(command))
  }
  return {
    init: async () => {},
    acquireConnection: () => connections.acquire(),
    beginTransaction: (connection) => run(connection, language.begin),
    commitTransaction: (connection) => run(connection, 'commit'),
    rollbackTransaction: (connection) => run(connection, 'rollback'),
    releaseConnection: async (connection) => connections.release?.(connection),
    destroy: async () => {},
  }
}
