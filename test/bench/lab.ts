import { join } from 'node:path'
import { runScript, startExpress, startLoad, startPostgres, startSignalbox } from './processes.ts'
import type { Load, Server } from './processes.ts'
import type { Pace } from './measure.ts'

/** A Signalbox and how many users its database holds. */
export interface Subject {
  readonly server: Server
  /** Where its database is. */
  readonly url: string
  readonly users: number
}

/** Everything that rows are measured with; what is needed is started when it is first asked for. */
export interface Lab {
  readonly load: Load
  readonly pace: Pace
  readonly express: Server
  /** A Signalbox on SQLite with so many users. */
  sqlite(users: number): Promise<Subject>
  postgres(users: number): Promise<Subject>
  close(): Promise<void>
}

/**
 * Opens a lab that keeps its databases in `folder`.
 *
 * There is one Signalbox for each size, and rows that only read come before rows that write.
 */
export async function openLab(folder: string, pace: Pace, log: (text: string) => void): Promise<Lab> {
  const open: (() => Promise<void>)[] = []
  const subjects = new Map<string, Promise<Subject>>()

  const load = startLoad()
  open.push(load.stop)
  const express = await startExpress(join(folder, 'express.db'))
  open.push(express.stop)

  const start = async (url: string, users: number): Promise<Subject> => {
    log(`seeding ${users} users`)
    await runScript('seed.ts', [url, String(users)])
    const server = await startSignalbox(url)
    open.push(server.stop)
    return { server, url, users }
  }
  const once = (key: string, make: () => Promise<Subject>): Promise<Subject> => {
    const subject = subjects.get(key) ?? make()
    subjects.set(key, subject)
    return subject
  }

  return {
    load,
    pace,
    express,
    sqlite: (users) =>
      once(`sqlite ${users}`, () => start(`sqlite:${join(folder, `users-${users}`, 'signalbox.db')}`, users)),
    postgres: (users) =>
      once('postgres', async () => {
        const postgres = await startPostgres(folder)
        open.push(postgres.stop)
        return start(postgres.url, users)
      }),
    close: async () => {
      for (const stop of open.toReversed()) await stop()
    },
  }
}
