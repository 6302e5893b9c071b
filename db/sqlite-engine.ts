import { closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import Sqlite from 'better-sqlite3'
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Kysely,
  type QueryResult,
} from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Engine } from './dialects/dialect.ts'
import { sqlite } from './dialects/sqlite.ts'
import { createGroupCommit } from './group-commit.ts'
import { createHandle, type Handle, type KyselyLanguage } from './handle.ts'
import { migrate } from './migrate.ts'
import { LONGEST_QUERY_MS, type EngineOptions } from './options.ts'
import { createReadTurns } from './read-turn.ts'
import type { Database } from './tables.ts'
import { keepTime, limitTime } from './time-limit.ts'

/**
 * Opens a SQLite file, and creates it with its folders when there is none.
 *
 * One connection writes. One reads what is committed, beside the writer. Each snapshot that runs has one to itself.
 *
 * @throws when the file cannot be used in the way that durability needs
 */
export function openSqlite(file: string, { longestQueryMs = LONGEST_QUERY_MS }: EngineOptions = {}): Engine {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true, mode: 0o700 })
  // Made before SQLite would make it for everybody to read: it holds names and addresses of people.
  closeSync(openSync(file, 'a', 0o600))
  const writer = connect(file, 'write')
  const reader = connect(file, 'read')
  const idle: Snapshot[] = []
  const snapshots = new Set<Snapshot>()
  const turns = createReadTurns(reader)
  const commits = createGroupCommit(writer, () => newHandle(writer), { beforeCommit: turns.end })
  const read = openHandle(reader, { before: turns.enter }).db
  const bounded = openHandle(reader, { before: turns.enter, longestMs: longestQueryMs }).db

  return {
    name: 'sqlite',
    dialect: sqlite,
    connections: Infinity,
    read,
    write: commits.write,
    bounded: (work) => work(bounded),
    async snapshot<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T> {
      const snapshot = idle.pop() ?? openSnapshot()
      snapshots.add(snapshot)
      snapshot.connection.exec('begin')
      try {
        return await work(snapshot.db)
      } finally {
        snapshot.connection.exec('rollback')
        idle.push(snapshot)
      }
    },
    async migrate() {
      const names = await migrate(openHandle(writer).db)
      turns.end()
      return names
    },
    async close() {
      await commits.close()
      for (const snapshot of snapshots) snapshot.connection.close()
      reader.close()
      writer.close()
    },
  }

  function openSnapshot(): Snapshot {
    const connection = connect(file, 'read')
    return { connection, db: openHandle(connection).db }
  }
}

interface Snapshot {
  readonly connection: Sqlite.Database
  readonly db: Kysely<Database>
}

const language: KyselyLanguage = {
  // Of two processes that start at once, the second waits here and then finds nothing left to do.
  begin: 'begin immediate',
  createAdapter: () => new SqliteAdapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: (db) => new SqliteIntrospector(db),
}

/** How the statements of a handle run. */
interface HandleOptions {
  /** Called before each statement. */
  readonly before?: () => void
  /** How long one may take, if it asks. */
  readonly longestMs?: number
}

/** A closed handle over a connection. */
export function newHandle(connection: Sqlite.Database, options?: HandleOptions): Handle {
  return createHandle(language, connectionOf(connection, options))
}

function openHandle(connection: Sqlite.Database, options?: HandleOptions): Handle {
  const handle = newHandle(connection, options)
  handle.open()
  return handle
}

/** Statements that a connection keeps prepared: preparing costs more than running most of them. */
const PREPARED_STATEMENTS = 500

function connectionOf(
  connection: Sqlite.Database,
  { before, longestMs = Infinity }: HandleOptions = {},
): DatabaseConnection {
  const prepared = new LRUCache<string, Sqlite.Statement<unknown[]>>({ max: PREPARED_STATEMENTS })
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      let statement = prepared.get(query.sql)
      if (statement === undefined)
        prepared.set(query.sql, (statement = connection.prepare<unknown[]>(query.sql)))
      before?.()
      limitTime(longestMs)
      if (statement.reader) return { rows: statement.all(query.parameters) as R[] }
      const { changes, lastInsertRowid } = statement.run(query.parameters)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    },
    streamQuery() {
      throw new Error('read by pages: rows are not streamed')
    },
  }
}

/** How a connection is set; what does not hold afterwards is an error, because an answer promises durability. */
const PRAGMAS: readonly {
  readonly name: string
  readonly set: string | number
  readonly holds: string | number
}[] = [
  { name: 'busy_timeout', set: 5000, holds: 5000 },
  { name: 'journal_mode', set: 'wal', holds: 'wal' },
  { name: 'synchronous', set: 'full', holds: 2 },
  { name: 'foreign_keys', set: 'on', holds: 1 },
  { name: 'cache_size', set: -65_536, holds: -65_536 },
  { name: 'temp_store', set: 'memory', holds: 2 },
]

/** Opens one connection and makes sure that its settings hold. */
export function connect(file: string, mode: 'read' | 'write'): Sqlite.Database {
  const connection = new Sqlite(file, { readonly: mode === 'read' })
  try {
    for (const { name, set } of PRAGMAS) connection.pragma(`${name} = ${set}`)
    assertPragmas(connection)
    keepTime(connection)
  } catch (error) {
    connection.close()
    throw error
  }
  return connection
}

/** @throws when a setting that durability or integrity rests on does not hold */
export function assertPragmas(connection: Sqlite.Database): void {
  for (const { name, holds } of PRAGMAS) {
    const value = connection.pragma(name, { simple: true })
    if (value !== holds) {
      throw new Error(
        `SQLite keeps \`${name}\` at \`${String(value)}\` where \`${holds}\` is needed; the file must lie on a local disk`,
      )
    }
  }
}
