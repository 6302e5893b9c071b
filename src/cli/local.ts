import { openStore } from '../../db/open.ts'
import { readConfig } from '../config.ts'
import { createContext, type Context } from '../context.ts'
import { createLog } from '../log.ts'
import { secretKey } from '../secret-key.ts'
import type { Cause } from '../provision/cause.ts'

/** Opens the installation that the environment names, for one command. */
export async function withInstallation<T>(work: (ctx: Context) => Promise<T>): Promise<T> {
  const config = readConfig()
  const engine = await openStore(config.databaseUrl)
  try {
    await engine.migrate()
    const ctx = createContext({
      engine,
      log: createLog('warn'),
      publicUrl: config.publicUrl ?? `http://${config.host}:${config.port}`,
      secretKey: await secretKey(config, engine),
    })
    return await work(ctx)
  } finally {
    await engine.close()
  }
}

/** The cause of what a command changes. */
export const byCommand = (ctx: Context): Cause => ({ actor: 'cli', requestId: ctx.newId() })
