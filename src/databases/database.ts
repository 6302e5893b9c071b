/** The database behind a connection, opened as the user that the connection's URL names. Nothing is written to it. */
export interface Database {
  /** Where we are, and whom the database takes us for. */
  identify(): Promise<Identity>
  /**
   * The tables and views that are there, and what we may do with each.
   *
   * @param wanted comes first where there are more than {@link MOST_OBJECTS}
   */
  catalogue(wanted: readonly ObjectName[]): Promise<Catalogue>
  /** Runs one statement that reads, and counts its rows. None of them leaves the database. */
  count(statement: string): Promise<Counted>
  close(): Promise<void>
}

/** @throws DatabaseError, as every method does */
export type OpenDatabase = (url: string, timeoutMs: number) => Promise<Database>

export interface Identity {
  /** The database user; null where the engine has none. */
  readonly user: string | null
  readonly database: string
  /** Product and version, as the server says it. */
  readonly server: string
  readonly superuser: boolean
  /** Row policies do not hold for this user, whatever they say. */
  readonly bypassesPolicies: boolean
  /** Other users that this one may become within a session. */
  readonly mayBecome: readonly { readonly user: string; readonly bypassesPolicies: boolean }[]
}

export interface ObjectName {
  /** Undefined: whatever a query finds that names no schema. */
  readonly schema: string | undefined
  readonly name: string
}

export const PRIVILEGES = ['select', 'insert', 'update', 'delete', 'truncate'] as const
export type Privilege = (typeof PRIVILEGES)[number]

/** A table or view. */
export interface DatabaseObject {
  readonly schema: string
  readonly name: string
  readonly kind: string
  /** Whether a query finds it without naming its schema. */
  readonly unqualified: boolean
  readonly privileges: readonly Privilege[]
  /** The columns that may be read, and those that may not. */
  readonly columns: readonly string[]
  readonly hiddenColumns: readonly string[]
  /**
   * `none` are switched on; they `hold` for this user; or they do not: it owns the table, bypasses them, or reads through
   * a view whose owner does.
   */
  readonly policies: 'none' | 'hold' | 'bypassed'
}

export interface Catalogue {
  readonly objects: readonly DatabaseObject[]
  /** False: there are more than {@link MOST_OBJECTS}. */
  readonly complete: boolean
}

/** What is read of a catalogue: a bound of memory that no warehouse of ours comes near. */
export const MOST_OBJECTS = 50_000

/** How a statement went. */
export interface Counted {
  /** The database user that it ran as, by the word of the database; null where the engine has none. */
  readonly user: string | null
  readonly rows: number
  readonly milliseconds: number
}

/** What a database or its driver refused, in words that hold no secret. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
}
