import type { Database as Connection } from 'better-sqlite3'

/** Read transactions of a connection, each open for one turn of the event loop at most. */
export interface ReadTurns {
  /** Called before each statement. */
  enter(): void
  /** What is read from here on sees what has been committed until here. */
  end(): void
}

/**
 * Shares read transactions between the statements of a turn of the event loop: to open and close one costs as much as
 * a read by key.
 *
 * Whoever commits calls `end` in the same breath, so no read misses what was acknowledged before it began, and the log
 * can be moved into the file. The commits of another process are seen from the next turn on.
 */
export function createReadTurns(connection: Connection): ReadTurns {
  const begin = connection.prepare('begin')
  const rollback = connection.prepare('rollback')
  let statements = 0

  return {
    enter() {
      statements += 1
      // A statement that stays alone needs none.
      if (statements === 1) setImmediate(end)
      else if (statements === 2) begin.run()
    },
    end,
  }

  function end(): void {
    const wasShared = statements > 1
    statements = 0
    if (!wasShared) return
    // An error of the disk ends a transaction, too.
    if (connection.open && connection.inTransaction) rollback.run()
  }
}
