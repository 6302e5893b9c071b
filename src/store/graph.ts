import { sql } from 'kysely'
import type { Db } from './db.ts'
import { statement } from './statement.ts'

/** Whether a group has groups among its members, or an id among these is a group's. */
export async function touchesGroupGraph(db: Db, groupId: string, ids: readonly string[]): Promise<boolean> {
  const row = await touches.first(db, { groupId, ids: JSON.stringify(ids) })
  return Boolean(row?.touches)
}

const touches = statement<{ groupId: string; ids: string }, { touches: boolean | 0 | 1 }>(
  ({ dialect, value }) => sql`
    select exists (select 1 from members where group_id = ${value('groupId')} and member_type = 'Group')
      or exists (select 1 from groups where id in (select value from ${dialect.listOf(value('ids'))} as list))
      as touches`,
)
