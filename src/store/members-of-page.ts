import { sql, type Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import type { StoredGroup } from './groups.ts'
import { membersJson } from './reference-json.ts'
import { wholeNumber, statement } from './statement.ts'

/** Members on one page of groups, all groups together: the memory of a request ends here and not with the largest groups. */
export const MOST_MEMBERS = 100_000

/**
 * As many of the groups, from the first, as have no more than `most` members together; the first one always, however
 * large it is. No more than twice that many rows are looked at.
 */
export async function boundMembers<Group extends Identified>(
  db: Kysely<Database>,
  groups: readonly Group[],
  most: number,
): Promise<readonly Group[]> {
  if (groups.length <= 1 || (await countUpTo(db, groups, most + 1)) <= most) return groups
  let left = most
  for (const [index, group] of groups.entries()) {
    left -= await countUpTo(db, [group], left + 1)
    if (left < 0) return groups.slice(0, Math.max(1, index))
  }
  return groups
}

/** Gives groups their members. A group that was deleted meanwhile is left out. */
export async function withMembers(
  db: Kysely<Database>,
  groups: readonly StoredGroup[],
  base: string,
): Promise<StoredGroup[]> {
  if (groups.length === 0) return []
  const rows = await membersOf.all(db, { ids: idsOf(groups), base })
  const texts = new Map(rows.map(({ id, members }) => [id, members]))
  return groups.flatMap((group) => (texts.has(group.id) ? [{ ...group, members: texts.get(group.id) }] : []))
}

interface Identified {
  readonly id: string
}

/** The members of the groups together, counted no further than `limit`. */
async function countUpTo(
  db: Kysely<Database>,
  groups: readonly Identified[],
  limit: number,
): Promise<number> {
  const row = await counted.first(db, { ids: idsOf(groups), limit })
  return row?.count ?? 0
}

const idsOf = (groups: readonly Identified[]): string => JSON.stringify(groups.map(({ id }) => id))

const counted = statement<{ ids: string; limit: number }, { count: number }>(
  ({ dialect, value }) => sql`
    select count(*) as count from (
      select 1 from members where group_id in (select value from ${dialect.listOf(value('ids'))} as list)
      limit ${wholeNumber(value('limit'))}
    ) as counted`,
)

const membersOf = statement<{ ids: string; base: string }, { id: string; members: string }>(
  ({ db, dialect, value }) =>
    db
      .selectFrom('groups')
      .select('id')
      .select(membersJson(dialect, sql.ref('groups.id'), value('base')).as('members'))
      .where('id', 'in', sql<string>`(select value from ${dialect.listOf(value('ids'))} as list)`),
)
