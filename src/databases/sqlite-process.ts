import Sqlite from 'better-sqlite3'
import {
  MOST_OBJECTS,
  type Catalogue,
  type Counted,
  type DatabaseObject,
  type Identity,
  type ObjectName,
} from './database.ts'

/** What the process of {@link file://./sqlite.ts} is asked for, one call after the other. */
export type Call =
  | { readonly method: 'open'; readonly file: string }
  | { readonly method: 'identify' }
  | { readonly method: 'catalogue'; readonly wanted: readonly ObjectName[] }
  | { readonly method: 'count'; readonly statement: string }

export type Answer = { readonly value: unknown } | { readonly error: string }

let database: Sqlite.Database | undefined

process.on('message', (call: Call) => {
  process.send?.(answer(call))
})
process.on('disconnect', () => process.exit())

function answer(call: Call): Answer {
  try {
    return { value: answers(call) }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

function answers(call: Call): unknown {
  if (call.method === 'open') return open(call.file)
  if (database === undefined) throw new Error('the file is not open')
  if (call.method === 'identify') return identify(database)
  if (call.method === 'catalogue') return readCatalogue(database, call.wanted)
  return count(database, call.statement)
}

function open(file: string): null {
  const opened = new Sqlite(file, { readonly: true, fileMustExist: true })
  opened.pragma('query_only = on')
  // SQLite reads a file when it is first asked for something in it.
  opened.prepare('select count(*) from sqlite_schema').get()
  database = opened
  return null
}

function identify(db: Sqlite.Database): Identity {
  const version = db.prepare<[], string>('select sqlite_version()').pluck().get()
  return {
    user: null,
    database: db.name,
    server: `SQLite ${version}`,
    superuser: false,
    bypassesPolicies: false,
    mayBecome: [],
  }
}

/** SQLite has no users: whoever may read the file may read all of it. */
function readCatalogue(db: Sqlite.Database, wanted: readonly ObjectName[]): Catalogue {
  const rows = db
    .prepare<[string, number], { name: string; type: string }>(
      `select name, type from pragma_table_list
       where schema = 'main' and type <> 'shadow' and name not like 'sqlite\\_%' escape '\\'
       order by name in (select value from json_each(?)) desc, name
       limit ?`,
    )
    .all(JSON.stringify(wanted.map(({ name }) => name)), MOST_OBJECTS + 1)
  const objects = rows.slice(0, MOST_OBJECTS).map(({ name, type }): DatabaseObject => {
    const columns = columnsOf(db, name)
    return {
      schema: 'main',
      name,
      kind: type === 'view' ? 'view' : 'table',
      unqualified: true,
      privileges: columns.length > 0 ? ['select'] : [],
      columns,
      hiddenColumns: [],
      policies: 'none',
    }
  })
  return { objects, complete: rows.length <= MOST_OBJECTS }
}

/** None of a view that cannot be read, since what it refers to is gone. */
function columnsOf(db: Sqlite.Database, name: string): string[] {
  try {
    return db.prepare<[string], string>('select name from pragma_table_info(?)').pluck().all(name)
  } catch {
    return []
  }
}

function count(db: Sqlite.Database, text: string): Counted {
  const statement = db.prepare(text)
  if (!statement.readonly || !statement.reader)
    throw new Error('a test query is one statement that reads: select, with or values')
  const startedAt = performance.now()
  let rows = 0
  for (const _ of statement.iterate()) rows += 1
  return { user: null, rows, milliseconds: performance.now() - startedAt }
}
