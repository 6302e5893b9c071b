import { asText, ATTRIBUTES, BASE, folded, isUrn, listOf } from './attributes.ts'
import type { Doc, Json, TypeName } from './attributes.ts'
import { changeMembers, namesOf } from './members.ts'
import { applyChange, readPatch } from './patch.ts'
import type { Operation } from './patch.ts'
import { bad, Refusal } from './refusal.ts'
import { cleanComplex, isSame, settle } from './values.ts'
import type { Resource, World } from './world.ts'

/** A request that changes something, with real ids in it. */
export type Write = Create | Replace | Patch | Delete

interface Create {
  readonly kind: 'create'
  readonly type: TypeName
  readonly body: Doc
}
interface Replace {
  readonly kind: 'replace'
  readonly type: TypeName
  readonly id: string
  readonly body: Doc
}
interface Patch {
  readonly kind: 'patch'
  readonly type: TypeName
  readonly id: string
  readonly operations: readonly Operation[]
}
interface Delete {
  readonly kind: 'delete'
  readonly type: TypeName
  readonly id: string
}

/** What a client demands of the revision of the resource: one that it has seen, or any. */
type Rev = number | '*' | undefined

/**
 * What becomes of a request: all of it happens, or nothing.
 *
 * @param newId the id that the server has given to what is created
 * @returns the id of the resource
 * @throws Refusal
 */
export function write(world: World, request: Write, { newId, rev }: { newId: string; rev: Rev }): string {
  const before = structuredClone(world)
  try {
    switch (request.kind) {
      case 'create':
        return create(world, request, newId)
      case 'replace':
        return replace(world, request, rev)
      case 'patch':
        return patch(world, request, rev)
      case 'delete':
        return remove(world, request, rev)
    }
  } catch (error) {
    Object.assign(world, before)
    throw error
  }
}

function create(world: World, { type, body }: Create, id: string): string {
  const { doc, members } = readBody(world, type, body)
  const resource: Resource = { id, type, rev: 1, doc, members: [], awaited: [], meta: {} }
  if (type === 'User') resource.doc = { active: true, ...doc }
  refuseTaken(world, resource)
  world.resources.push(resource)
  changeMembers(world, resource, [{ op: 'add', names: members }])
  arrive(world, resource, [id, resource.doc['externalId']])
  bindName(world, resource)
  return id
}

function replace(world: World, { type, id, body }: Replace, rev: Rev): string {
  const { doc, members } = readBody(world, type, body)
  if (typeof body['id'] === 'string' && body['id'] !== id) throw bad('invalidValue')
  const resource = find(world, type, id, rev)
  // Who has left does not come back by a PUT that says nothing of it.
  const kept =
    type === 'User' && resource.doc['active'] !== undefined ? { active: resource.doc['active'] } : {}
  change(world, resource, { ...kept, ...doc }, () =>
    changeMembers(world, resource, type === 'Group' ? [{ op: 'replace', names: members }] : []),
  )
  return id
}

function patch(world: World, { type, id, operations }: Patch, rev: Rev): string {
  const changes = readPatch(operations, ATTRIBUTES[type], world.strict)
  const resource = find(world, type, id, rev)
  const doc = structuredClone(resource.doc)
  for (const each of changes) if (!each.members) applyChange(doc, each, world.strict)
  if (type === 'User') doc['active'] ??= resource.doc['active'] ?? true
  const settled = settle(doc, ATTRIBUTES[type], world.strict)
  change(world, resource, settled, () =>
    changeMembers(
      world,
      resource,
      changes.flatMap(({ members = [] }) => members),
    ),
  )
  return id
}

function remove(world: World, { type, id }: Delete, rev: Rev): string {
  find(world, type, id, rev)
  world.resources = world.resources.filter((each) => each.id !== id)
  for (const group of world.resources.filter((each) => each.members.includes(id))) {
    group.members = group.members.filter((member) => member !== id)
    group.rev += 1
  }
  for (const [name, bound] of Object.entries(world.bound)) if (bound === id) delete world.bound[name]
  return id
}

/** A change that changes nothing is none: the revision stays (RFC 7644 §3.5.2.1). */
function change(world: World, resource: Resource, doc: Doc, changeWho: () => void): void {
  const { doc: before } = resource
  const members = resource.members.toSorted()
  refuseTaken(world, { ...resource, doc })
  changeWho()
  const changed = !isSame(before, doc)
  if (changed) resource.doc = doc
  if (changed || !isSame(members, resource.members)) resource.rev += 1
  if (doc['externalId'] !== before['externalId']) arrive(world, resource, [resource.id, doc['externalId']])
  if (doc['displayName'] !== before['displayName']) bindName(world, resource)
}

/** Reads the body of a POST or PUT. */
function readBody(world: World, type: TypeName, body: Doc): { doc: Doc; members: readonly string[] } {
  const kinds = ATTRIBUTES[type]
  if (world.strict) checkSchemas(type, body)
  const { members, ...own } = body
  const kept = cleanComplex(own, kinds, world.strict, 'invalidSyntax') ?? {}
  const names = type === 'Group' ? namesOf(members, world.strict) : []
  return { doc: settle(withPrimaryEmail(kept), kinds, world.strict), members: names }
}

/** A body lists its base schema and the extensions that it has, and no others (RFC 7643 §3.3). */
function checkSchemas(type: TypeName, body: Doc): void {
  const lower = (names: readonly unknown[]): string[] => names.map((name) => String(name).toLowerCase())
  const listed = lower(listOf(body['schemas']))
  const used = lower([BASE[type], ...Object.keys(body).filter(isUrn)])
  const known = lower([BASE[type], ...Object.keys(ATTRIBUTES[type]).filter(isUrn)])
  if (used.some((urn) => !listed.includes(urn)) || listed.some((urn) => !known.includes(urn))) {
    throw bad('invalidSyntax')
  }
}

/** The only e-mail address is the primary one, unless it says that it is not. */
function withPrimaryEmail(doc: Doc): Doc {
  const [only, ...others] = listOf(doc['emails'])
  return only === undefined || others.length > 0
    ? doc
    : { ...doc, emails: [{ primary: true, ...(only as Doc) }] }
}

/** User names are unique without regard to letter case (RFC 7643 §4.1.1). */
function refuseTaken(world: World, { id, type, doc }: Resource): void {
  const key = ({ doc: { userName } }: { doc: Doc }): string => folded(asText(userName ?? ''))
  const isTaken = world.resources.some(
    (each) => each.type === 'User' && each.id !== id && key(each) === key({ doc }),
  )
  if (type === 'User' && isTaken) throw new Refusal(409, 'uniqueness')
}

function find(world: World, type: TypeName, id: string, rev: Rev): Resource {
  const found = world.resources.find((each) => each.id === id && each.type === type)
  if (!found) throw new Refusal(404)
  if (rev !== undefined && rev !== '*' && rev !== found.rev) throw new Refusal(412)
  return found
}

/** Who was waited for joins, by the id or by an external id that nobody else has. */
function arrive(world: World, resource: Resource, names: readonly (Json | undefined)[]): void {
  const [id, externalId] = names
  const isTheOne = world.resources.filter(({ doc }) => doc['externalId'] === externalId).length === 1
  const known = externalId !== undefined && isTheOne ? [id, externalId] : [id]
  for (const group of world.resources) {
    const waits = group.awaited.some((name) => known.includes(name))
    if (!waits) continue
    group.awaited = group.awaited.filter((name) => !known.includes(name))
    if (!group.members.includes(resource.id)) group.members.push(resource.id)
    group.rev += 1
  }
}

/** The names by which rules mean groups. */
export const RULED = ['team a', 'team b']

/** A group that gets a name which rules use is meant by it from then on, unless one is meant already. */
function bindName(world: World, { id, type, doc }: Resource): void {
  const name = folded(asText(doc['displayName'] ?? ''))
  if (type !== 'Group' || !RULED.includes(name) || world.bound[name] !== undefined) return
  if (!Object.values(world.bound).includes(id)) world.bound[name] = id
}
