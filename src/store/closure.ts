import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Dialect } from '../../db/dialects/dialect.ts'
import type { Database } from '../../db/tables.ts'
import { wholeNumber, statement, statementAmong } from './statement.ts'

/** The `seq`s of the users in groups and in the groups inside them, cycles included; at most `limit`, lowest first. */
export async function usersBelow(
  db: Kysely<Database>,
  groupIds: readonly string[],
  limit: number,
): Promise<number[]> {
  if (groupIds.length === 0) return []
  const rows = await below.all(db, { groupIds: JSON.stringify(groupIds), limit })
  return rows.map(({ seq }) => seq)
}

const below = statement<{ groupIds: string; limit: number }, { seq: number }>(
  ({ dialect, value }) =>
    sql`${withUsersBelow(dialect, value('groupIds'))} select seq from users_below order by seq limit ${wholeNumber(value('limit'))}`,
)

/** Begins a statement with the table `users_below(seq)` of a JSON array of group ids. */
export function withUsersBelow(dialect: Dialect, groupIds: unknown): RawBuilder<unknown> {
  // `union` drops what was reached before, which ends every cycle.
  return sql`
    with recursive groups_below(id) as (
      select value from ${dialect.listOf(groupIds)} as list
      union
      select m.member_id from members m join groups_below b on m.group_id = b.id where m.member_type = 'Group'
    ),
    users_below(seq) as (
      select distinct u.seq from groups_below b
      join members m on m.group_id = b.id and m.member_type = 'User'
      join users u on u.id = m.member_id
    )`
}

/** One step from a member to a group that it is in. */
export interface MembershipEdge {
  readonly memberId: string
  readonly groupId: string
  readonly displayName: string
}

/** Every membership on the ways up from users or groups: theirs, those of the groups they are in, and so on. */
export async function edgesAbove(
  db: Kysely<Database>,
  memberIds: readonly string[],
): Promise<MembershipEdge[]> {
  return above.all(db, memberIds, {})
}

const above = statementAmong<string, object, MembershipEdge>(
  'text',
  (_, among) => sql`
    with recursive edges(member_id, group_id) as (
      select member_id, group_id from members where member_id ${among}
      union
      select m.member_id, m.group_id from members m join edges e on m.member_id = e.group_id
    )
    select e.member_id as "memberId", e.group_id as "groupId", g.display_name as "displayName"
    from edges e join groups g on g.id = e.group_id
    order by g.seq, e.member_id`,
)
