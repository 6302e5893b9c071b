import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import type { Filter } from '../scim/filter/filter.ts'
import type { Sort } from '../scim/sort.ts'
import type { Db } from '../store/db.ts'
import { readGroup, type StoredGroup } from '../store/groups.ts'
import { readInTime } from '../store/in-time.ts'
import { listEverything, type PlaceOfEither } from '../store/list-everything.ts'
import { listGroups, listUsers } from '../store/list.ts'
import type { Place } from '../store/order.ts'
import { readUser, type StoredUser } from '../store/users.ts'
import { goesByColumn } from '../store/where.ts'
import { readAsDefined } from './as-defined.ts'
import { unknownGroup } from './groups.ts'
import { scimBase } from './scim-base.ts'
import { unknownUser } from './users.ts'

export type { Place, PlaceOfEither, StoredGroup, StoredUser }
export type Stored = StoredUser | StoredGroup

type Name = ResourceType['name']

/** What to read of a directory. */
export interface Reading {
  readonly directoryId: string
  /** Whether users come with their `groups` and groups with their `members`. */
  readonly withReferences: boolean
}

/** Reads one resource. @throws ScimError 404 */
export async function readStored(
  ctx: Context,
  name: Name,
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

/** Which page of a list to read. */
export interface PageQuery<At> {
  /** The revision of the configuration that filter and order were read by. */
  readonly revision: number
  readonly startIndex?: number | undefined
  /** In place of `startIndex`: the page behind a place, which tells where the next one begins. */
  readonly after?: At | 'start' | undefined
  readonly count: number
}

/**
 * Reads one page of a list in the order of creation, or sorted.
 *
 * @throws ScimError `invalidFilter` for a filter nothing can answer, `tooMany` for one that takes too long, 503 for one
 * that cannot be answered yet
 */
export function listStored(
  ctx: Context,
  name: Name,
  { directoryId, withReferences }: Reading,
  {
    revision,
    ...query
  }: PageQuery<Place> & {
    readonly filter: Filter | undefined
    readonly sort: Sort | undefined
  },
): Promise<Page<Stored, Place>> {
  const { filter, sort } = query
  const list = name === 'User' ? listUsers : listGroups
  const read = (db: Db) =>
    list(db, directoryId, { ...query, base: withReferences ? scimBase(ctx) : undefined })
  const readsFew = sort === undefined && (filter === undefined || goesByColumn(filter))
  return readAsDefined<Page<Stored, Place>>(ctx, revision, [query], () =>
    readsFew ? read(ctx.engine.read) : readInTime<Page<Stored, Place>>(ctx.engine, read),
  )
}

/** What to list of one type where all types are listed together. */
export interface Part {
  readonly filter: Filter | undefined
  /** Undefined where the type has not the attribute. */
  readonly sort: Sort | undefined
  readonly withReferences: boolean
}

/** Reads one page of a list of all resources of a directory. @throws ScimError as {@link listStored} does */
export function listEverythingStored(
  ctx: Context,
  directoryId: string,
  parts: Readonly<Record<Name, Part>>,
  { revision, ...query }: PageQuery<PlaceOfEither> & { readonly descending: boolean },
): Promise<Page<Stored, PlaceOfEither>> {
  const partOf = ({ withReferences, ...part }: Part) => ({
    ...part,
    base: withReferences ? scimBase(ctx) : undefined,
  })
  const users = partOf(parts.User)
  const groups = partOf(parts.Group)
  return readAsDefined(ctx, revision, [users, groups], () =>
    readInTime(ctx.engine, (db) => listEverything(db, directoryId, { ...query, users, groups })),
  )
}

/** A page, and where the next one begins. */
interface Page<Resource, At> {
  readonly total: number
  readonly resources: readonly Resource[]
  readonly next?: At | undefined
}
