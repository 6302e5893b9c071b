import { sql, type Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import type { StoredGroup } from './groups.ts'
import type { Table } from './matches.ts'
import { membersJson } from './reference-json.ts'
import { wholeNumber, statement } from './statement.ts'

/**
 * Members on one page of groups, all groups together, and groups of the users on one: the memory of a request ends here
 * and not with the largest of them.
 */
export const MOST_MEMBERS = 100_000

/**
 * As many of the groups, from the first, as have no more than `most` members together, or of the users as are in no more
 * groups; the first one always, however large it is. No more than twice that many rows are looked at.
 */
export async function boundMembers<Row extends Identified>(
  db: Kysely<Database>,
  table: Table,
  rows: readonly Row[],
  most: number,
): Promise<readonly Row[]> {
  if (rows.length <= 1 || (await countUpTo(db, table, rows, most + 1)) <= most) return rows
  let left = most
  for (const [index, row] of rows.entries()) {
    left -= await countUpTo(db, table, [row], left + 1)
    if (left < 0) return rows.slice(0, Math.max(1, index))
  }
  return rows
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

/** The members of the groups together, or the groups of the users, counted no further than `limit`. */
async function countUpTo(
  db: Kysely<Database>,
  table: Table,
  rows: readonly Identified[],
  limit: number,
): Promise<number> {
  const row = await counted[table].first(db, { ids: idsOf(rows), limit })
  return row?.count ?? 0
}

const idsOf = (rows: readonly Identified[]): string => JSON.stringify(rows.map(({ id }) => id))

const countedBy = (column: 'group_id' | 'member_id') =>
  statement<{ ids: string; limit: number }, { count: number }>(
    ({ dialect, value }) => sql`
      select count(*) as count from (
        select 1 from members where ${sql.ref(column)} in (select value from ${dialect.listOf(value('ids'))} as list)
        limit ${wholeNumber(value('limit'))}
      ) as counted`,
  )

const counted = { groups: countedBy('group_id'), users: countedBy('member_id') }

const membersOf = statement<{ ids: string; base: string }, { id: string; members: string }>(
  ({ db, dialect, value }) =>
    db
      .selectFrom('groups')
      .select('id')
      .select(membersJson(dialect, sql.ref('groups.id'), value('base')).as('members'))
      .where('id', 'in', sql<string>`(select value from ${dialect.listOf(value('ids'))} as list)`),
)
