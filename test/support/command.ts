import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestServer } from './server.ts'

/** What a command said, and its exit code. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command over the installation of a test, beside the server that has it open. */
export const runCommand = ({ databaseUrl }: TestServer, ...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: databaseUrl,
      SIGNALBOX_SECRET_KEY: 'a key that only tests have, 32 characters and more',
    }
    const script = fileURLToPath(new URL('../../src/cli/signalbox.js', import.meta.url))
    execFile(process.execPath, [script, ...args], { env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })
