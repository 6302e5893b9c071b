import { sql, type Expression } from 'kysely'
import { IN_TIME } from '../time-limit.ts'
import type { Dialect } from './dialect.ts'

/** SQLite 3.44 or later. There is one writer at a time, so locks are free and rows need none. */
export const sqlite: Dialect = {
  name: 'sqlite',

  jsonText: (document, path) => typed(document, path, ['text']),
  jsonNumber: (document, path) => typed(document, path, ['integer', 'real']),
  jsonFlag: (document, path) => typed(document, path, path.length === 0 ? ['integer'] : ['true', 'false']),
  jsonPresent: (document, path) => sql`(${extract(document, path)} is not null)`,
  jsonElements: (document, path, alias) =>
    sql`json_each(${document}, ${jsonPath(path)}) as ${sql.ref(alias)}`,
  jsonAt: (document, path) => sql`(${document} -> ${jsonPath(path)})`,
  jsonQuote: (text) => sql`json_quote(${text})`,

  listOf: (json) => sql`(select value from json_each(${json}))`,
  numberedListOf: (json) => sql`(select key as position, value from json_each(${json}))`,
  rowsOf: (json, columns) => {
    const picks = Object.keys(columns).map(
      (name, i) => sql`json_extract(value, ${sql.lit(`$[${i}]`)}) as ${sql.ref(name)}`,
    )
    return sql`(select ${sql.join(picks)} from json_each(${json}))`
  },

  contains: (text, fragment) => sql`(instr(${text}, ${fragment}) > 0)`,
  startsWith: (text, fragment) => sql`(substr(${text}, 1, length(${fragment})) = ${fragment})`,
  endsWith: (text, fragment) =>
    sql`(length(${text}) >= length(${fragment}) and substr(${text}, length(${text}) - length(${fragment}) + 1) = ${fragment})`,

  notByIndex: (column) => sql`+${column}`,
  inTime: sql`${sql.raw(IN_TIME)}()`,
  locksRows: false,
  forUpdate: sql``,
  forUpdateSkippingLocked: sql``,
  forReference: sql``,

  lockModel: async () => {},
  lockFeed: async () => {},
  // There is one writer at a time, and what is read is committed, or one's own.
  async lastDrawn(db, table) {
    const { rows } = await sql<{
      seq: number | null
    }>`select max(seq) as seq from ${sql.table(table)}`.execute(db)
    return { seq: rows[0]?.seq ?? 0, writers: [] }
  },
  stillWriting: async () => false,

  async missingGuards(db) {
    const { rows } = await sql<{ name: string; command: string | null }>`
      select name, sql as command from sqlite_master where type in ('trigger', 'index')`.execute(db)
    const present = new Map(rows.map(({ name, command }) => [name, plain(command ?? '')]))
    return Object.keys(GUARDS).filter((name) => present.get(name) !== GUARDS[name])
  },

  lockArrivals: () => sql`select 1 from (select 1) as slots`,

  uniqueViolation(error) {
    if (!hasCode(error, 'SQLITE_CONSTRAINT_UNIQUE') && !hasCode(error, 'SQLITE_CONSTRAINT_PRIMARYKEY'))
      return undefined
    // `UNIQUE constraint failed: users.user_name_key, users.directory_id`
    const columns = error.message.slice(error.message.indexOf(': ') + 2).split(', ')
    const table = columns[0]?.split('.')[0]
    return [table, ...columns.map((column) => column.split('.')[1])].join('_')
  },
  isReferenceViolation: (error) => hasCode(error, 'SQLITE_CONSTRAINT_FOREIGNKEY'),
}

/** By name, what each guard does: the command that made it. */
const GUARDS: Readonly<Record<string, string>> = {
  ...guardsOf('audit', 'seq = new.seq or (request_id = new.request_id and mac = new.mac)'),
  ...guardsOf('audit_seals', 'block = new.block'),
  audit_request_id_mac: 'create unique index audit_request_id_mac on audit (request_id, mac)',
}

/** @param taken which rows an `insert or replace` would delete */
function guardsOf(table: string, taken: string): Readonly<Record<string, string>> {
  const trigger = (name: string, when: string, operation: string): string =>
    `create trigger ${name} before ${when} begin select raise(abort, 'the audit is append-only: ${operation} on ${table} is refused'); end`
  const [updated, deleted, replaced] = ['updated', 'deleted', 'replaced'].map((it) => `${table}_not_${it}`)
  return {
    [`${updated}`]: trigger(`${updated}`, `update on ${table}`, 'update'),
    [`${deleted}`]: trigger(`${deleted}`, `delete on ${table}`, 'delete'),
    [`${replaced}`]: trigger(
      `${replaced}`,
      `insert on ${table} when exists (select 1 from ${table} where ${taken})`,
      'replace',
    ),
  }
}

/** A command as one line without quoted names and capitals, as all that made it write it alike. */
const plain = (command: string): string => command.replaceAll('"', '').replaceAll(/\s+/g, ' ').toLowerCase()

function extract<T>(document: Expression<unknown>, path: readonly string[]) {
  // A path of no names means the element itself, which is no JSON text when it is a simple value.
  return path.length === 0 ? sql<T>`${document}` : sql<T>`json_extract(${document}, ${jsonPath(path)})`
}

/** A value of one of these JSON types, and null where the document holds something else. */
function typed<T>(document: Expression<unknown>, path: readonly string[], types: readonly string[]) {
  const type = path.length === 0 ? sql`typeof(${document})` : sql`json_type(${document}, ${jsonPath(path)})`
  const names = sql.join(types.map((name) => sql.lit(name)))
  return sql<T>`(case when ${type} in (${names}) then ${extract(document, path)} end)`
}

function jsonPath(path: readonly string[]): string {
  return `$${path.map((name) => `."${name}"`).join('')}`
}

function hasCode(error: unknown, code: string): error is Error {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === code &&
    'message' in error
  )
}
