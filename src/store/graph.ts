import { sql } from 'kysely'
import type { Db } from './db.ts'
import { statement } from './statement.ts'

/** A change of a group, as far as its request tells. */
export interface GroupRequest {
  readonly directoryId: string
  readonly groupId: string
  /** Who is named as a member. */
  readonly ids: readonly string[]
  readonly externalId: string | null
}

/**
 * Whether a group has groups among its members, or an id among these is a group's, or groups wait for it by this
 * external id.
 */
export async function touchesGroupGraph(db: Db, request: GroupRequest): Promise<boolean> {
  const row = await touches.first(db, { ...request, ids: JSON.stringify(request.ids) })
  return Boolean(row?.touches)
}

const touches = statement<Omit<GroupRequest, 'ids'> & { ids: string }, { touches: boolean | 0 | 1 }>(
  ({ dialect, value }) => sql`
    select exists (select 1 from members where group_id = ${value('groupId')} and member_type = 'Group')
      or exists (select 1 from groups where id in (select value from ${dialect.listOf(value('ids'))} as list))
      or exists (
        select 1 from pending_members
        where value = ${value('externalId')} and directory_id = ${value('directoryId')}
      ) as touches`,
)
