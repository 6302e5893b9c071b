import { sql, type CompiledQuery, type Expression, type Kysely, type RawBuilder } from 'kysely'
import type { Dialect } from '../../db/dialects/dialect.ts'
import { dialectOf } from '../../db/dialects/of.ts'
import { keepPrepared } from '../../db/prepared.ts'
import type { Database } from '../../db/tables.ts'

/** What a statement is built with. */
export interface Builder<Values> {
  readonly db: Kysely<Database>
  readonly dialect: Dialect
  /** The place of a value that is given when the statement runs. */
  value<Name extends keyof Values>(name: Name): RawBuilder<Values[Name]>
}

/** A statement that is built and compiled once for each engine, and then only runs. */
export interface Statement<Values, Row> {
  all(db: Kysely<Database>, values: Values): Promise<Row[]>
  first(db: Kysely<Database>, values: Values): Promise<Row | undefined>
  /** Runs it and tells how many rows it changed. */
  run(db: Kysely<Database>, values: Values): Promise<number>
}

/** Something that Kysely compiles: a query or a raw statement. */
export interface Compilable<Row> {
  compile(db: Kysely<Database>): CompiledQuery<Row>
}

/**
 * Prepares a statement that runs often. Building and compiling a query costs more than many a query itself.
 *
 * ```ts
 * const userName = statement<{ id: string }, { userName: string }>(({ db, value }) =>
 *   db.selectFrom('users').select('user_name as userName').where('id', '=', value('id')))
 *
 * const row = await userName.first(db, { id })
 * ```
 */
export function statement<Values extends object, Row = never>(
  build: (builder: Builder<Values>) => Compilable<Row>,
): Statement<Values, Row> {
  const compiled = new Map<Dialect, Compiled<Values, Row>>()

  const execute = (db: Kysely<Database>, values: Values) => {
    const dialect = dialectOf(db)
    let known = compiled.get(dialect)
    if (known === undefined) {
      known = compile(build({ db, dialect, value: placeholder }), db)
      keepPrepared(known.query.sql)
      compiled.set(dialect, known)
    }
    return run(db, known, values)
  }
  return {
    all: async (db, values) => (await execute(db, values)).rows,
    first: async (db, values) => (await execute(db, values)).rows[0],
    run: async (db, values) => Number((await execute(db, values)).numAffectedRows ?? 0),
  }
}

/** A compiled query whose parameters are still to come. */
export interface Compiled<Values, Row> {
  readonly query: CompiledQuery<Row>
  readonly parameters: readonly (Placeholder<Values> | { readonly constant: unknown })[]
}

/** Compiles a query that was built with {@link placeholder}s. */
export function compile<Values, Row>(query: Compilable<Row>, db: Kysely<Database>): Compiled<Values, Row> {
  const compiled = query.compile(db)
  const parameters = compiled.parameters.map((parameter) =>
    isPlaceholder<Values>(parameter) ? parameter : { constant: parameter },
  )
  return { query: compiled, parameters }
}

/** Runs a compiled query with values. */
export function run<Values, Row>(db: Kysely<Database>, compiled: Compiled<Values, Row>, values: Values) {
  const parameters = compiled.parameters.map((parameter) =>
    'placeholder' in parameter ? values[parameter.placeholder] : parameter.constant,
  )
  return db.executeQuery<Row>({ ...compiled.query, parameters })
}

interface Placeholder<Values> {
  readonly placeholder: keyof Values
}

/** The place of a value inside a query that is compiled once. */
export function placeholder<Values, Name extends keyof Values>(name: Name): RawBuilder<Values[Name]> {
  return sql<Values[Name]>`${{ placeholder: name } satisfies Placeholder<Values>}`
}

/** A number of rows, for `limit` and `offset`: SQLite plans a statement anew whenever a bare parameter there is set. */
export function rowCount(value: Expression<number>): RawBuilder<number> {
  return sql<number>`cast(${value} as bigint)`
}

function isPlaceholder<Values>(parameter: unknown): parameter is Placeholder<Values> {
  return parameter instanceof Object && 'placeholder' in parameter
}
