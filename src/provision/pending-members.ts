import type { Context } from '../context.ts'
import { fold } from '../scim/fold.ts'
import type { MemberOperation } from '../scim/patch/patch.ts'
import type { Db } from '../store/db.ts'
import { touchGroups } from '../store/groups.ts'
import type { MemberChanges } from '../store/members.ts'
import {
  addPending,
  bindPending,
  listPending as listRows,
  removePending,
  removePendingWhere,
  type Arrival,
} from '../store/pending-members.ts'
import { findDirectory } from './directories.ts'
import { readCursor, toPage } from './page.ts'

/** For whom a group has begun to wait, and for whom it waits no longer: the names that were sent. */
export interface PendingChanges {
  readonly awaited: readonly string[]
  readonly forgotten: readonly string[]
}

/** Keeps who was named as a member and is not here yet, and forgets whom the client has taken back. */
export async function keepPending(
  ctx: Context,
  db: Db,
  place: { readonly directoryId: string; readonly groupId: string },
  operations: readonly MemberOperation[],
  changes: MemberChanges,
): Promise<PendingChanges> {
  const awaited = new Set<string>()
  const forgotten = new Set<string>()
  for (const operation of operations) {
    const step = await keepOf(ctx, db, place, operation, changes)
    for (const name of step.forgotten) if (!awaited.delete(name)) forgotten.add(name)
    for (const name of step.awaited) if (!forgotten.delete(name)) awaited.add(name)
  }
  return { awaited: [...awaited], forgotten: [...forgotten] }
}

async function keepOf(
  ctx: Context,
  db: Db,
  { directoryId, groupId }: { readonly directoryId: string; readonly groupId: string },
  operation: MemberOperation,
  { unknown, removed }: MemberChanges,
): Promise<PendingChanges> {
  switch (operation.kind) {
    case 'add':
    case 'replace': {
      const isUnknown = new Set(unknown)
      const pending = namesOf(operation).filter((name) => isUnknown.has(name))
      const forgotten =
        operation.kind === 'replace' ? await removePending(db, groupId, { except: pending }) : []
      return { awaited: await addPending(db, directoryId, groupId, pending, ctx.now()), forgotten }
    }
    case 'remove': {
      const wereMembers = new Set(removed.map(({ id }) => id))
      const only = namesOf(operation).filter((name) => !wereMembers.has(name))
      return { awaited: [], forgotten: only.length > 0 ? await removePending(db, groupId, { only }) : [] }
    }
    case 'clear':
      return { awaited: [], forgotten: await removePending(db, groupId, { except: [] }) }
    case 'removeWhere':
      return { awaited: [], forgotten: await removePendingWhere(db, groupId, operation.filter) }
  }
}

const namesOf = ({ members }: { readonly members: readonly { readonly value: string }[] }): string[] => [
  ...new Set(members.map(({ value }) => value)),
]

/**
 * Makes somebody who has just arrived a member where they were waited for, and returns the ids of these groups. If it is
 * a group, who is above whom has changed: see `Graph` in `unit-of-work.ts`.
 */
export async function welcome(
  ctx: Context,
  db: Db,
  directoryId: string,
  arrival: Arrival,
): Promise<readonly string[]> {
  const groupIds = await bindPending(db, directoryId, arrival, ctx.now())
  if (groupIds.length === 0) return groupIds
  await touchGroups(db, directoryId, groupIds, ctx.now())
  return groupIds
}

export interface PendingMemberView {
  readonly directory: { readonly id: string; readonly name: string }
  readonly group: { readonly id: string; readonly displayName: string }
  /** What the identity provider sent as the id of the member. */
  readonly value: string
  readonly since: string
}

/**
 * One page of the members that were sent and are not here yet, those of one group together.
 *
 * @throws Problem 404 for an unknown directory
 */
export async function listPendingMembers(
  ctx: Context,
  page: {
    limit: number
    cursor?: string | undefined
    directory?: string | undefined
    group?: string | undefined
    search?: string | undefined
  },
): Promise<{ pendingMembers: PendingMemberView[]; nextCursor?: string }> {
  const after = readCursor(page.cursor, ['string', 'string'])
  const found = await listRows(ctx.engine.read, {
    directoryId:
      page.directory === undefined ? undefined : (await findDirectory(ctx.engine.read, page.directory)).id,
    group: page.group === undefined ? undefined : { id: page.group, nameKey: fold(page.group) },
    search: page.search,
    after: after && { groupId: after[0], value: after[1] },
    limit: page.limit + 1,
  })
  const { rows, nextCursor } = toPage(found, page.limit, ({ groupId, value }) => [groupId, value])
  return {
    pendingMembers: rows.map(({ directoryId, directoryName, groupId, groupName, value, since }) => ({
      directory: { id: directoryId, name: directoryName },
      group: { id: groupId, displayName: groupName },
      value,
      since,
    })),
    ...(nextCursor !== undefined && { nextCursor }),
  }
}
