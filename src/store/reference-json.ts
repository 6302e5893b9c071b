import { sql, type Expression, type Kysely, type RawBuilder } from 'kysely'
import type { Dialect } from '../../db/dialects/dialect.ts'
import type { Database } from '../../db/tables.ts'
import { statement, wholeNumber } from './statement.ts'

/**
 * The groups that a user is a direct member of, as the JSON text of the attribute `groups` (RFC 7643 §4.1.2).
 *
 * @param base the SCIM base URI, under which `$ref` points to a group
 * @param most null instead where there are more
 */
export function groupsJson(
  dialect: Dialect,
  userId: Expression<string>,
  base: Expression<string>,
  most?: Expression<number>,
): RawBuilder<string> {
  const reference = sql`cast(${base} as text) || '/Groups/' || group_id`
  return array(
    sql`'{"value":"' || group_id || '","$ref":' || ${dialect.jsonQuote(reference)}
      || ',"display":' || ${dialect.jsonQuote(sql.ref('display'))} || ',"type":"direct"}'`,
    sql`select m.group_id, g.display_name as display
      from members m join groups g on g.id = m.group_id
      where m.member_id = ${userId} order by m.group_id`,
    most,
  )
}

/**
 * The same text for each of many users, in their order; undefined where they are in more than `most` groups together.
 * Users have groups in common, so each group is read once, with the places of its members in the list.
 */
export async function readGroupsJson(
  db: Kysely<Database>,
  userIds: readonly string[],
  base: string,
  most: number = Number.MAX_SAFE_INTEGER - 1,
): Promise<string[] | undefined> {
  if (userIds.length === 0) return []
  const groups = await groupsOfUsers.all(db, { userIds: JSON.stringify(userIds), limit: most + 1 })
  if (groups.reduce((sum, { count }) => sum + count, 0) > most) return undefined
  const references: string[][] = userIds.map(() => [])
  for (const { id, display, users } of groups) {
    const text = JSON.stringify({ value: id, $ref: `${base}/Groups/${id}`, display, type: 'direct' })
    for (const position of users.split(' ')) references[Number(position)]?.push(text)
  }
  return references.map((texts) => `[${texts.join(',')}]`)
}

interface GroupOfUsers {
  readonly id: string
  readonly display: string
  readonly count: number
  /** The positions of the users in the list, with spaces between. */
  readonly users: string
}

const groupsOfUsers = statement<{ userIds: string; limit: number }, GroupOfUsers>(
  ({ dialect, value }) => sql`
    select m.group_id as id, (select display_name from groups where id = m.group_id) as display,
      count(*) as count, string_agg(cast(m.position as text), ' ') as users
    from (
      select members.group_id, list.position
      from ${dialect.numberedListOf(value('userIds'))} as list join members on members.member_id = list.value
      limit ${wholeNumber(value('limit'))}
    ) as m
    group by m.group_id order by m.group_id`,
)

/** The members of a group as the JSON text of the attribute `members` (RFC 7643 §4.2). */
export function membersJson(
  dialect: Dialect,
  groupId: Expression<string>,
  base: Expression<string>,
): RawBuilder<string> {
  const endpoint = sql`case member_type when 'User' then '/Users/' else '/Groups/' end`
  const reference = sql`cast(${base} as text) || ${endpoint} || member_id`
  return array(
    sql`'{"value":"' || member_id || '","$ref":' || ${dialect.jsonQuote(reference)}
      || coalesce(',"display":' || ${dialect.jsonQuote(sql.ref('display'))}, '') || ',"type":"' || member_type || '"}'`,
    sql`select m.member_id, m.member_type, coalesce(u.display_name, u.user_name, g.display_name) as display
      from members m left join users u on u.id = m.member_id left join groups g on g.id = m.member_id
      where m.group_id = ${groupId} order by m.member_id`,
  )
}

/**
 * A JSON array of the rows of a query, in its order: both engines aggregate in the order in which rows come. Null where
 * there are more than `most`.
 */
function array(
  element: RawBuilder<unknown>,
  rows: RawBuilder<unknown>,
  most?: Expression<number>,
): RawBuilder<string> {
  const text = sql`'[' || coalesce(string_agg(${element}, ','), '') || ']'`
  if (most === undefined) return sql`(select ${text} from (${rows}) as rows)`
  const limit = sql`limit ${wholeNumber(most)} + 1`
  return sql`(select case when count(*) <= ${wholeNumber(most)} then ${text} end from (${rows} ${limit}) as rows)`
}
