import { setTimeout as sleep } from 'node:timers/promises'
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
import { LONGEST_QUERY_MS, type EngineOptions } from './options.ts'
import { preparedName } from './prepared.ts'
import type { Database } from './tables.ts'
import { TookTooLong } from './time-limit.ts'
import { Unavailable } from './unavailable.ts'

/** How often a unit of work is run again when it failed through no fault of its own. */
const RETRIES = 5

/** How long the first repetition is put off, on average; each further one waits twice as long. */
const FIRST_PAUSE_MS = 10

const LONGEST_WAIT_MS = 5_000

/** After which silence inside a transaction the server ends it, so that no unit of work keeps its locks for ever. */
const LONGEST_SILENCE_MS = 30_000

const SNAPSHOT = 'begin isolation level repeatable read, read only'
const QUERY_CANCELED = '57014'

interface PostgresOptions extends EngineOptions {
  /** How long somebody waits for a connection, be it that none is free or that the server does not answer. */
  readonly longestWaitMs?: number
}

/**
 * Opens a pool of connections to a PostgreSQL database.
 *
 * Statements of one unit of work that do not wait for each other travel together, the opening `begin` included.
 *
 * A connection that breaks fails whoever uses it, and nobody else. A unit of work whose commit had not been asked for is
 * run again on another one.
 *
 * @throws when the server cannot be reached or refuses
 */
export async function openPostgres(
  url: string,
  { longestQueryMs = LONGEST_QUERY_MS, longestWaitMs = LONGEST_WAIT_MS }: PostgresOptions = {},
): Promise<Engine> {
  const { connectionString, max } = readUrl(url)
  const pool = new pg.Pool({
    connectionString,
    max,
    pipeline: true,
    types: { getTypeParser },
    connectionTimeoutMillis: longestWaitMs,
    idle_in_transaction_session_timeout: LONGEST_SILENCE_MS,
    application_name: 'signalbox',
  })
  // A connection that breaks while it is idle is replaced at the next use. One in use tells its user, too.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', (error) => losses.set(client, error)))

  const connect = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect()
    } catch (cause) {
      const reason = cause instanceof Error && cause.message !== '' ? cause.message : String(cause)
      // The pool gives its timeouts no code.
      throw new Unavailable(
        /timeout/.test(reason)
          ? `no connection to PostgreSQL within ${longestWaitMs} ms: the server does not answer, or all \`${max}\` connections of the pool are in use`
          : reason,
        { cause },
      )
    }
  }
  try {
    release(await connect())
  } catch (error) {
    await pool.end()
    throw error
  }

  const read = new Kysely<Database>({
    dialect: {
      ...language,
      createDriver: () =>
        createDriver(language, {
          acquire: async () => connectionOf(await connect()),
          release: (connection) => {
            if (isPostgres(connection)) release(connection.client)
          },
        }),
    },
  })
  const transaction = createTransactions(connect)

  return {
    name: 'postgres',
    dialect: postgres,
    connections: max,
    read,
    snapshot: (work) => transaction(SNAPSHOT, work),
    async bounded(work) {
      try {
        return await transaction(`${SNAPSHOT}; set local statement_timeout = ${longestQueryMs}`, work)
      } catch (error) {
        throw hasCode(error, QUERY_CANCELED) ? new TookTooLong(longestQueryMs, { cause: error }) : error
      }
    },
    async write(work) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await transaction('begin isolation level read committed', work)
        } catch (error) {
          if (attempt === RETRIES || !isTransient(error)) throw error
        }
        await pause(attempt)
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
      try {
        const result = await client.query(
          name === undefined ? { text: query.sql, values } : { name, text: query.sql, values },
        )
        return { rows: result.rows, numAffectedRows: BigInt(result.rowCount ?? 0) }
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.severity === 'FATAL') losses.set(client, error)
        throw error
      }
    },
    streamQuery() {
      throw new Error('read by pages: rows are not streamed')
    },
  }
}

/** What broke the connections that are broken. */
const losses = new WeakMap<pg.ClientBase, Error>()

function release(client: pg.PoolClient): void {
  client.release(losses.has(client))
}

function isPostgres(connection: DatabaseConnection): connection is PostgresConnection {
  return 'client' in connection
}

type Transaction = <T>(begin: string, work: (db: Kysely<Database>) => Promise<T>) => Promise<T>

function createTransactions(connect: () => Promise<pg.PoolClient>): Transaction {
  const handles = new WeakMap<pg.PoolClient, Handle>()
  return async (begin, work) => {
    const client = await connect()
    let handle = handles.get(client)
    if (handle === undefined) handles.set(client, (handle = createHandle(language, connectionOf(client))))
    let committing = false
    handle.open()
    try {
      // `begin` travels with the first statement of the work.
      const [, value] = await allSettled(client.query(begin), work(handle.db))
      handle.close()
      committing = true
      const { command } = await client.query('commit')
      if (command !== 'COMMIT')
        throw new Error('the transaction was rolled back because a statement in it had failed')
      return value
    } catch (error) {
      handle.close()
      await client.query('rollback').catch((broken: Error) => {
        if (!losses.has(client)) losses.set(client, broken)
      })
      const loss = losses.get(client)
      throw loss === undefined || committing ? error : new ConnectionLost(loss)
    } finally {
      release(client)
    }
  }
}

/** The connection broke before the commit was asked for, so nothing of the unit of work stands. */
class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'

  constructor(cause: Error) {
    super('the connection to PostgreSQL broke during a unit of work', { cause })
  }
}

/** Waits for both, so that nothing runs on when one has failed, and fails with what the first reports. */
async function allSettled<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second])
  return Promise.all([first, second])
}

/**
 * Whether it was no fault of the unit of work: serialization failure, deadlock, a connection that broke. One that the
 * server ended for its silence would be silent again.
 */
function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionLost) return !hasCode(error.cause, '25P03')
  return hasCode(error, '40001') || hasCode(error, '40P01')
}

let pauses = 0

/** Waits longer with each attempt, and differently long for those who wait at once, so that they part. */
async function pause(attempt: number): Promise<void> {
  pauses += 1
  // Multiples of the golden ratio fall evenly between 0 and 1.
  const spread = 0.5 + ((pauses * 0.618_034) % 1)
  await sleep(FIRST_PAUSE_MS * 2 ** attempt * spread)
}
