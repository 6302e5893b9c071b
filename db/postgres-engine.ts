import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  Kysely,
  type CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
} from 'kysely'
import pg from 'pg'
import type { Engine } from './dialects/dialect.ts'
import { hasCode, postgres } from './dialects/postgres.ts'
import { createDriver, createHandle, type Handle, type KyselyLanguage } from './handle.ts'
import { migrate } from './migrate.ts'
import { preparedName } from './prepared.ts'
import type { Database } from './tables.ts'

/** How often a unit of work is run again when the server broke a deadlock at its cost. */
const RETRIES = 5

/** After which silence inside a transaction the server ends it, so that no unit of work keeps its locks for ever. */
const LONGEST_SILENCE_MS = 30_000

/**
 * Opens a pool of connections to a PostgreSQL database.
 *
 * Statements of one unit of work that do not wait for each other travel together, the opening `begin` included.
 *
 * @throws when the server cannot be reached or refuses
 */
export async function openPostgres(url: string): Promise<Engine> {
  const { connectionString, max } = readUrl(url)
  const pool = new pg.Pool({
    connectionString,
    max,
    pipeline: true,
    types: { getTypeParser },
    idle_in_transaction_session_timeout: LONGEST_SILENCE_MS,
    application_name: 'signalbox',
  })
  // A connection that breaks while it is idle is replaced at the next use.
  pool.on('error', () => {})
  await pool.query('select 1').catch(async (error: unknown) => {
    await pool.end()
    throw error
  })

  const read = new Kysely<Database>({
    dialect: {
      ...language,
      createDriver: () =>
        createDriver(language, { acquire: async () => connectionOf(await pool.connect()), release }),
    },
  })
  const transaction = createTransactions(pool)

  return {
    name: 'postgres',
    dialect: postgres,
    read,
    snapshot: (work) => transaction('begin isolation level repeatable read, read only', work),
    async write(work) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await transaction('begin isolation level read committed', work)
        } catch (error) {
          if (attempt === RETRIES || !isTransient(error)) throw error
        }
      }
    },
    migrate: () => migrate(read),
    close: () => pool.end(),
  }
}

/** The parameter `pool` of the URL is ours; the rest is the server's. */
function readUrl(text: string): { readonly connectionString: string; readonly max: number } {
  const url = new URL(text)
  const max = Number(url.searchParams.get('pool') ?? 10)
  if (!Number.isInteger(max) || max < 1)
    throw new Error('the parameter `pool` of the database URL must be a whole number above 0')
  url.searchParams.delete('pool')
  return { connectionString: url.href, max }
}

/** Numbers beyond 2^53 do not occur: what counts here counts rows. */
const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 || oid === pg.types.builtins.NUMERIC
    ? Number
    : pg.types.getTypeParser(oid, format)

const language: KyselyLanguage = {
  begin: 'begin',
  createAdapter: () => new PostgresAdapter(),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createIntrospector: (db) => new PostgresIntrospector(db),
}

interface PostgresConnection extends DatabaseConnection {
  readonly client: pg.PoolClient
}

function connectionOf(client: pg.PoolClient): PostgresConnection {
  return {
    client,
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const name = preparedName(query.sql)
      const values = query.parameters as unknown[]
      const result = await client.query(
        name === undefined ? { text: query.sql, values } : { name, text: query.sql, values },
      )
      return { rows: result.rows, numAffectedRows: BigInt(result.rowCount ?? 0) }
    },
    streamQuery() {
      throw new Error('read by pages: rows are not streamed')
    },
  }
}

function release(connection: DatabaseConnection): void {
  if (isPostgres(connection)) connection.client.release()
}

function isPostgres(connection: DatabaseConnection): connection is PostgresConnection {
  return 'client' in connection
}

type Transaction = <T>(begin: string, work: (db: Kysely<Database>) => Promise<T>) => Promise<T>

function createTransactions(pool: pg.Pool): Transaction {
  const handles = new WeakMap<pg.PoolClient, Handle>()
  return async (begin, work) => {
    const client = await pool.connect()
    let handle = handles.get(client)
    if (handle === undefined) handles.set(client, (handle = createHandle(language, connectionOf(client))))
    let broken = false
    handle.open()
    try {
      // `begin` travels with the first statement of the work.
      const [, value] = await allSettled(client.query(begin), work(handle.db))
      handle.close()
      const { command } = await client.query('commit')
      if (command !== 'COMMIT')
        throw new Error('the transaction was rolled back because a statement in it had failed')
      return value
    } catch (error) {
      handle.close()
      await client.query('rollback').catch(() => {
        broken = true
      })
      throw error
    } finally {
      client.release(broken)
    }
  }
}

/** Waits for both, so that nothing runs on when one has failed, and fails with what the first reports. */
async function allSettled<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second])
  return Promise.all([first, second])
}

/** Whether the server gave up the transaction only because of others: serialization failure, deadlock. */
function isTransient(error: unknown): boolean {
  return hasCode(error, '40001') || hasCode(error, '40P01')
}
