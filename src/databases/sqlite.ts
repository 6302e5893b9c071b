import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { DatabaseError, type Database } from './database.ts'
import type { Answer, Call } from './sqlite-process.ts'

/**
 * Opens a SQLite file for reading, in a process of its own: SQLite cannot be stopped in the middle of a statement, and
 * would hold everything else up meanwhile.
 */
export async function openSqlite(url: string, timeoutMs: number): Promise<Database> {
  const child = fork(fileURLToPath(new URL('./sqlite-process.ts', import.meta.url)), {
    env: {},
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const ask = <T>(call: Call, longestMs = timeoutMs): Promise<T> => within(child, call, longestMs)
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
  }
  try {
    const file = url.slice('sqlite:'.length).replace(/^\/\//, '')
    await ask({ method: 'open', file }, Math.max(timeoutMs, STARTING_MS))
  } catch (error) {
    await close()
    throw error
  }
  return {
    identify: () => ask({ method: 'identify' }),
    catalogue: (wanted) => ask({ method: 'catalogue', wanted }),
    count: (statement) => ask({ method: 'count', statement }),
    close,
  }
}

/** How long a process may take to start: a busy machine says nothing about the database. */
const STARTING_MS = 30_000

/** Sends one call and waits for its answer; a process that takes too long is ended. */
function within<T>(child: ChildProcess, call: Call, timeoutMs: number): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const hear = (answer: Answer): void =>
    'error' in answer ? reject(new DatabaseError(answer.error)) : resolve(answer.value as T)
  const stop = (): void => reject(new DatabaseError('the process that reads the file has ended'))
  const timer = setTimeout(() => {
    reject(new DatabaseError(`it took longer than ${timeoutMs / 1000} s and was stopped`))
    child.kill('SIGKILL')
  }, timeoutMs)
  child.once('message', hear).once('exit', stop).once('error', stop)
  child.send(call, (error) => error && stop())
  return promise.finally(() => {
    clearTimeout(timer)
    child.off('message', hear).off('exit', stop).off('error', stop)
  })
}
