import type { Context } from '../context.ts'
import type { Filter } from '../scim/filter/filter.ts'
import { readGroup, type StoredGroup } from '../store/groups.ts'
import { listGroups, listUsers } from '../store/list.ts'
import { readUser, type StoredUser } from '../store/users.ts'
import { unknownGroup } from './groups.ts'
import { scimBase } from './scim-base.ts'
import { unknownUser } from './users.ts'

export type { StoredGroup, StoredUser }
export type Stored = StoredUser | StoredGroup

/** What to read of a directory. */
export interface Reading {
  readonly directoryId: string
  /** Whether users come with their `groups` and groups with their `members`. */
  readonly withReferences: boolean
}

/** Reads one resource. @throws ScimError 404 */
export async function readStored(
  ctx: Context,
  name: 'User' | 'Group',
  id: string,
  { directoryId, withReferences }: Reading,
): Promise<Stored> {
  const base = withReferences ? scimBase(ctx) : undefined
  const stored =
    name === 'User'
      ? await readUser(ctx.engine.read, directoryId, id, base)
      : await readGroup(ctx.engine.read, directoryId, id, base)
  if (stored === undefined) throw name === 'User' ? unknownUser(id) : unknownGroup(id)
  return stored
}

/** Reads one page of a list in the order of creation. @throws ScimError `invalidFilter` for a filter nothing can answer */
export function listStored(
  ctx: Context,
  name: 'User' | 'Group',
  { directoryId, withReferences }: Reading,
  page: { readonly filter: Filter | undefined; readonly startIndex: number; readonly count: number },
): Promise<{ readonly total: number; readonly resources: readonly Stored[] }> {
  const list = name === 'User' ? listUsers : listGroups
  return list(ctx.engine.read, directoryId, { ...page, base: withReferences ? scimBase(ctx) : undefined })
}
