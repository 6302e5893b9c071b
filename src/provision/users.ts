import { isDeepStrictEqual } from 'node:util'
import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { ScimError } from '../scim/error.ts'
import { fold } from '../scim/fold.ts'
import type { Notices } from '../scim/quirks/ledger.ts'
import { applyPatch } from '../scim/patch/apply.ts'
import type { Patch } from '../scim/patch/patch.ts'
import { managerIn, withoutManager } from '../scim/resource/manager.ts'
import { createResource, replaceResource } from '../scim/resource/replace.ts'
import type { Resource } from '../scim/resource/resource.ts'
import { indexedValues, searchDocument } from '../scim/resource/search.ts'
import { bindUser } from '../store/bindings.ts'
import { mayHaveAccess } from '../store/decisions.ts'
import { holdGroupsOf, touchGroups } from '../store/groups.ts'
import { holdManager, reportsOf, withManager } from '../store/managers.ts'
import { together } from '../store/together.ts'
import { insertTombstone } from '../store/tombstones.ts'
import {
  deleteUser as deleteRow,
  insertUser,
  lockUsers,
  readUser,
  readUserForUpdate,
  updateUser,
  userSeqs,
  type HeldUser,
  type StoredUser,
  type UserContent,
} from '../store/users.ts'
import { readFactsOf } from '../store/facts.ts'
import type { IndexedValue } from '../store/user-values.ts'
import { decideAgain } from './consequences.ts'
import { difference } from './difference.ts'
import { recentSettings } from './directory-settings.ts'
import { fromDocument, optionalText, requiredText, toDocument } from './document.ts'
import { guardDeletion } from './guard.ts'
import type { InForce } from './in-force.ts'
import { asksBeyondConnections } from './judge.ts'
import { lookUpValues, taken } from './look-up-values.ts'
import { welcome } from './pending-members.ts'
import { withoutPrivateValues } from './private-values.ts'
import { countQuirks } from './quirks.ts'
import { record } from './record.ts'
import { findReturning } from './rehire.ts'
import { scimBase } from './scim-base.ts'
import { isConditional, notBefore, requireVersion, type ResourceCause } from './resource-cause.ts'
import { changeFacts, type Unit } from './unit-of-work.ts'
import type { Db } from '../store/db.ts'

/**
 * Creates a user (RFC 7644 §3.3), or gives a person who comes back their account again where the directory wants that.
 *
 * @throws ScimError 409 when the directory has this `userName`, or a value that is unique, or refuses people who come back
 */
export async function createUser(
  ctx: Context,
  cause: ResourceCause,
  sent: { readonly resource: Resource; readonly notices: Notices },
): Promise<StoredUser> {
  const freshId = ctx.newId()
  const { directoryId } = cause
  const { rehire = 'new' } = await recentSettings(ctx, directoryId)
  const created = await changeFacts(ctx, async (ctx, db, rules) => {
    const type = rules.registry.resourceType('User')
    const resource = createResource(sent.resource, type)
    const now = ctx.now()
    const identity = contentOf(freshId, resource, type, now)
    const returning = await findReturning(db, rehire, directoryId, identity)
    if (returning?.kind === 'deactivated') {
      return changeStored(ctx, db, rules, cause, returning.user, (before) => ({
        ...replaceResource(before, resource, type),
        notices: sent.notices,
      }))
    }
    const before = returning?.tombstone
    const id = before?.id ?? freshId
    const version = (before?.version ?? 0) + 1
    const content = before === undefined ? identity : contentOf(id, resource, type, now)
    const user = { id, directoryId, version, createdAt: now, ...content }
    const salt = ctx.newSecret()
    const values = lookUpValues(resource, type)
    await keepManager(db, directoryId, resource)
    const [seq, groups] = await together(
      insertUser(db, { ...user, salt, values }).catch(taken(resource, type)),
      welcome(ctx, db, directoryId, { id, type: 'User', externalId: user.externalId }),
    )
    await bindName(ctx, db, rules, user)
    const access = await decideAgain(ctx, db, rules, [seq], { cause: 'user.created', directoryId })
    await record(ctx, db, {
      cause,
      directoryId,
      kind: 'user.created',
      subjectId: id,
      payload: { version, ...(groups.length > 0 && { groups }), access },
      detail: {
        after: withoutPrivateValues(resource, type, salt),
        ...(before && { deletedAt: before.deletedAt }),
        ...sent.notices,
      },
    })
    return groups.length > 0
      ? stored(ctx, db, directoryId, id)
      : withManager(db, { ...user, seq, groups: NO_GROUPS })
  })
  countQuirks(ctx, cause, sent.notices)
  return created
}

/** The `groups` of a user that was just created, as JSON text. */
const NO_GROUPS = '[]'

/** Replaces a user (RFC 7644 §3.5.1). @throws ScimError 404, 409, 412, or `mutability` */
export function replaceUser(
  ctx: Context,
  cause: ResourceCause,
  id: string,
  sent: { readonly resource: Resource; readonly notices: Notices },
): Promise<StoredUser> {
  return change(ctx, cause, id, (before, type) => ({
    ...replaceResource(before, sent.resource, type),
    notices: sent.notices,
  }))
}

/** Changes a user by a PATCH (RFC 7644 §3.5.2). @throws ScimError 404, 409, 412, or what the PATCH offends against */
export function patchUser(ctx: Context, cause: ResourceCause, id: string, patch: Patch): Promise<StoredUser> {
  return change(ctx, cause, id, (before, type) => applyPatch(before, patch, type))
}

/**
 * Deletes a user with its memberships (RFC 7644 §3.6), and takes it from those whose manager it was.
 *
 * @throws ScimError 404, 412
 */
export async function deleteUser(ctx: Context, cause: ResourceCause, id: string): Promise<void> {
  await changeFacts(ctx, async (ctx, db, rules) => {
    if (isConditional(cause)) await readForChange(db, cause, id)
    const now = ctx.now()
    // Whoever is changed with the user is held before anything locks the feed.
    await lockUsers(db, await userSeqs(db, await reportsOf(db, cause.directoryId, id)))
    const keeps = await keepsAccess(ctx, db, rules, cause.directoryId, id)
    const deleted = await deleteRow(db, cause.directoryId, id, now)
    if (deleted === undefined) throw unknownUser(id)
    const before = fromDocument(deleted.document)
    await touchGroups(db, cause.directoryId, deleted.groupIds, now)
    await Promise.all([
      insertTombstone(db, cause.directoryId, {
        id,
        userNameKey: fold(deleted.userName),
        externalId: optionalText(before, 'externalId'),
        version: deleted.version,
        deletedAt: now,
      }),
      record(ctx, db, {
        cause,
        directoryId: cause.directoryId,
        kind: 'user.deleted',
        subjectId: id,
        payload: { groups: deleted.groupIds, ...(keeps && { held: true }) },
        detail: { before: withoutPrivateValues(before, rules.registry.resourceType('User'), deleted.salt) },
      }),
    ])
    for (const report of await reportsOf(db, cause.directoryId, id)) {
      const user = await readUserForUpdate(db, cause.directoryId, report)
      if (user !== undefined) await changeStored(ctx, db, rules, cause, user, withoutManager)
    }
  })
}

/** Whether a user who is about to be deleted keeps what it has, since that is held. */
async function keepsAccess(
  ctx: Unit,
  db: Db,
  rules: InForce,
  directoryId: string,
  id: string,
): Promise<boolean> {
  const { model } = rules
  const asksFacts = model.protectedUsers.size > 0 || asksBeyondConnections(model)
  if (!asksFacts && !(await mayHaveAccess(db, directoryId, id))) return false
  // What is read about the user is what is deleted.
  if ((await readUserForUpdate(db, directoryId, id)) === undefined) return false
  // The brake locks the feed: groups that go on without the user are held before.
  await holdGroupsOf(db, id)
  const person = await readFactsOf(db, directoryId, id)
  return person !== undefined && guardDeletion(ctx, db, rules, person)
}

/** A user that this directory does not have: the same words whether nobody has it or another directory. */
export const unknownUser = (id: string): ScimError =>
  new ScimError(404, `there is no user with the id \`${id}\``)

type Changed = { readonly resource: Resource; readonly changed: boolean; readonly notices: Notices }

async function change(
  ctx: Context,
  cause: ResourceCause,
  id: string,
  make: (before: Resource, type: ResourceType) => Changed,
): Promise<StoredUser> {
  let notices: Notices | undefined
  const user = await changeFacts(ctx, async (ctx, db, rules) =>
    changeStored(ctx, db, rules, cause, await readForChange(db, cause, id), (before, type) => {
      const changed = make(before, type)
      notices = changed.notices
      return changed
    }),
  )
  if (notices !== undefined) countQuirks(ctx, cause, notices)
  return user
}

/** Changes a user that is held. */
async function changeStored(
  ctx: Unit,
  db: Db,
  rules: InForce,
  cause: ResourceCause,
  user: HeldUser,
  make: (before: Resource, type: ResourceType) => Changed,
): Promise<StoredUser> {
  const { directoryId } = cause
  const { id } = user
  const type = rules.registry.resourceType('User')
  const before = fromDocument(user.document)
  const { resource, changed, notices } = make(before, type)
  if (!changed) return stored(ctx, db, directoryId, id)
  const content = contentOf(id, resource, type, notBefore(user.modifiedAt, ctx.now()))
  await keepManager(db, directoryId, resource)
  await updateUser(
    db,
    { id, directoryId, version: user.version, ...content },
    changedValues(before, resource, type),
  ).catch(taken(resource, type))
  if (content.userName !== user.userName) await bindName(ctx, db, rules, { id, directoryId, ...content })
  const { externalId } = content
  const groups =
    externalId === null || externalId === optionalText(before, 'externalId')
      ? []
      : await welcome(ctx, db, directoryId, { id, type: 'User', externalId })
  const access = await decideAgain(ctx, db, rules, [user.seq], { cause: 'user.updated', directoryId })
  const changes = difference(before, resource)
  await record(ctx, db, {
    cause,
    directoryId,
    kind: 'user.updated',
    subjectId: id,
    payload: { version: user.version + 1, ...(groups.length > 0 && { groups }), access },
    detail: {
      before: withoutPrivateValues(changes.before, type, user.salt),
      after: withoutPrivateValues(changes.after, type, user.salt),
      ...notices,
    },
  })
  return stored(ctx, db, directoryId, id)
}

/** The values to look the user up by; undefined when it is found by what it was found by. */
function changedValues(before: Resource, after: Resource, type: ResourceType): IndexedValue[] | undefined {
  const values = lookUpValues(after, type)
  return ['userName', 'externalId'].every((name) => before[name] === after[name]) &&
    isDeepStrictEqual(indexedValues(before, type), values)
    ? undefined
    : values
}

/** Of a manager who is deleted meanwhile, either the deletion sees this user or this user sees that nobody is there. */
async function keepManager(db: Db, directoryId: string, user: Resource): Promise<void> {
  const manager = managerIn(user)
  if (manager !== undefined) await holdManager(db, directoryId, manager)
}

/** Makes a user the one whom the configuration means by a name, if it uses the name and means nobody else yet. */
async function bindName(
  ctx: Context,
  db: Db,
  { model }: InForce,
  { id, directoryId, userNameKey }: { id: string; directoryId: string; userNameKey: string },
): Promise<void> {
  if (!model.userNames.has(userNameKey)) return
  await bindUser(db, { directoryId, nameKey: userNameKey, userId: id, since: ctx.now() })
}

async function readForChange(db: Db, cause: ResourceCause, id: string): Promise<HeldUser> {
  const user = await readUserForUpdate(db, cause.directoryId, id)
  if (user === undefined) throw unknownUser(id)
  requireVersion(cause, user.version)
  return user
}

async function stored(ctx: Context, db: Db, directoryId: string, id: string): Promise<StoredUser> {
  const user = await readUser(db, directoryId, id, scimBase(ctx))
  if (user === undefined) throw unknownUser(id)
  return withManager(db, user)
}

function contentOf(id: string, resource: Resource, type: ResourceType, now: string): UserContent {
  const userName = requiredText(resource, 'userName')
  return {
    userName,
    userNameKey: fold(userName),
    externalId: optionalText(resource, 'externalId'),
    displayName: optionalText(resource, 'displayName'),
    active: resource['active'] === true,
    modifiedAt: now,
    document: toDocument(id, resource, type),
    search: JSON.stringify(searchDocument(resource, type)),
  }
}
