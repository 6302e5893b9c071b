import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'

/** The group of a directory that rules mean by a name, whatever the group is called today. */
export interface Binding {
  readonly directoryId: string
  /** The name that rules use, folded. */
  readonly nameKey: string
  readonly groupId: string
}

/**
 * Binds names that rules use to the groups that bear them, in every directory or in one; a binding that stands stays.
 *
 * Where several groups of a directory bear a name, the oldest is meant. Returns what was bound.
 */
export async function bindGroups(
  db: Kysely<Database>,
  nameKeys: readonly string[],
  directoryId?: string,
): Promise<Binding[]> {
  if (nameKeys.length === 0) return []
  const names = dialectOf(db).listOf(JSON.stringify(nameKeys))
  const { rows } = await sql<Binding>`
    insert into bindings (directory_id, name_key, group_id)
    select g.directory_id, g.display_name_key, g.id from groups g
    join (
      select directory_id, display_name_key, min(seq) as seq from groups
      where display_name_key in (select value from ${names} as names)
        ${directoryId === undefined ? sql`` : sql`and directory_id = ${directoryId}`}
      group by directory_id, display_name_key
    ) as oldest on oldest.seq = g.seq
    where true
    on conflict (directory_id, name_key) do nothing
    returning directory_id as "directoryId", name_key as "nameKey", group_id as "groupId"`.execute(db)
  return rows
}

/** All bindings, of one directory or of all. */
export async function listBindings(db: Kysely<Database>, directoryId?: string): Promise<Binding[]> {
  return db
    .selectFrom('bindings')
    .select(columns)
    .$if(directoryId !== undefined, (query) => query.where('directory_id', '=', directoryId ?? ''))
    .orderBy('directory_id')
    .orderBy('name_key')
    .execute()
}

/** The names that a group is bound to. */
export async function bindingsOfGroup(db: Kysely<Database>, groupId: string): Promise<Binding[]> {
  return db.selectFrom('bindings').select(columns).where('group_id', '=', groupId).execute()
}

/** Frees every name that is not among these, because no rule uses it any more. */
export async function keepBindings(db: Kysely<Database>, nameKeys: readonly string[]): Promise<void> {
  const names = dialectOf(db).listOf(JSON.stringify(nameKeys))
  await sql`delete from bindings where name_key not in (select value from ${names} as names)`.execute(db)
}

const columns = ['directory_id as directoryId', 'name_key as nameKey', 'group_id as groupId'] as const
