import pg from 'pg'
import {
  DatabaseError,
  MOST_OBJECTS,
  type Catalogue,
  type Counted,
  type Database,
  type DatabaseObject,
  type Identity,
  type ObjectName,
} from './database.ts'
import { CATALOGUE, IDENTITY } from './postgres-catalogue.ts'

/** Opens a PostgreSQL database with a connection of its own, in which every transaction reads only. */
export async function openPostgres(url: string, timeoutMs: number): Promise<Database> {
  const client = createClient(url, timeoutMs)
  // A connection that breaks fails the statement that is under way; without a listener it would end the process.
  client.on('error', () => {})
  const ask: Ask = (query, values = []) =>
    client.query(query, values).catch((error: unknown) => {
      throw new DatabaseError(explain(error, timeoutMs))
    })
  try {
    await client.connect()
    await client.query(`set default_transaction_read_only = on; set statement_timeout = ${timeoutMs}`)
  } catch (error) {
    await end(client)
    throw new DatabaseError(explain(error, timeoutMs))
  }
  return {
    identify: async () => (await ask<Identity>(IDENTITY)).rows[0] as Identity,
    catalogue: (wanted) => readCatalogue(ask, wanted),
    count: (statement) => count(ask, statement),
    close: () => end(client),
  }
}

/** Nothing is taken from the environment of this process: a password there is meant for another server. */
function createClient(url: string, timeoutMs: number): pg.Client {
  const { username, password, hostname, searchParams } = addressIn(url)
  if (username === '' && !searchParams.has('user')) throw new DatabaseError('its URL names no database user')
  if (hostname === '' && !searchParams.has('host')) throw new DatabaseError('its URL names no host')
  const client = new pg.Client({
    connectionString: url,
    application_name: 'signalbox check',
    connectionTimeoutMillis: timeoutMs,
    // A server that falls silent holds nobody for longer than it may take itself.
    query_timeout: timeoutMs + SILENCE_MS,
  })
  client.password = searchParams.get('password') ?? decodeURIComponent(password)
  return client
}

const SILENCE_MS = 2_000

function addressIn(url: string): URL {
  try {
    const address = new URL(url)
    decodeURIComponent(address.password)
    return address
  } catch {
    throw new DatabaseError(
      'its URL cannot be read; it should be `postgres://<user>:<password>@<host>/<database>`, with special characters of the password percent-encoded',
    )
  }
}

async function end(client: pg.Client): Promise<void> {
  await client.end().catch(() => {})
}

type Ask = <Row extends pg.QueryResultRow>(
  query: string | ExtendedQuery,
  values?: unknown[],
) => Promise<pg.QueryResult<Row>>

/** By the extended protocol, which takes one statement at a time. */
interface ExtendedQuery extends pg.QueryConfig {
  readonly queryMode: 'extended'
}

async function readCatalogue(ask: Ask, wanted: readonly ObjectName[]): Promise<Catalogue> {
  const { rows } = await ask<DatabaseObject>(CATALOGUE, [MOST_OBJECTS + 1, wanted.map(({ name }) => name)])
  return { objects: rows.slice(0, MOST_OBJECTS), complete: rows.length <= MOST_OBJECTS }
}

/**
 * Runs the statement as the query of a cursor: the grammar of `DECLARE` leaves room for what reads and for nothing else,
 * so a statement can neither end the transaction nor change the role. `MOVE` runs it to its end and sends no row.
 */
async function count(ask: Ask, statement: string): Promise<Counted> {
  await ask('begin transaction read only')
  try {
    const { rows } = await ask<{ user: string }>('select current_user as "user"')
    const startedAt = performance.now()
    await ask({ text: `declare checked no scroll cursor for ${statement}`, queryMode: 'extended' })
    const moved = await ask('move forward all in checked')
    return {
      user: rows[0]?.user ?? null,
      rows: moved.rowCount ?? 0,
      milliseconds: performance.now() - startedAt,
    }
  } finally {
    await ask('rollback').catch(() => {})
  }
}

/** What went wrong, as somebody at the keyboard would want to be told. */
function explain(error: unknown, timeoutMs: number): string {
  const { code, message } = first(error)
  const known = EXPLAINED[code]
  if (known !== undefined) return known(message, timeoutMs)
  if (/timeout expired|Query read timeout/.test(message)) return silent(message, timeoutMs)
  if (/terminated unexpectedly/.test(message))
    return 'the server closed the connection without a word; is it a PostgreSQL server?'
  if (/client password must be|empty password/.test(message))
    return 'the server asks for a password, and its URL has none'
  return message
}

/** A host with several addresses fails with several errors in one. */
function first(error: unknown): { code: string; message: string } {
  const one = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  const { code = '', message = '' } = one as { code?: string; message?: string }
  return { code, message: message || code || String(error) }
}

const silent = (_: string, timeoutMs: number): string =>
  `there is no answer within ${timeoutMs / 1000} s; is the address right, and does a firewall let this machine through?`

/** By error code of Node or of PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const EXPLAINED: Readonly<Record<string, (message: string, timeoutMs: number) => string>> = {
  ENOTFOUND: (message) => `there is no host of that name: ${message}`,
  EAI_AGAIN: (message) => `the name of the host cannot be looked up: ${message}`,
  ECONNREFUSED: (message) => `nobody listens there: ${message}`,
  ETIMEDOUT: silent,
  '42601': (message) => `${message}; a test query is one statement that reads: select, with, values or table`,
  '57014': (_, timeoutMs) => `it took longer than ${timeoutMs / 1000} s and was stopped`,
}
