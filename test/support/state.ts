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
  'groups',
  'members',
  'bindings',
  'user_bindings',
  'revisions',
  'tombstones',
  'pending_members',
] as const

/** What is prepared in the background from what else stands in a row, and when a token was last used. */
const FOLLOWS = { search: undefined, last_used_at: undefined }

/** Everything that counts as the state of an installation, as text. */
export async function readState({ read }: Engine): Promise<string[]> {
  const tables = await Promise.all(
    FACTS.map(async (table) => (await sql<object>`select * from ${sql.table(table)}`.execute(read)).rows),
  )
  return tables.flatMap((rows, i) =>
    rows.map((row) => `${FACTS[i]} ${JSON.stringify({ ...row, ...FOLLOWS })}`).toSorted(),
  )
}
