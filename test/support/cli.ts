import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestServer } from './server.ts'

/** How a command ended. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs commands over the installation of a server that has it open; a variable that is undefined is not set. */
export const commandLine =
  (server: () => Pick<TestServer, 'databaseUrl'>, folder?: string) =>
  (other: Readonly<Record<string, string | undefined>>, ...args: readonly string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const env = {
        PATH: process.env['PATH'],
        DATABASE_URL: server().databaseUrl,
        SIGNALBOX_SECRET_KEY: 'a key that only tests have, 32 characters and more',
        ...other,
      }
      const script = fileURLToPath(new URL('../../src/cli/signalbox.js', import.meta.url))
      execFile(process.execPath, [script, ...args], { env, cwd: folder }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err })
      })
    })
