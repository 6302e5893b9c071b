import type { ServerConfig } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { createLog, type Logger } from '../../src/log.ts'
import { serve } from '../../src/serve.ts'
import { createPlace } from './engines.ts'

/** A whole server inside the test, on a fresh store and a port of the system's choice. */
export interface TestServer {
  readonly url: string
  readonly adminToken: string
  readonly ctx: Context
  readonly databaseUrl: string
  stop(): Promise<void>
}

export interface TestServerOptions extends Partial<ServerConfig> {
  readonly engine?: 'sqlite' | 'postgres'
  readonly log?: Logger
}

/** Starts a server; what it keeps is gone after `stop`. */
export async function startServer({
  engine = 'sqlite',
  log = createLog('silent'),
  ...config
}: TestServerOptions = {}): Promise<TestServer> {
  const place = await createPlace(engine)
  const server = await serve(
    {
      databaseUrl: place.url,
      databasePool: 10,
      host: '127.0.0.1',
      port: 0,
      publicUrl: undefined,
      adminToken: ADMIN_TOKEN,
      secretKey: 'a key that only tests have, 32 characters and more',
      auditCheckpointFile: undefined,
      logLevel: 'silent',
      maxBodyBytes: 16 * 1024 ** 2,
      maxQueryMs: 60_000,
      rateLimit: 1_000_000,
      rateBurst: 1_000_000,
      historyDays: 400,
      tombstoneDays: 365,
      ...config,
    },
    log,
  )
  return {
    url: server.url,
    adminToken: ADMIN_TOKEN,
    ctx: server.ctx,
    databaseUrl: place.url,
    async stop() {
      await server.stop()
      await place.remove()
    },
  }
}

const ADMIN_TOKEN = 'the-administrator-of-tests'
