import type { Expression, Kysely, RawBuilder } from 'kysely'
import type { Database } from '../tables.ts'

/** An open store: one database with its connections. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres'
  readonly dialect: Dialect
  /** How many statements and units of work the database runs at once; Infinity where that is no matter of connections. */
  readonly connections: number
  /** Sees what is committed, and nothing else. */
  readonly read: Kysely<Database>
  /** Runs several reads over one state of the store. */
  snapshot<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T>
  /**
   * Runs reads that may go through everything. None of their statements may take longer than the store was told when
   * it was opened; SQLite asks where a statement says so ({@link Dialect.inTime}).
   *
   * @throws {TookTooLong}
   */
  bounded<T>(work: (db: Kysely<Database>) => Promise<T>): Promise<T>
  /**
   * Runs one atomic unit of work; what it wrote is durable when the promise resolves, and undone when it rejects.
   *
   * `work` waits for its own statements and for nothing else, and may run more than once where an engine resolves
   * a deadlock by repeating it. `db` serves only until `work` has ended.
   *
   * @param options `longestMs`: for work that goes through everything, since SQLite undoes one that takes half a minute
   */
  write<T>(work: (db: Kysely<Database>) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Brings the tables up to date and tells which migrations ran. */
  migrate(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface WriteOptions {
  readonly longestMs?: number
}

/** The SQL that differs between the engines, by what it is for. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'

  /** The text at a path inside a JSON document or array element; null where there is none, or something else. */
  jsonText(document: Expression<unknown>, path: readonly string[]): RawBuilder<string | null>
  /** The number at a path inside a JSON document or array element; null where there is none, or something else. */
  jsonNumber(document: Expression<unknown>, path: readonly string[]): RawBuilder<number | null>
  /** The truth value at a path inside a JSON document or array element as 0 or 1; null where there is none, or something else. */
  jsonFlag(document: Expression<unknown>, path: readonly string[]): RawBuilder<number | null>
  /** Whether anything stands at a path inside a JSON document or array element. */
  jsonPresent(document: Expression<unknown>, path: readonly string[]): RawBuilder<boolean>
  /** The elements of the array at a path, for `from`, as the table `alias`: `value`, and its place as `key`. */
  jsonElements(document: Expression<unknown>, path: readonly string[], alias: string): RawBuilder<unknown>
  /** The JSON text of what stands at a path inside a JSON text; null where nothing does. */
  jsonAt(document: Expression<unknown>, path: readonly string[]): RawBuilder<string | null>
  /** A text as JSON text, with its quotes. */
  jsonQuote(text: Expression<unknown>): RawBuilder<string>

  /** A JSON array of texts as a table with the one column `value`, for `from`: any number of values, one parameter. */
  listOf(json: unknown): RawBuilder<unknown>
  /** The same with the column `position`, counted from 0. */
  numberedListOf(json: unknown): RawBuilder<unknown>
  /** A JSON array of tuples as a table with the named columns, for `from`: any number of rows, one parameter. */
  rowsOf(json: unknown, columns: Readonly<Record<string, 'text' | 'integer'>>): RawBuilder<unknown>

  /** Whether a text contains, begins or ends with a fragment, character by character. */
  contains(text: Expression<unknown>, fragment: Expression<unknown> | string): RawBuilder<boolean>
  startsWith(text: Expression<unknown>, fragment: Expression<unknown> | string): RawBuilder<boolean>
  endsWith(text: Expression<unknown>, fragment: Expression<unknown> | string): RawBuilder<boolean>

  /** A column that the planner is not to search by, because another condition leads to fewer rows. */
  notByIndex(column: Expression<unknown>): RawBuilder<unknown>
  /** True, and the end of a statement of {@link Engine.bounded} that has taken too long; for one that reads many rows. */
  readonly inTime: RawBuilder<boolean>
  /** Whether rows are locked one by one; if not, there is one writer at a time and no need for it. */
  readonly locksRows: boolean
  /** Ends a `select` whose rows nobody else may change until this unit of work has ended. */
  readonly forUpdate: RawBuilder<unknown>
  /** The same, but passes over rows that somebody else holds. */
  readonly forUpdateSkippingLocked: RawBuilder<unknown>
  /** Ends a `select` whose rows must go on existing until this unit of work has ended. */
  readonly forReference: RawBuilder<unknown>

  /** Holds the access model still (`shared`), or holds everybody else off while it changes (`exclusive`). */
  lockModel(db: Kysely<Database>, mode: 'shared' | 'exclusive'): Promise<void>
  /** Makes changes become visible in the order of their numbers: taken before the first is appended. */
  lockFeed(db: Kysely<Database>): Promise<void>

  /**
   * The last number that a row of the table may have, and who is writing to it. When none of them is any longer, no row
   * up to that number will still appear: numbers are drawn before they are committed.
   */
  lastDrawn(db: Kysely<Database>, table: 'audit'): Promise<Drawn>
  /** Whether any of those who were writing to the table when {@link lastDrawn} was asked still is. */
  stillWriting(db: Kysely<Database>, table: 'audit', writers: readonly string[]): Promise<boolean>

  /**
   * What the tables of the audit should have to keep their rows as they are, and have not, or have under its name with
   * another effect: names of triggers and indexes.
   */
  missingGuards(db: Kysely<Database>): Promise<string[]>

  /**
   * A `select` that makes those who wait for somebody to arrive (`exclusive`) and those who arrive (`shared`) under the
   * same name wait for each other, until this unit of work has ended: neither misses the other. It returns no row where
   * a `where` that is put behind it keeps it from that.
   *
   * @param names JSON array of texts
   */
  lockArrivals(names: Expression<unknown>, mode: 'shared' | 'exclusive'): RawBuilder<unknown>

  /** The unique index that an error is about, as `<table>_<columns>`; undefined when it is another error. */
  uniqueViolation(error: unknown): string | undefined
  /** Whether an error says that a row which is referred to does not exist. */
  isReferenceViolation(error: unknown): boolean
}

/** How far a table has got. */
export interface Drawn {
  readonly seq: number
  /** Units of work, by names that are good for `stillWriting` alone. */
  readonly writers: readonly string[]
}
