import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { NAME_KEYS } from './audit.ts'
import { statement } from './statement.ts'

/** The ids of what has, or had, a name; the text itself is among them, since it may be an id. */
export async function subjectsNamed(db: Kysely<Database>, text: string, nameKey: string): Promise<string[]> {
  const found = await named.all(db, { nameKey })
  return [...new Set([text, ...found.map(({ id }) => id)])]
}

const named = statement<{ nameKey: string }, { id: string }>(
  ({ value }) =>
    sql`${sql.join(
      NAME_KEYS.map(
        ([table, column]) =>
          sql`select id from ${sql.table(table)} where ${sql.ref(column)} = ${value('nameKey')}`,
      ),
      sql` union all `,
    )}`,
)

/** The names of subjects by their ids, and of deleted users the folded ones. */
export async function namesOfSubjects(
  db: Kysely<Database>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await subjectNames.all(db, { ids: JSON.stringify(ids) })
  return new Map(rows.map(({ id, name }) => [id, name]))
}

const subjectNames = statement<{ ids: string }, Named>(({ dialect, value }) =>
  unionOfNames(dialect.listOf(value('ids')), [
    ['users', 'id', 'user_name'],
    ['tombstones', 'id', 'user_name_key'],
    ['groups', 'id', 'display_name'],
    ['directories', 'id', 'name'],
    ['tokens', 'id', 'label'],
    ['clients', 'id', 'label'],
  ]),
)

/** The labels of tokens, by their public parts, and of clients, by their ids. */
export async function labelsOfActors(
  db: Kysely<Database>,
  prefixesAndIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await actorLabels.all(db, { ids: JSON.stringify(prefixesAndIds) })
  return new Map(rows.map(({ id, name }) => [id, name]))
}

const actorLabels = statement<{ ids: string }, Named>(({ dialect, value }) =>
  unionOfNames(dialect.listOf(value('ids')), [
    ['tokens', 'prefix', 'label'],
    ['clients', 'id', 'label'],
  ]),
)

interface Named {
  readonly id: string
  readonly name: string
}

function unionOfNames(
  list: RawBuilder<unknown>,
  sources: readonly (readonly [table: string, key: string, name: string])[],
): RawBuilder<Named> {
  const selects = sources.map(
    ([table, key, name]) => sql`
      select ${sql.ref(key)} as id, ${sql.ref(name)} as name from ${sql.table(table)}
      where ${sql.ref(key)} in (select value from ${list} as list)`,
  )
  return sql<Named>`${sql.join(selects, sql` union all `)}`
}
