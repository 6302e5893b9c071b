import type { ResourceType, StoredType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import type { ScimError } from '../scim/error.ts'
import type { Filter } from '../scim/filter/filter.ts'
import type { Sort } from '../scim/sort.ts'
import type { Db } from '../store/db.ts'
import { readGroup, type StoredGroup } from '../store/groups.ts'
import { readInTime } from '../store/in-time.ts'
import { listEverything, type PlaceOfEither } from '../store/list-everything.ts'
import { listGroups, listUsers, type ListQuery } from '../store/list.ts'
import { withManager, withManagers } from '../store/managers.ts'
import type { Place } from '../store/order.ts'
import { readUser, type StoredUser } from '../store/users.ts'
import { goesByColumn } from '../store/where.ts'
import { readAsDefined } from './as-defined.ts'
import { unknownGroup } from './groups.ts'
import { listRoles, readRole, unknownRole, type RoleResource } from './roles.ts'
import { scimBase } from './scim-base.ts'
import { unknownUser } from './users.ts'

export type { Place, PlaceOfEither, StoredGroup, StoredUser }
export type Stored = StoredUser | StoredGroup
/** A resource of any type, wherever it was found. */
export type Found = Stored | RoleResource

type Name = ResourceType['name']

/** What to read of a directory. */
export interface Reading {
  readonly directoryId: string
  /** Whether users come with their `groups` and groups with their `members`. */
  readonly withReferences: boolean
}

/** Reads one resource. @throws ScimError 404 */
export async function findOne(
  ctx: Context,
  name: Name,
  id: string,
  { directoryId, withReferences }: Reading,
): Promise<Found> {
  const source = SOURCES[name]
  const found = await source.read(ctx, directoryId, id, withReferences ? scimBase(ctx) : undefined)
  if (found === undefined) throw source.unknown(id)
  return found
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
 * Reads one page of a list in the order of its type, or sorted.
 *
 * @throws ScimError `invalidFilter` for a filter nothing can answer, `tooMany` for one that takes too long, 503 for one
 * that cannot be answered yet
 */
export function findPage(
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
): Promise<Page<Found, Place>> {
  const { filter, sort } = query
  const base = withReferences ? scimBase(ctx) : undefined
  const read = (db: Db) => SOURCES[name].list(ctx, db, directoryId, { ...query, base })
  const readsFew = sort === undefined && (filter === undefined || goesByColumn(filter))
  return readAsDefined<Page<Found, Place>>(ctx, revision, [query], () =>
    readsFew ? read(ctx.engine.read) : readInTime<Page<Found, Place>>(ctx.engine, read),
  )
}

/** Where the resources of a type come from. */
interface Source {
  /** `base`: the SCIM base URI; given, resources come with their references. */
  read(ctx: Context, directoryId: string, id: string, base: string | undefined): Promise<Found | undefined>
  list(ctx: Context, db: Db, directoryId: string, query: ListQuery): Promise<Page<Found, Place>>
  unknown(id: string): ScimError
}

/** Users and groups come from the store in the order of their creation, roles from the configuration in force. */
const SOURCES: Readonly<Record<Name, Source>> = {
  User: {
    async read({ engine }, ...asked) {
      const user = await readUser(engine.read, ...asked)
      return user && withManager(engine.read, user)
    },
    async list(_ctx, db, ...asked) {
      const page = await listUsers(db, ...asked)
      return { ...page, resources: await withManagers(db, page.resources) }
    },
    unknown: unknownUser,
  },
  Group: {
    read: ({ engine }, ...asked) => readGroup(engine.read, ...asked),
    list: (_ctx, db, ...asked) => listGroups(db, ...asked),
    unknown: unknownGroup,
  },
  Role: { read: readRole, list: (ctx, _db, ...asked) => listRoles(ctx, ...asked), unknown: unknownRole },
}

/** What to list of one type where all types are listed together. */
export interface Part {
  readonly filter: Filter | undefined
  /** Undefined where the type has not the attribute. */
  readonly sort: Sort | undefined
  readonly withReferences: boolean
}

/** Reads one page of a list of all resources that a directory has: its users and groups. @throws ScimError as {@link findPage} does */
export function findPageOfAll(
  ctx: Context,
  directoryId: string,
  parts: Readonly<Record<StoredType, Part>>,
  { revision, ...query }: PageQuery<PlaceOfEither> & { readonly descending: boolean },
): Promise<Page<Stored, PlaceOfEither>> {
  const partOf = ({ withReferences, ...part }: Part) => ({
    ...part,
    base: withReferences ? scimBase(ctx) : undefined,
  })
  const users = partOf(parts.User)
  const groups = partOf(parts.Group)
  return readAsDefined(ctx, revision, [users, groups], () =>
    readInTime(ctx.engine, async (db) => {
      const page = await listEverything(db, directoryId, { ...query, users, groups })
      return { ...page, resources: await withManagers(db, page.resources) }
    }),
  )
}

/** A page, and where the next one begins. */
interface Page<Resource, At> {
  readonly total: number
  readonly resources: readonly Resource[]
  readonly next?: At | undefined
}
