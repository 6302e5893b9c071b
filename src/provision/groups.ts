import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { ScimError, invalidValue } from '../scim/error.ts'
import { fold } from '../scim/fold.ts'
import type { Notices } from '../scim/quirks/ledger.ts'
import { applyPatch } from '../scim/patch/apply.ts'
import { splitMembers } from '../scim/patch/members.ts'
import type { MemberOperation, Patch } from '../scim/patch/patch.ts'
import { createResource, replaceResource } from '../scim/resource/replace.ts'
import type { MemberRef, Resource } from '../scim/resource/resource.ts'
import { searchDocument } from '../scim/resource/search.ts'
import { bindGroup } from '../store/bindings.ts'
import { usersBelow } from '../store/closure.ts'
import { touchesGroupGraph } from '../store/graph.ts'
import {
  deleteGroup as deleteRow,
  insertGroup,
  readGroup,
  readGroupForUpdate,
  touchGroup,
  touchGroups,
  updateGroup,
  type GroupContent,
  type StoredGroup,
} from '../store/groups.ts'
import { applyMembers, type MemberChanges } from '../store/members.ts'
import { userSeqs } from '../store/users.ts'
import { decideAgain, DECIDED_AT_ONCE, queue, type AccessChange } from './consequences.ts'
import { difference } from './difference.ts'
import { fromDocument, optionalText, requiredText, toDocument } from './document.ts'
import { guardMany, type Sent } from './guard.ts'
import type { InForce } from './in-force.ts'
import { keepPending, welcome, type PendingChanges } from './pending-members.ts'
import { countQuirks } from './quirks.ts'
import { record } from './record.ts'
import { scimBase } from './scim-base.ts'
import { notBefore, requireVersion, type ResourceCause } from './resource-cause.ts'
import { changeGraph, type Graph, type Unit } from './unit-of-work.ts'
import type { Db } from '../store/db.ts'

/** A group as a client sends it whole. */
export interface SentGroup {
  readonly resource: Resource
  readonly notices: Notices
  /** Undefined when the client did not say. */
  readonly members?: readonly MemberRef[] | undefined
}

/** Creates a group (RFC 7644 §3.3). */
export async function createGroup(ctx: Context, cause: ResourceCause, sent: SentGroup): Promise<StoredGroup> {
  const id = ctx.newId()
  const operations: MemberOperation[] = [{ kind: 'add', members: sent.members ?? [] }]
  const externalId = optionalText(sent.resource, 'externalId')
  const created = await changeGraph(
    ctx,
    touches(cause, id, operations, externalId),
    async (ctx, db, rules, graph) => {
      const type = rules.registry.resourceType('Group')
      const now = ctx.now()
      const resource = createResource(sent.resource, type)
      await insertGroup(db, {
        id,
        directoryId: cause.directoryId,
        version: 1,
        createdAt: now,
        ...contentOf(id, resource, type, now),
      })
      const members = await changeMembers(ctx, db, graph, cause, id, operations)
      const groups = await arrive(ctx, db, graph, cause, id, externalId)
      await bindName(ctx, db, rules, cause, id, resource)
      const above = groups.length > 0 ? [id] : []
      const access = await decideForMembers(
        ctx,
        db,
        rules,
        members,
        { directoryId: cause.directoryId, cause: 'group.created' },
        above,
      )
      await record(ctx, db, {
        cause,
        directoryId: cause.directoryId,
        kind: 'group.created',
        subjectId: id,
        payload: { version: 1, ...namesOf(members), ...(groups.length > 0 && { groups }), access },
        detail: { after: resource, ...pendingIn(members), ...sent.notices },
      })
      return stored(ctx, db, cause, id)
    },
  )
  countQuirks(ctx, cause, sent.notices)
  return created
}

/** Replaces a group with its members (RFC 7644 §3.5.1): members that are not sent are none. @throws ScimError 404, 412 */
export async function replaceGroup(
  ctx: Context,
  cause: ResourceCause,
  id: string,
  sent: SentGroup,
): Promise<StoredGroup> {
  const members: MemberOperation[] = [{ kind: 'replace', members: sent.members ?? [] }]
  const externalId = optionalText(sent.resource, 'externalId')
  const replaced = await changeGraph(
    ctx,
    touches(cause, id, members, externalId),
    async (ctx, db, rules, graph) => {
      await change(ctx, db, rules, graph, cause, id, {
        make: (before, type) => ({ ...replaceResource(before, sent.resource, type), notices: sent.notices }),
        members,
      })
      return stored(ctx, db, cause, id)
    },
  )
  countQuirks(ctx, cause, sent.notices)
  return replaced
}

/**
 * Changes a group by a PATCH (RFC 7644 §3.5.2) and returns its version. Members that are not named stay untouched and
 * unread.
 *
 * @throws ScimError 404, 412, or what the PATCH offends against
 */
export async function patchGroup(
  ctx: Context,
  cause: ResourceCause,
  id: string,
  patch: Patch,
): Promise<number> {
  const { members, rest } = splitMembers(patch)
  let { notices } = rest
  const version = await changeGraph(ctx, touches(cause, id, members), (ctx, db, rules, graph) =>
    change(ctx, db, rules, graph, cause, id, {
      make(before, type) {
        if (rest.operations.length === 0) return { resource: before, changed: false, notices }
        const changed = applyPatch(before, rest, type)
        notices = changed.notices
        return changed
      },
      members,
    }),
  )
  countQuirks(ctx, cause, notices)
  return version
}

/** Deletes a group (RFC 7644 §3.6); its members stay. @throws ScimError 404, 412 */
export async function deleteGroup(ctx: Context, cause: ResourceCause, id: string): Promise<void> {
  await changeGraph(ctx, touches(cause, id, []), async (ctx, db, rules) => {
    const group = await readForChange(db, cause, id)
    const people = await peopleBelow(db, [id])
    // While its members are still known: later nobody could tell whom the group was about.
    const sent = { directoryId: cause.directoryId, cause: 'group.deleted' }
    const job = people === 'many' ? await queue(ctx, db, { kind: 'below', groupIds: [id] }, sent) : undefined
    const deleted = await deleteRow(db, cause.directoryId, id, ctx.now())
    if (deleted === undefined) throw unknownGroup(id)
    await touchGroups(db, cause.directoryId, deleted.groupIds, ctx.now())
    if (job !== undefined) await guardMany(ctx, db, rules, sent, job.id)
    const access = people === 'many' ? [] : await decideAgain(ctx, db, rules, people, sent)
    await record(ctx, db, {
      cause,
      directoryId: cause.directoryId,
      kind: 'group.deleted',
      subjectId: id,
      payload: { access },
      detail: { before: fromDocument(group.document) },
    })
  })
}

/** A group that this directory does not have: the same words whether nobody has it or another directory. */
export const unknownGroup = (id: string): ScimError =>
  new ScimError(404, `there is no group with the id \`${id}\``)

/** Whether a change of a group changes who is above whom, as far as the request tells. */
const touches =
  (
    { directoryId }: ResourceCause,
    groupId: string,
    operations: readonly MemberOperation[],
    externalId: string | null = null,
  ) =>
  (db: Db) =>
    touchesGroupGraph(db, {
      directoryId,
      groupId,
      ids: operations.flatMap((operation) =>
        'members' in operation ? operation.members.map(({ value }) => value) : [],
      ),
      externalId,
    })

interface GroupChange {
  make(before: Resource, type: ResourceType): { resource: Resource; changed: boolean; notices: Notices }
  readonly members: readonly MemberOperation[]
}

async function change(
  ctx: Unit,
  db: Db,
  rules: InForce,
  graph: Graph,
  cause: ResourceCause,
  id: string,
  { make, members: operations }: GroupChange,
): Promise<number> {
  const group = await readForChange(db, cause, id)
  const type = rules.registry.resourceType('Group')
  const before = fromDocument(group.document)
  const { resource, changed, notices } = make(before, type)
  const members = await changeMembers(ctx, db, graph, cause, id, operations)
  if (!changed && members.added.length === 0 && members.removed.length === 0) {
    if (members.awaited.length + members.forgotten.length > 0)
      await recordPending(ctx, db, cause, id, members)
    return group.version
  }

  const now = notBefore(group.modifiedAt, ctx.now())
  if (changed) {
    const content = contentOf(id, resource, type, now)
    await updateGroup(db, { id, directoryId: cause.directoryId, version: group.version, ...content })
  } else {
    await touchGroup(db, cause.directoryId, id, now)
  }
  const externalId = optionalText(resource, 'externalId')
  const isNamedAnew = externalId !== null && externalId !== optionalText(before, 'externalId')
  const groups = isNamedAnew ? await arrive(ctx, db, graph, cause, id, externalId) : []
  const renamed = before['displayName'] !== resource['displayName']
  if (renamed) await bindName(ctx, db, rules, cause, id, resource)
  const above = renamed || groups.length > 0 ? [id] : []
  const access = await decideForMembers(
    ctx,
    db,
    rules,
    members,
    { directoryId: cause.directoryId, cause: 'group.updated' },
    above,
  )
  await record(ctx, db, {
    cause,
    directoryId: cause.directoryId,
    kind: 'group.updated',
    subjectId: id,
    payload: {
      version: group.version + 1,
      ...namesOf(members),
      ...(groups.length > 0 && { groups }),
      access,
    },
    detail: { ...difference(before, resource), ...pendingIn(members), ...notices },
  })
  return group.version + 1
}

/** Of the group nothing is different that anybody could read, so it has no new version; followers are told no names. */
async function recordPending(
  ctx: Context,
  db: Db,
  cause: ResourceCause,
  id: string,
  pending: PendingChanges,
): Promise<void> {
  await record(ctx, db, {
    cause,
    directoryId: cause.directoryId,
    kind: 'group.pending',
    subjectId: id,
    detail: { ...pendingIn(pending) },
  })
}

const pendingIn = ({ awaited, forgotten }: PendingChanges): PendingChanges => ({ awaited, forgotten })

/** Makes a group a member where it is waited for. */
async function arrive(
  ctx: Context,
  db: Db,
  graph: Graph,
  { directoryId }: ResourceCause,
  id: string,
  externalId: string | null,
): Promise<readonly string[]> {
  const groups = await welcome(ctx, db, directoryId, { id, type: 'Group', externalId })
  if (groups.length > 0) graph.touch()
  return groups
}

async function changeMembers(
  ctx: Context,
  db: Db,
  graph: Graph,
  cause: ResourceCause,
  id: string,
  operations: readonly MemberOperation[],
): Promise<MemberChanges & PendingChanges> {
  const changes = await applyMembers(db, cause.directoryId, id, operations, ctx.now())
  for (const operation of operations) {
    const unknown = new Set(changes.unknown)
    if (
      operation.kind === 'replace' &&
      operation.members.length > 0 &&
      operation.members.every(({ value }) => unknown.has(value))
    ) {
      throw invalidValue(
        `none of the members is known in this directory, so the group stays as it is; provision the users first: ${changes.unknown.slice(0, 5).join(', ')}`,
      )
    }
  }
  const place = { directoryId: cause.directoryId, groupId: id }
  const pending = await keepPending(ctx, db, place, operations, changes)
  if ([...changes.added, ...changes.removed].some(({ type }) => type === 'Group')) graph.touch()
  return { ...changes, ...pending }
}

/** Decides again for the people whom a change of members is about, those inside member groups included. */
async function decideForMembers(
  ctx: Unit,
  db: Db,
  rules: InForce,
  { added, removed }: MemberChanges,
  sent: Sent,
  groupIds: readonly string[] = [],
): Promise<AccessChange[]> {
  const changed = [...added, ...removed]
  const groups = [...groupIds, ...changed.flatMap((one) => (one.type === 'Group' ? [one.id] : []))]
  const direct = await userSeqs(
    db,
    changed.flatMap((one) => (one.type === 'User' ? [one.id] : [])),
  )
  const inside = await peopleBelow(db, groups)
  const told = { ...sent, addsOnly: removed.length === 0 }
  if (inside !== 'many') return decideAgain(ctx, db, rules, [...new Set([...direct, ...inside])], told)
  const job = await queue(ctx, db, { kind: 'below', groupIds: groups }, told)
  if (job !== undefined) await guardMany(ctx, db, rules, told, job.id)
  return decideAgain(ctx, db, rules, direct, told)
}

async function peopleBelow(db: Db, groupIds: readonly string[]): Promise<number[] | 'many'> {
  const seqs = await usersBelow(db, groupIds, DECIDED_AT_ONCE + 1)
  return seqs.length > DECIDED_AT_ONCE ? 'many' : seqs
}

/** Makes a group the one that rules mean by its name, if they use the name and no other group is meant yet. */
async function bindName(
  ctx: Context,
  db: Db,
  rules: InForce,
  { directoryId }: ResourceCause,
  groupId: string,
  resource: Resource,
): Promise<void> {
  const nameKey = fold(requiredText(resource, 'displayName'))
  if (!rules.model.groupNames.has(nameKey)) return
  await bindGroup(db, { directoryId, nameKey, groupId, since: ctx.now() })
}

async function readForChange(db: Db, cause: ResourceCause, id: string): Promise<StoredGroup> {
  const group = await readGroupForUpdate(db, cause.directoryId, id)
  if (group === undefined) throw unknownGroup(id)
  requireVersion(cause, group.version)
  return group
}

async function stored(ctx: Context, db: Db, cause: ResourceCause, id: string): Promise<StoredGroup> {
  const group = await readGroup(db, cause.directoryId, id, scimBase(ctx))
  if (group === undefined) throw unknownGroup(id)
  return group
}

function contentOf(id: string, resource: Resource, type: ResourceType, now: string): GroupContent {
  const displayName = requiredText(resource, 'displayName')
  return {
    displayName,
    displayNameKey: fold(displayName),
    externalId: optionalText(resource, 'externalId'),
    modifiedAt: now,
    document: toDocument(id, resource, type),
    search: JSON.stringify(searchDocument(resource, type)),
  }
}

const namesOf = ({ added, removed }: MemberChanges): { added: string[]; removed: string[] } => ({
  added: added.map(({ id }) => id),
  removed: removed.map(({ id }) => id),
})
