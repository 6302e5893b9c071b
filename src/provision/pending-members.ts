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

/** What became different about the members that a group waits for, by the names that the client sent. */
export interface PendingChanges {
  readonly awaited: readonly string[]
  readonly notAwaited: readonly string[]
}

/**
 * Keeps who was named as a member and is not here yet, and forgets whom the client has taken back.
 */
export async function keepPending(
  ctx: Context,
  db: Db,
  place: { readonly directoryId: string; readonly groupId: string },
  operations: readonly MemberOperation[],
  changes: MemberChanges,
): Promise<PendingChanges> {
  const { directoryId, groupId } = place
  const unknown = new Set(changes.unknown)
  const removed = new Set(changes.removed.map(({ id }) => id))
  const awaited = new Set<string>()
  const notAwaited = new Set<string>()
  const forget = (names: readonly string[]): void => {
    for (const name of names) if (!awaited.delete(name)) notAwaited.add(name)
  }
  for (const operation of operations) {
    switch (operation.kind) {
      case 'add':
      case 'replace': {
        const pending = namesOf(operation).filter((name) => unknown.has(name))
        if (operation.kind === 'replace') forget(await removePending(db, groupId, { except: pending }))
        for (const name of await addPending(db, directoryId, groupId, pending, ctx.now()))
          if (!notAwaited.delete(name)) awaited.add(name)
        break
      }
      case 'remove': {
        const only = namesOf(operation).filter((name) => !removed.has(name))
        if (only.length > 0) forget(await removePending(db, groupId, { only }))
        break
      }
      case 'clear':
        forget(await removePending(db, groupId, { except: [] }))
        break
      case 'removeWhere':
        forget(await removePendingWhere(db, groupId, operation.filter))
        break
    }
  }
  return { awaited: [...awaited], notAwaited: [...notAwaited] }
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
  const groupIds = await bindPending(db, directoryId, arrival)
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
