import { ConfigError, readConfig } from './config.ts'
import { createLog } from './log.ts'
import { serve } from './serve.ts'

/** Starts the server that the environment describes, and stops it when the system asks. */
export async function main(): Promise<void> {
  try {
    const config = readConfig()
    const server = await serve(config, createLog(config.logLevel))
    // Before anybody reads that it listens, and may end it.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void server.stop().then(() => process.exit(0)))
    }
    const base = server.ctx.publicUrl
    console.log(
      [
        `database     ${describeDatabase(config.databaseUrl)}${server.migrations.length > 0 ? ', tables made or brought up to date' : ''}`,
        `SCIM         ${base}/scim/v2`,
        `API          ${base}/api/v1, described at ${base}/openapi.json`,
        ...(server.firstToken === undefined
          ? []
          : [
              `admin token  ${server.firstToken}`,
              `             (made now and shown this once: keep it in a safe place)`,
            ]),
        ...(config.publicUrl === undefined
          ? ['             (set PUBLIC_URL to the address at which identity providers reach this server)']
          : []),
        `listening on ${server.url}`,
      ].join('\n'),
    )
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

/** A database URL without the password that may stand in it. */
function describeDatabase(url: string): string {
  if (url.startsWith('sqlite:')) return url
  const shown = new URL(url)
  if (shown.password) shown.password = '…'
  return decodeURI(shown.href)
}

if (import.meta.main) await main()
