import { sql } from 'kysely'
import type { Engine } from '../../db/dialects/dialect.ts'

/** Tables that hold what people decided and what identity providers said; the others follow from them, or only count. */
const FACTS = [
  'settings',
  'directories',
  'tokens',
  'clients',
  'client_secrets',
  'secrets',
  'users',
  'user_values',
  'groups',
  'members',
  'bindings',
  'user_bindings',
  'revisions',
  'tombstones',
  'pending_members',
] as const

/** Everything that counts as the state of an installation, as text; the last use of a token does not. */
export async function readState({ read }: Engine): Promise<string[]> {
  const tables = await Promise.all(
    FACTS.map(async (table) => (await sql<object>`select * from ${sql.table(table)}`.execute(read)).rows),
  )
  return tables.flatMap((rows, i) =>
    rows.map((row) => `${FACTS[i]} ${JSON.stringify({ ...row, last_used_at: undefined })}`).toSorted(),
  )
}
