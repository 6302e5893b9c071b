import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openStore } from '../db/open.ts'
import { createApp } from './app.ts'
import { ConfigError, type ServerConfig } from './config.ts'
import { createContext, type Context } from './context.ts'
import type { Logger } from './log.ts'
import { createTokenIssuer } from './provision/access-tokens.ts'
import { createAuthenticator, type Authenticator } from './provision/authenticate.ts'
import { openCheckpointFile, type CheckpointFile } from './provision/checkpoint-file.ts'
import { startHousekeeping } from './provision/housekeeping.ts'
import { keepAddress } from './provision/installed.ts'
import { startSealing } from './provision/keep-sealing.ts'
import { planning } from './provision/plan.ts'
import { startRecomputing } from './provision/recompute.ts'
import { firstAdminToken } from './provision/tokens.ts'
import { secretKey } from './secret-key.ts'

/** A server that accepts requests. */
export interface RunningServer {
  readonly ctx: Context
  /** Where it listens, without a final slash. */
  readonly url: string
  /** Migrations that ran at this start. */
  readonly migrations: readonly string[]
  /** The administrator's token, when this start made the first one. */
  readonly firstToken: string | undefined
  /** Ends running requests and background work, and closes the store. */
  stop(): Promise<void>
}

/**
 * Starts a server: store, migrations, first token, HTTP, background work.
 *
 * @throws ConfigError with one line that names the setting to change
 */
export async function serve(config: ServerConfig, log: Logger): Promise<RunningServer> {
  const engine = await openDatabase(config)
  const migrations = await engine.migrate()
  const key = await secretKey(config, engine)
  const checkpoints = checkpointFile(config)

  // An address has to hold the longest filter that is read, percent-encoded.
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 120_000, maxHeaderSize: 64 * 1024 })
  const url = await listen(server, config)
  const publicUrl = config.publicUrl ?? url.replace(/0\.0\.0\.0|\[::\]/, 'localhost')
  const ctx = createContext({ engine, log, publicUrl, secretKey: key })
  await keepAddress(ctx)
  const firstToken = config.adminToken === undefined ? await firstAdminToken(ctx) : undefined
  const authenticator: Authenticator = createAuthenticator(ctx, config.adminToken)
  const { maxBodyBytes, rateLimit, rateBurst } = config
  const rate = rateLimit === 0 ? undefined : { perSecond: rateLimit, burst: rateBurst }
  const tokenIssuer = createTokenIssuer(ctx)
  server.on('request', createApp(ctx, { authenticator, tokenIssuer, maxBodyBytes, rate }))
  const background = [
    planning(ctx),
    startRecomputing(ctx),
    startHousekeeping(ctx, authenticator, config),
    // Stopped last, so that what the others did is sealed.
    startSealing(ctx, checkpoints),
  ]

  return {
    ctx,
    url,
    migrations,
    firstToken,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), 5000).unref()
      await closed
      for (const work of background) await work.stop()
      await engine.close()
    },
  }
}

async function openDatabase(config: ServerConfig) {
  try {
    const url = config.databaseUrl.startsWith('sqlite:') ? config.databaseUrl : withPool(config)
    return await openStore(url, { longestQueryMs: config.maxQueryMs })
  } catch (error) {
    throw new ConfigError(
      `DATABASE_URL names a database that cannot be opened: ${(error as Error).message || String(error)}`,
    )
  }
}

function checkpointFile({ auditCheckpointFile: file }: ServerConfig): CheckpointFile | undefined {
  try {
    return file === undefined ? undefined : openCheckpointFile(file)
  } catch (error) {
    throw new ConfigError(
      `AUDIT_CHECKPOINT_FILE names \`${file}\`, which cannot be written to: ${(error as NodeJS.ErrnoException).code}; name another file, or \`none\``,
    )
  }
}

function withPool(config: ServerConfig): string {
  const url = new URL(config.databaseUrl)
  url.searchParams.set('pool', String(config.databasePool))
  return url.href
}

async function listen(server: Server, config: ServerConfig): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new ConfigError(
              `PORT ${config.port} is taken by another program; set another one, or 0 to let the system choose`,
            )
          : new ConfigError(`HOST ${config.host} cannot be listened on: ${error.message}`),
      )
    })
    server.listen(config.port, config.host, resolve)
  })
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
