import { execFile } from 'node:child_process'
import { format } from 'node:util'
import { fileURLToPath } from 'node:url'
import { jest } from '@jest/globals'
import { main } from '../../src/cli/main.ts'
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
    runScript(server(), args, { other, folder })

/** The same for a command whose questions are answered by the lines of a pipe. */
export const answeredCommand = (
  server: Pick<TestServer, 'databaseUrl'>,
  lines: readonly string[],
  ...args: readonly string[]
): Promise<Ended> => runScript(server, args, { input: lines.map((line) => `${line}\n`).join('') })

interface Surroundings {
  readonly other?: Readonly<Record<string, string | undefined>>
  readonly folder?: string | undefined
  readonly input?: string
}

const runScript = (
  { databaseUrl }: Pick<TestServer, 'databaseUrl'>,
  args: readonly string[],
  { other, folder, input }: Surroundings,
): Promise<Ended> =>
  new Promise((resolve) => {
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: databaseUrl,
      SIGNALBOX_SECRET_KEY: SECRET_KEY,
      ...other,
    }
    const script = fileURLToPath(new URL('../../src/cli/signalbox.js', import.meta.url))
    const child = execFile(process.execPath, [script, ...args], { env, cwd: folder }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
    if (input !== undefined) child.stdin?.end(input)
  })

const SECRET_KEY = 'a key that only tests have, 32 characters and more'

/** Runs a command as {@link commandLine} does, inside this process: in a hundredth of the time, and one at a time. */
export async function commandInProcess(
  { databaseUrl }: Pick<TestServer, 'databaseUrl'>,
  ...args: readonly string[]
): Promise<Ended> {
  const said = { out: '', err: '' }
  const { DATABASE_URL, SIGNALBOX_SECRET_KEY } = process.env
  const spies = [
    jest.spyOn(console, 'log').mockImplementation((...texts) => void (said.out += `${format(...texts)}\n`)),
    jest.spyOn(console, 'error').mockImplementation((...texts) => void (said.err += `${format(...texts)}\n`)),
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true)),
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true)),
  ]
  Object.assign(process.env, { DATABASE_URL: databaseUrl, SIGNALBOX_SECRET_KEY: SECRET_KEY })
  try {
    await main(['node', 'signalbox', ...args])
    return { ...said, code: Number(process.exitCode ?? 0) }
  } finally {
    process.exitCode = 0
    for (const spy of spies) spy.mockRestore()
    for (const [name, value] of Object.entries({ DATABASE_URL, SIGNALBOX_SECRET_KEY })) {
      if (value === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = value
    }
  }
}
