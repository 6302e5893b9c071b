import type { ResourceType } from '../../../schemas/definition.ts'
import { createGroup, deleteGroup, patchGroup, replaceGroup } from '../../provision/groups.ts'
import { recentlyInForce } from '../../provision/in-force.ts'
import { listStored, readStored, type Stored } from '../../provision/read.ts'
import { countQuirks } from '../../provision/quirks.ts'
import { scimBase } from '../../provision/scim-base.ts'
import { etag, namesVersion } from '../../provision/resource-cause.ts'
import { createUser, deleteUser, patchUser, replaceUser } from '../../provision/users.ts'
import { invalidValue } from '../../scim/error.ts'
import { parseFilter } from '../../scim/filter/parse.ts'
import { listResponse } from '../../scim/list.ts'
import { readPatch } from '../../scim/patch/read.ts'
import { openLedger } from '../../scim/quirks/ledger.ts'
import { textShape } from '../../scim/quirks/request-shape.ts'
import { excludes, parseProjection, project, type Projection } from '../../scim/resource/project.ts'
import { readResource } from '../../scim/resource/read.ts'
import type { Resource } from '../../scim/resource/resource.ts'
import type { Reply } from '../reply.ts'
import { causeOf, parameter, wholeNumber, type ScimCall, type ScimHandler } from './call.ts'
import { answerType } from './media.ts'
import { strictnessOf } from './strictness.ts'
import { locationOf, textOf } from './represent.ts'

type Name = ResourceType['name']

/** Resources on a page when the client does not say how many, and at most (`filter.maxResults`). */
export const PAGE = { usual: 100, most: 1000 } as const

/** GET of one resource (RFC 7644 §3.4.1). */
export function readOne(name: Name): ScimHandler {
  return async (call) => {
    const projection = await projectionOf(call, name)
    const stored = await read(call, name, projection)
    const known = call.headers['if-none-match']
    if (known !== undefined && namesVersion(known, stored.version)) {
      return { status: 304, headers: { etag: etag(stored.version) } }
    }
    return one(call, name, stored, projection, 200)
  }
}

/** GET of a list, with filter and pages (RFC 7644 §3.4.2). */
export function listResources(name: Name): ScimHandler {
  return async (call) => {
    const projection = await projectionOf(call, name)
    const filterText = parameter(call, 'filter')
    const ledger = openLedger(await strictnessOf(call))
    const filter =
      filterText === undefined ? undefined : parseFilter(filterText, await typeOf(call, name), ledger)
    const startIndex = Math.max(1, wholeNumber(call, 'startIndex') ?? 1)
    const count = Math.min(PAGE.most, Math.max(0, wholeNumber(call, 'count') ?? PAGE.usual))
    const type = await typeOf(call, name)
    const page = { filter, startIndex, count }
    const { total, resources: stored } = await listStored(
      call.ctx,
      name,
      readingOf(call, name, projection),
      page,
    )
    countQuirks(
      call.ctx,
      { directoryId: call.directoryId, shape: () => `filter=${textShape(filterText ?? '')}` },
      ledger.notices(),
    )
    const base = scimBase(call.ctx)
    const texts = stored.map((resource) => textOf(resource, base))
    const resources =
      projection === undefined ? texts : texts.map((text) => projected(text, projection, type))
    return {
      status: 200,
      type: answerType(call.headers.accept),
      body: listResponse({ totalResults: total, resources, startIndex }),
    }
  }
}

/** POST (RFC 7644 §3.3). */
export function createOne(name: Name): ScimHandler {
  return async (call) => {
    const projection = await projectionOf(call, name)
    const sent = readResource(call.body, await typeOf(call, name), await strictnessOf(call))
    const stored =
      name === 'User'
        ? await createUser(call.ctx, causeOf(call), sent)
        : await createGroup(call.ctx, causeOf(call), sent)
    return one(call, name, stored, projection, 201)
  }
}

/** PUT (RFC 7644 §3.5.1). */
export function replaceOne(name: Name): ScimHandler {
  return async (call) => {
    const projection = await projectionOf(call, name)
    const sent = readResource(call.body, await typeOf(call, name), await strictnessOf(call))
    refuseOtherId(call)
    const stored =
      name === 'User'
        ? await replaceUser(call.ctx, causeOf(call), call.id, sent)
        : await replaceGroup(call.ctx, causeOf(call), call.id, sent)
    return one(call, name, stored, projection, 200)
  }
}

/** PATCH (RFC 7644 §3.5.2): a user comes back whole; a group without a body, unless attributes are asked for. */
export function patchOne(name: Name): ScimHandler {
  return async (call) => {
    const projection = await projectionOf(call, name)
    const patch = readPatch(call.body, await typeOf(call, name), await strictnessOf(call))
    if (name === 'User') {
      return one(call, name, await patchUser(call.ctx, causeOf(call), call.id, patch), projection, 200)
    }
    const version = await patchGroup(call.ctx, causeOf(call), call.id, patch)
    if (projection === undefined) return { status: 204, headers: { etag: etag(version) } }
    return one(call, name, await read(call, name, projection), projection, 200)
  }
}

/** DELETE (RFC 7644 §3.6). */
export function deleteOne(name: Name): ScimHandler {
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

async function projectionOf(call: ScimCall, name: Name): Promise<Projection | undefined> {
  const attributes = parameter(call, 'attributes')
  const excludedAttributes = parameter(call, 'excludedAttributes')
  return parseProjection({ attributes, excludedAttributes }, await typeOf(call, name))
}

/** What has to be read for a projection: references that will not be sent are not looked for. */
const readingOf = (call: ScimCall, name: Name, projection: Projection | undefined) => ({
  directoryId: call.directoryId,
  withReferences: !excludes(projection, name === 'User' ? 'groups' : 'members'),
})

const read = (call: ScimCall, name: Name, projection: Projection | undefined): Promise<Stored> =>
  readStored(call.ctx, name, call.id, readingOf(call, name, projection))

async function one(
  call: ScimCall,
  name: Name,
  stored: Stored,
  projection: Projection | undefined,
  status: number,
): Promise<Reply> {
  const base = scimBase(call.ctx)
  const location = locationOf(base, name, stored.id)
  const text = textOf(stored, base)
  return {
    status,
    type: answerType(call.headers.accept),
    headers: {
      etag: etag(stored.version),
      location,
      ...(status === 200 && { 'content-location': location }),
    },
    body: projection === undefined ? text : projected(text, projection, await typeOf(call, name)),
  }
}

function projected(text: string, projection: Projection, type: ResourceType): string {
  return JSON.stringify(project(JSON.parse(text) as Resource, projection, type))
}
