import { startPostgres, type PostgresServer } from './postgres-server.ts'

declare global {
  /** What {@link file://./postgres-teardown.ts} stops. */
  var signalboxTestPostgres: PostgresServer | undefined
}

/** Starts one PostgreSQL server for all suites, unless `TEST_PG_URL` names one. */
export default async function setup(): Promise<void> {
  if (process.env['TEST_PG_URL'] !== undefined) return
  const server = await startPostgres({ max_connections: '300' })
  process.env['TEST_PG_URL'] = server.url
  globalThis.signalboxTestPostgres = server
}
