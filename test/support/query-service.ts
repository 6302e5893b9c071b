import pg from 'pg'
import type { Decision } from '../../src/resolve/decision.ts'

/** What somebody saw, and as whom the database let them. */
export interface Seen {
  readonly user: string
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/**
 * Runs a query for somebody as a service should: over the connection that the decision names, and over none when it
 * names none.
 *
 * @param urls by the name of the connection
 */
export async function queryAs(
  decision: Decision,
  urls: Readonly<Record<string, string>>,
  query: string,
): Promise<Seen | undefined> {
  if (decision.environment === null) return undefined
  const client = new pg.Client({
    connectionString: urls[decision.environment.connection],
    application_name: 'the service',
  })
  await client.connect()
  try {
    const { rows: who } = await client.query<{ user: string }>('select current_user as "user"')
    const { rows } = await client.query<Record<string, unknown>>(query)
    return { user: who[0]?.user ?? '', rows }
  } finally {
    await client.end()
  }
}
