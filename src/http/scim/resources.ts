import type { ResourceType, StoredType } from '../../../schemas/definition.ts'
import { createGroup, deleteGroup, patchGroup, replaceGroup } from '../../provision/groups.ts'
import { recentlyInForce } from '../../provision/in-force.ts'
import { findOne, type Found } from '../../provision/read.ts'
import { locationOf, scimBase } from '../../provision/scim-base.ts'
import { etag, requireVersion } from '../../provision/resource-cause.ts'
import { createUser, deleteUser, patchUser, replaceUser } from '../../provision/users.ts'
import { invalidValue } from '../../scim/error.ts'
import { readPatch } from '../../scim/patch/read.ts'
import { parseProjection, type Projection } from '../../scim/resource/project.ts'
import { readResource } from '../../scim/resource/read.ts'
import { patchedAttributes, sentAttributes } from '../../scim/resource/sent.ts'
import type { Reply } from '../reply.ts'
import { causeOf, parameter, type ScimCall, type ScimHandler } from './call.ts'
import { applied, preferenceOf } from './prefer.ts'
import { namesTag, projected, showsReferences, tagOf, textOf } from './represent.ts'
import { strictnessOf } from './strictness.ts'

type Name = ResourceType['name']

/** GET of one resource (RFC 7644 §3.4.1). */
export function readOne(name: Name): ScimHandler {
  return async (call) => {
    const projection = await projectionOf(call, name)
    const found = await find(call, name, projection)
    const { ifMatch, ifNoneMatch } = causeOf(call)
    requireVersion({ ifMatch }, found.version)
    if (ifNoneMatch !== undefined && namesTag(ifNoneMatch, tagOf(found))) {
      return { status: 304, headers: headersOf(call, name, found.id, tagOf(found)) }
    }
    return one(call, name, found, projection, 200)
  }
}

/** POST (RFC 7644 §3.3). */
export function createOne(name: StoredType): ScimHandler {
  return async (call) => {
    const type = await typeOf(call, name)
    const sent = readResource(call.body, type, await strictnessOf(call))
    const projection = await projectionOf(call, name, sentAttributes(sent.resource, type))
    const stored =
      name === 'User'
        ? await createUser(call.ctx, causeOf(call), sent)
        : await createGroup(call.ctx, causeOf(call), sent)
    return written(call, name, stored, projection, 201)
  }
}

/** PUT (RFC 7644 §3.5.1). */
export function replaceOne(name: StoredType): ScimHandler {
  return async (call) => {
    const type = await typeOf(call, name)
    const sent = readResource(call.body, type, await strictnessOf(call))
    const projection = await projectionOf(call, name, sentAttributes(sent.resource, type))
    refuseOtherId(call)
    const stored =
      name === 'User'
        ? await replaceUser(call.ctx, causeOf(call), call.id, sent)
        : await replaceGroup(call.ctx, causeOf(call), call.id, sent)
    return written(call, name, stored, projection, 200)
  }
}

/** PATCH (RFC 7644 §3.5.2): a user comes back whole; a group without a body, unless the client asks for one. */
export function patchOne(name: StoredType): ScimHandler {
  return async (call) => {
    const patch = readPatch(call.body, await typeOf(call, name), await strictnessOf(call))
    const projection = await projectionOf(call, name, patchedAttributes(patch))
    if (name === 'User') {
      return written(call, name, await patchUser(call.ctx, causeOf(call), call.id, patch), projection, 200)
    }
    const version = await patchGroup(call.ctx, causeOf(call), call.id, patch)
    const preference = preferenceOf(call)
    if (projection === undefined && preference !== 'representation') {
      const headers = headersOf(call, name, call.id, etag(version))
      return { status: 204, headers: { ...headers, ...(preference && applied(preference)) } }
    }
    return written(call, name, await find(call, name, projection), projection, 200)
  }
}

/** DELETE (RFC 7644 §3.6). */
export function deleteOne(name: StoredType): ScimHandler {
  return async (call) => {
    if (name === 'User') await deleteUser(call.ctx, causeOf(call), call.id)
    else await deleteGroup(call.ctx, causeOf(call), call.id)
    return { status: 204 }
  }
}

/** A body with another id than the path's is a mix-up on the client's side: whom it was meant for is a guess. */
function refuseOtherId({ body, id }: ScimCall): void {
  const [, sent] = Object.entries(body as object).find(([name]) => name.toLowerCase() === 'id') ?? []
  if (typeof sent === 'string' && sent !== id) {
    throw invalidValue(
      `the body has the \`id\` \`${sent}\`, the path \`${id}\`; send the one of the resource to replace`,
    )
  }
}

async function typeOf(call: ScimCall, name: Name): Promise<ResourceType> {
  return (await recentlyInForce(call.ctx)).registry.resourceType(name)
}

async function projectionOf(
  call: ScimCall,
  name: Name,
  sent?: readonly string[],
): Promise<Projection | undefined> {
  const attributes = parameter(call, 'attributes')
  const excludedAttributes = parameter(call, 'excludedAttributes')
  return parseProjection({ attributes, excludedAttributes }, await typeOf(call, name), sent)
}

/** References that will not be sent are not read. */
const find = (call: ScimCall, name: Name, projection: Projection | undefined): Promise<Found> =>
  findOne(call.ctx, name, call.id, {
    directoryId: call.directoryId,
    withReferences: showsReferences(name, projection),
  })

/** The answer to a write: what became of the resource, or nothing but where it is if the client wants no more. */
async function written(
  call: ScimCall,
  name: StoredType,
  found: Found,
  projection: Projection | undefined,
  status: number,
): Promise<Reply> {
  const preference = preferenceOf(call)
  const reply =
    preference === 'minimal' && projection === undefined
      ? { status: status === 201 ? 201 : 204, headers: headersOf(call, name, found.id, tagOf(found)) }
      : await one(call, name, found, projection, status)
  const isApplied = preference !== undefined && (preference === 'minimal') === !('body' in reply)
  return isApplied ? { ...reply, headers: { ...reply.headers, ...applied(preference) } } : reply
}

async function one(
  call: ScimCall,
  name: Name,
  found: Found,
  projection: Projection | undefined,
  status: number,
): Promise<Reply> {
  const headers = headersOf(call, name, found.id, tagOf(found))
  const text = textOf(found, scimBase(call.ctx))
  return {
    status,
    type: call.type,
    headers: { ...headers, 'content-location': headers.location },
    body: projection === undefined ? text : projected(text, projection, await typeOf(call, name)),
  }
}

/** Where a resource is, and at which version (RFC 7644 §3.14). */
function headersOf(call: ScimCall, name: Name, id: string, tag: string) {
  return { etag: tag, location: locationOf(scimBase(call.ctx), name, id) }
}
