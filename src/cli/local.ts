import { existsSync } from 'node:fs'
import path from 'node:path'
import { openStore } from '../../db/open.ts'
import { ConfigError, readConfig, type ServerConfig } from '../config.ts'
import { createContext, type Context } from '../context.ts'
import { createLog } from '../log.ts'
import { installedAt } from '../provision/installed.ts'
import { secretKey } from '../secret-key.ts'
import type { Cause } from '../provision/cause.ts'

/**
 * Opens the installation that the environment names, for one command.
 *
 * @throws ConfigError when there is none: a command makes no new one, or it would speak of another than the server's
 */
export async function withInstallation<T>(work: (ctx: Context) => Promise<T>): Promise<T> {
  return withStore(async (engine, publicUrl, config) =>
    work(
      createContext({
        engine,
        log: createLog('error'),
        publicUrl: config.publicUrl ?? publicUrl,
        secretKey: await secretKey(config, engine),
      }),
    ),
  )
}

/**
 * Opens the database of the installation alone: for what needs no key.
 *
 * @throws ConfigError when there is no installation in it
 */
export async function withStore<T>(
  work: (engine: Context['engine'], publicUrl: string, config: ServerConfig) => Promise<T>,
): Promise<T> {
  const config = readConfig()
  const { databaseUrl } = config
  const file = databaseUrl.startsWith('sqlite:') ? databaseUrl.slice('sqlite:'.length) : undefined
  if (file !== undefined && !existsSync(file)) throw nothingHere(`no file \`${path.resolve(file)}\``)
  const engine = await openStore(databaseUrl)
  try {
    const publicUrl = await installedAt(engine)
    if (publicUrl === undefined) throw nothingHere('no Signalbox in that database')
    return await work(engine, publicUrl, config)
  } finally {
    await engine.close()
  }
}

const nothingHere = (what: string): ConfigError =>
  new ConfigError(
    `DATABASE_URL names no installation: there is ${what}; run this in the folder of the server, set DATABASE_URL to what the server has, or start a new one with \`signalbox serve\``,
  )

/** The cause of what a command changes. */
export const byCommand = (ctx: Context): Cause => ({ actor: 'cli', requestId: ctx.newRequestId() })
