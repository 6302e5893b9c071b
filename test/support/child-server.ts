import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own. */
export interface ChildServer {
  readonly url: string
  readonly adminToken: string
  /** Ends the process and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

export const childAdminToken = 'sbx-admin-token-of-a-child-server'

/**
 * Starts `src/main.ts` over a database, on a port that the system chooses, and waits until it listens.
 *
 * Nothing of this process's environment is handed on but `PATH`.
 */
export function startChild(databaseUrl: string): Promise<ChildServer> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: '0',
      SIGNALBOX_ADMIN_TOKEN: childAdminToken,
      LOG_LEVEL: 'silent',
    },
  })
  // Whoever is interrupted leaves no server behind.
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', end)
      resolve()
    })
  })
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    child.kill(signal)
    await gone
  }
  let said = ''
  return new Promise((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      const [, url] = /listening on (\S+)/.exec(said) ?? []
      if (url !== undefined) resolve({ url, adminToken: childAdminToken, stop })
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)))
  })
}
