import type { Database as Connection } from 'better-sqlite3'
import type { Kysely } from 'kysely'
import type { WriteOptions } from './dialects/dialect.ts'
import type { Handle } from './handle.ts'
import type { Database } from './tables.ts'

/** How many units of work share one commit at most. */
const LARGEST_BATCH = 256

/** How long a unit of work may take. Others wait meanwhile, so one that waits for the world is cut off. */
const LONGEST_WORK_MS = 30_000

interface Job {
  readonly work: (db: Kysely<Database>) => Promise<unknown>
  readonly longestMs: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** What became of a job inside a batch; it is told to its caller when the batch has been made durable. */
type Outcome = { readonly job: Job } & ({ readonly value: unknown } | { readonly error: unknown })

/** Runs units of work that share commits. */
export interface GroupCommit {
  write<T>(work: (db: Kysely<Database>) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Waits for what has been handed in; later work is refused. */
  close(): Promise<void>
}

export interface GroupCommitOptions {
  readonly longestWorkMs?: number
  /** Called right before each commit: nothing comes between. */
  readonly beforeCommit?: () => void
}

/**
 * Queues units of work for one connection and commits many of them at once.
 *
 * A sync of the disk costs more than a dozen writes, so the jobs that are waiting run one after another, each inside
 * a savepoint of its own, and are committed together; nobody is answered before that. A job that fails is undone alone.
 * While a batch is being committed the next one gathers, so the batch grows with the load and a lone writer waits for
 * nobody. A job that does not end within `longestWorkMs`, or what it says itself, is undone and loses its handle.
 */
export function createGroupCommit(
  connection: Connection,
  newHandle: () => Handle,
  { longestWorkMs = LONGEST_WORK_MS, beforeCommit = () => {} }: GroupCommitOptions = {},
): GroupCommit {
  const begin = connection.prepare('begin immediate')
  const commit = connection.prepare('commit')
  const rollback = connection.prepare('rollback')
  const savepoint = connection.prepare('savepoint job')
  const release = connection.prepare('release job')
  const undo = connection.prepare('rollback to job')

  let queue: Job[] = []
  let handle = newHandle()
  let running: Promise<void> | undefined
  let closed = false

  return {
    write<T>(
      work: (db: Kysely<Database>) => Promise<T>,
      { longestMs = longestWorkMs }: WriteOptions = {},
    ): Promise<T> {
      if (closed) return Promise.reject(new Error('the store has been closed'))
      return new Promise<T>((resolve, reject) => {
        queue.push({ work, longestMs, resolve: (value) => resolve(value as T), reject })
        running ??= runBatches()
      })
    },
    async close() {
      closed = true
      await running
    },
  }

  async function runBatches(): Promise<void> {
    while (queue.length > 0) {
      // Requests that arrived together are handed in during one turn of the event loop: let them gather.
      await new Promise(setImmediate)
      const batch = queue.slice(0, LARGEST_BATCH)
      queue = queue.slice(LARGEST_BATCH)
      await runBatch(batch)
    }
    running = undefined
  }

  async function runBatch(jobs: readonly Job[]): Promise<void> {
    const outcomes: Outcome[] = []
    try {
      begin.run()
      for (const job of jobs) outcomes.push(await runJob(job))
      beforeCommit()
      commit.run()
    } catch (error) {
      if (connection.inTransaction) rollback.run()
      for (const job of jobs) job.reject(error)
      return
    }
    for (const outcome of outcomes) {
      if ('error' in outcome) outcome.job.reject(outcome.error)
      else outcome.job.resolve(outcome.value)
    }
  }

  async function runJob(job: Job): Promise<Outcome> {
    savepoint.run()
    try {
      const value = await runInTime(job)
      release.run()
      return { job, value }
    } catch (error) {
      // A full disk and its like end the whole transaction, and with it the jobs before this one.
      if (!connection.inTransaction) throw error
      undo.run()
      release.run()
      return { job, error }
    }
  }

  async function runInTime(job: Job): Promise<unknown> {
    const current = handle
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        handle = newHandle()
        reject(new Error(`a unit of work did not end within ${job.longestMs} ms`))
      }, job.longestMs)
    })
    current.open()
    try {
      return await Promise.race([job.work(current.db), late])
    } finally {
      current.close()
      clearTimeout(timer)
    }
  }
}
