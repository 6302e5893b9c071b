import { isUpTo } from '../../schemas/roles.ts'
import type { Context } from '../context.ts'
import { ScimError } from '../scim/error.ts'
import { evaluate } from '../scim/filter/evaluate.ts'
import type { Resource } from '../scim/resource/resource.ts'
import { compareBy } from '../scim/sort.ts'
import type { ListQuery, Page } from '../store/list.ts'
import { recentSettings } from './directory-settings.ts'
import { recentlyInForce } from './in-force.ts'
import { etag } from './resource-cause.ts'
import { locationOf, scimBase } from './scim-base.ts'

/** A role as a resource: it stands in no table, and is read from the configuration in force. */
export interface RoleResource {
  readonly id: string
  /** The revision of the configuration: a role has no version of its own, and no times. */
  readonly version: number
  /** The whole representation. */
  readonly resource: Resource
}

/** Reads one role; undefined where there is none, or it is above the ceiling of the directory. */
export async function readRole(
  ctx: Context,
  directoryId: string,
  id: string,
): Promise<RoleResource | undefined> {
  return (await rolesOf(ctx, directoryId)).find((role) => role.id === id)
}

export const unknownRole = (id: string): ScimError =>
  new ScimError(404, `there is no role with the id \`${id}\` that this directory may hand out`)

/** Lists the roles that a directory may hand out, tier by tier from the weakest, or sorted. */
export async function listRoles(
  ctx: Context,
  directoryId: string,
  { filter, sort, startIndex = 1, after, count }: ListQuery,
): Promise<Page<RoleResource>> {
  const all = await rolesOf(ctx, directoryId)
  const found = filter === undefined ? all : all.filter(({ resource }) => evaluate(filter, resource))
  const compare = sort && compareBy(sort)
  const sorted = compare ? found.toSorted((one, other) => compare(one.resource, other.resource)) : found
  const start = after === undefined ? startIndex - 1 : after === 'start' ? 0 : after.seq
  const end = start + count
  // Roles have no numbers: a place is told by how many come before it.
  return {
    total: found.length,
    resources: sorted.slice(start, end),
    next: after !== undefined && count > 0 && end < found.length ? { seq: end } : undefined,
  }
}

async function rolesOf(ctx: Context, directoryId: string): Promise<readonly RoleResource[]> {
  const { mayGrant } = await recentSettings(ctx, directoryId)
  const { model, registry, revision } = await recentlyInForce(ctx)
  const { schema } = registry.resourceType('Role')
  const base = scimBase(ctx)
  return Array.from(model.roles.values())
    .filter(({ tier }) => isUpTo(tier, mayGrant?.upTo))
    .map(({ name: id, displayName, description }) => ({
      id,
      version: revision,
      resource: {
        schemas: [schema.id],
        id,
        displayName,
        ...(description !== undefined && { description }),
        meta: { resourceType: 'Role', location: locationOf(base, 'Role', id), version: etag(revision) },
      },
    }))
}
