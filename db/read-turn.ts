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
  let entered = false

  return {
    enter() {
      if (entered) return
      begin.run()
      entered = true
      setImmediate(end)
    },
    end,
  }

  function end(): void {
    if (!entered) return
    entered = false
    // An error of the disk ends a transaction, too.
    if (connection.open && connection.inTransaction) rollback.run()
  }
}
