import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { statementAmong } from './statement.ts'

/** Notes what somebody is called who may come to stand in the audit; it stays when the token or client is gone. */
export async function insertActor(db: Kysely<Database>, actor: string, label: string): Promise<void> {
  await db.insertInto('actors').values({ actor, label }).execute()
}

/** What these actors are called; whoever has no label is left out. */
export async function labelsOf(
  db: Kysely<Database>,
  actors: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await labels.all(db, actors, {})
  return new Map(rows.map(({ actor, label }) => [actor, label]))
}

const labels = statementAmong<string, object, { actor: string; label: string }>('text', ({ db }, among) =>
  db
    .selectFrom('actors')
    .select(['actor', 'label'])
    .where('label', '<>', '')
    .where(sql<boolean>`actor ${among}`),
)
