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

/** A statement about everything whose column is in a list. */
export interface StatementAmong<Item, Values, Row> {
  /** Nothing is among an empty list. */
  all(db: Kysely<Database>, list: readonly Item[], values: Values): Promise<Row[]>
}

/**
 * Prepares a statement about everything whose column is in a list, however long: `among` follows the column. A list of
 * one is compared plainly, because to read it from JSON costs more than the row that it leads to.
 */
export function statementAmong<Item extends string | number, Values extends object = object, Row = never>(
  type: Item extends string ? 'text' : 'integer',
  build: (builder: Builder<Values>, among: RawBuilder<unknown>) => Compilable<Row>,
): StatementAmong<Item, Values, Row> {
  const one = statement<Values & { item: Item }, Row>((builder) =>
    build(builder, sql`= cast(${builder.value('item')} as ${sql.raw(type === 'text' ? 'text' : 'bigint')})`),
  )
  const many = statement<Values & { items: string }, Row>((builder) => {
    const items = builder.dialect.rowsOf(builder.value('items'), { item: type })
    return build(builder, sql`in (select item from ${items} as items)`)
  })
  return {
    async all(db, list, values) {
      const [item] = list
      if (item === undefined) return []
      if (list.length === 1) return one.all(db, { ...values, item })
      return many.all(db, { ...values, items: JSON.stringify(list.map((each) => [each])) })
    },
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

/** A parameter for `limit`, `offset` or a `seq`: SQLite plans a statement anew whenever a bare one there is set. */
export function wholeNumber(value: Expression<number>): RawBuilder<number> {
  return sql<number>`cast(${value} as bigint)`
}

function isPlaceholder<Values>(parameter: unknown): parameter is Placeholder<Values> {
  return parameter instanceof Object && 'placeholder' in parameter
}
