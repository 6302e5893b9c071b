import type { Database as Connection } from 'better-sqlite3'

/** What a statement took too long for; nothing of its result is known. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong'
  /** How long it had. */
  readonly longestMs: number

  constructor(longestMs: number, options?: ErrorOptions) {
    super(`a statement did not end within ${longestMs} ms`, options)
    this.longestMs = longestMs
  }
}

/** The name by which statements of SQLite ask for {@link limitTime}, once a row. */
export const IN_TIME = 'signalbox_in_time'

/** How long one statement of SQLite may take, from now on and on any connection, if it asks. */
export function limitTime(longestMs: number): void {
  limit = { longestMs, until: longestMs === Infinity ? Infinity : performance.now() + longestMs }
}

// INVARIANT: SQLite runs a statement from its start to its end while nothing else runs, so there is one limit at a time.
let limit = { longestMs: Infinity, until: Infinity }

/**
 * Teaches a connection to end a statement that takes too long. better-sqlite3 has no way to interrupt one, but a
 * function may throw: it costs a tenth of what reading a document costs, and only statements that call it.
 */
export function keepTime(connection: Connection): void {
  connection.function(IN_TIME, { directOnly: true }, () => {
    if (performance.now() > limit.until) throw new TookTooLong(limit.longestMs)
    return 1
  })
}
