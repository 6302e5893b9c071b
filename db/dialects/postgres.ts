import { sql, type Expression, type RawBuilder } from 'kysely'
import type { Dialect } from './dialect.ts'

/** Keys of the advisory locks: any numbers that nobody else in the database takes. */
const MODEL_LOCK = 7_240_001
const FEED_LOCK = 7_240_002
/** The first of two keys; the second is a slot. Slots bound how many locks a unit of work can take. */
const ARRIVAL_LOCK = 7_240_003
const ARRIVAL_SLOTS = 64

/** PostgreSQL 14 or later. Texts compare by bytes, as they do in SQLite. */
export const postgres: Dialect = {
  name: 'postgres',

  jsonText: (document, path) =>
    sql`((case when jsonb_typeof(${document} #> ${pathArray(path)}) = 'string' then ${document} #>> ${pathArray(path)} end) collate "C")`,
  jsonNumber: (document, path) => typed(document, path, 'number', 'numeric'),
  jsonFlag: (document, path) => sql`(${typed(document, path, 'boolean', 'boolean')}::int)`,
  jsonPresent: (document, path) => sql`(${document} #>> ${pathArray(path)} is not null)`,
  // The lax path takes a single value for an array of one, as `json_each` does.
  jsonElements: (document, path, alias) =>
    sql`jsonb_path_query(${document} #> ${pathArray(path)}, '$[*]') with ordinality as ${sql.ref(alias)}(value, key)`,
  jsonAt: (document, path) => sql`((${document}::jsonb #> ${pathArray(path)})::text)`,
  jsonQuote: (text) => sql`to_json(${text}::text)::text`,

  listOf: (json) =>
    sql`(select value collate "C" as value from jsonb_array_elements_text(${json}::jsonb) as list(value))`,
  numberedListOf: (json) =>
    sql`(
      select position - 1 as position, value collate "C" as value
      from jsonb_array_elements_text(${json}::jsonb) with ordinality as list(value, position)
    )`,
  rowsOf: (json, columns) => {
    const picks = Object.entries(columns).map(([name, type], i) => {
      const text = sql`(value ->> ${sql.lit(i)})`
      return type === 'text'
        ? sql`${text} collate "C" as ${sql.ref(name)}`
        : sql`${text}::bigint as ${sql.ref(name)}`
    })
    return sql`(select ${sql.join(picks)} from jsonb_array_elements(${json}::jsonb) as list(value))`
  },

  contains: (text, fragment) => sql`(strpos(${text}, ${fragment}::text) > 0)`,
  startsWith: (text, fragment) => sql`starts_with(${text}, ${fragment}::text)`,
  endsWith: (text, fragment) => sql`(right(${text}, length(${fragment}::text)) = ${fragment}::text)`,

  notByIndex: (column) => sql`${column}`,
  inTime: sql`true`,
  locksRows: true,
  // Weaker than `for update`, so that a user may be added to two groups at once: see `forReference`.
  forUpdate: sql`for no key update`,
  forUpdateSkippingLocked: sql`for update skip locked`,
  forReference: sql`for key share`,

  async lockModel(db, mode) {
    const lock = mode === 'shared' ? sql`pg_advisory_xact_lock_shared` : sql`pg_advisory_xact_lock`
    await sql`select ${lock}(${MODEL_LOCK}::bigint)`.execute(db)
  },
  async lockFeed(db) {
    await sql`select pg_advisory_xact_lock(${FEED_LOCK}::bigint)`.execute(db)
  },

  async lastDrawn(db, table) {
    // In this order: who draws a number later than the first question does not matter, whoever drew one before holds
    // the lock of its `insert` until it ends, and took that before it drew.
    const { rows } = await sql<{ seq: number | null }>`
      select pg_sequence_last_value(pg_get_serial_sequence(${table}, 'seq')::regclass) as seq`.execute(db)
    const writers = await sql<{ id: string }>`select id from ${writersOf(table)} as w`.execute(db)
    return { seq: rows[0]?.seq ?? 0, writers: writers.rows.map(({ id }) => id) }
  },
  async stillWriting(db, table, writers) {
    if (writers.length === 0) return false
    const { rows } = await sql`
      select 1 from ${writersOf(table)} as w
      where id in (select value from jsonb_array_elements_text(${JSON.stringify(writers)}::jsonb) as list(value))
      limit 1`.execute(db)
    return rows.length > 0
  },

  async missingGuards(db) {
    const { rows } = await sql<{ name: string; effect: string }>`
      select t.tgname as name, l.lanname || ': ' || p.prosrc as effect
      from pg_trigger t join pg_proc p on p.oid = t.tgfoid join pg_language l on l.oid = p.prolang
      where t.tgrelid = to_regclass(regexp_replace(t.tgname, '_append_only$', '')) and t.tgenabled = 'A'
        and t.tgtype = ${sql.lit(BEFORE_CHANGES)} and t.tgqual is null and t.tgattr::text = ''
      union all
      select c.relname, pg_get_indexdef(c.oid, 1, true) || ', ' || pg_get_indexdef(c.oid, 2, true)
      from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = 'audit'::regclass and i.indisunique and i.indisvalid and i.indnkeyatts = 2
        and i.indpred is null`.execute(db)
    const present = new Map(rows.map(({ name, effect }) => [name, effect.replaceAll(/\s+/g, ' ').trim()]))
    return Object.keys(GUARDS).filter((name) => present.get(name) !== GUARDS[name])
  },

  lockArrivals(names, mode) {
    const lock = mode === 'shared' ? sql`pg_advisory_xact_lock_shared` : sql`pg_advisory_xact_lock`
    // In one order, so that two who want the same slots never wait for each other.
    return sql`
      select ${lock}(${sql.lit(ARRIVAL_LOCK)}, slot) from (
        select distinct abs(hashtext(name) % ${sql.lit(ARRIVAL_SLOTS)}) as slot
        from jsonb_array_elements_text(${names}::jsonb) as list(name) order by slot
      ) as slots`
  },

  uniqueViolation: (error) =>
    hasCode(error, '23505') && 'constraint' in error ? String(error.constraint) : undefined,
  isReferenceViolation: (error) => hasCode(error, '23503'),
}

/** `tgtype` of a trigger before update, delete and truncate, once for each statement. */
const BEFORE_CHANGES = 2 + 8 + 16 + 32

/** What the function of the guards does. */
const REFUSAL =
  "plpgsql: begin raise exception 'the audit is append-only: % on % is refused', lower(tg_op), tg_table_name using errcode = 'insufficient_privilege'; end"

/** By name, what each guard does. */
const GUARDS: Readonly<Record<string, string>> = {
  audit_append_only: REFUSAL,
  audit_seals_append_only: REFUSAL,
  audit_request_id_mac: 'request_id, mac',
}

/** Transactions that hold the lock which an `insert` takes. */
const writersOf = (table: string) => sql`(
  select virtualtransaction as id from pg_locks
  where locktype = 'relation' and mode = 'RowExclusiveLock' and granted
    and relation = ${table}::regclass
    and database = (select oid from pg_database where datname = current_database()))`

function pathArray(path: readonly string[]) {
  return sql`${path}::text[]`
}

/** A value as the given type, and null where the document holds something else. */
function typed<T>(
  document: Expression<unknown>,
  path: readonly string[],
  type: string,
  cast: string,
): RawBuilder<T> {
  const value = sql`(${document} #> ${pathArray(path)})`
  return sql`(case when jsonb_typeof(${value}) = ${sql.lit(type)} then ${value}::${sql.raw(cast)} end)`
}

/** Whether the server refused with a SQLSTATE. */
export function hasCode(error: unknown, code: string): error is object {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}
