import { isDeepStrictEqual } from 'node:util'
import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { ScimError, uniqueness } from '../scim/error.ts'
import { fold } from '../scim/fold.ts'
import type { Notices } from '../scim/quirks/ledger.ts'
import { applyPatch } from '../scim/patch/apply.ts'
import type { Patch } from '../scim/patch/patch.ts'
import { createResource, replaceResource } from '../scim/resource/replace.ts'
import type { Resource } from '../scim/resource/resource.ts'
import { indexedValues, searchDocument } from '../scim/resource/search.ts'
import { bindUser } from '../store/bindings.ts'
import { touchGroups } from '../store/groups.ts'
import { UniquenessError } from '../store/uniqueness-error.ts'
import {
  deleteUser as deleteRow,
  insertUser,
  readUser,
  readUserForUpdate,
  updateUser,
  type IndexedValue,
  type StoredUser,
  type UserContent,
} from '../store/users.ts'
import { decideAgain } from './consequences.ts'
import { difference } from './difference.ts'
import { fromDocument, optionalText, requiredText, toDocument } from './document.ts'
import type { InForce } from './in-force.ts'
import { record } from './record.ts'
import { scimBase } from './scim-base.ts'
import { isConditional, notBefore, requireVersion, type ResourceCause } from './resource-cause.ts'
import { changeFacts } from './unit-of-work.ts'
import type { Db } from '../store/db.ts'

/** Creates a user (RFC 7644 §3.3). @throws ScimError 409 when the directory has this `userName` */
export async function createUser(
  ctx: Context,
  cause: ResourceCause,
  sent: { readonly resource: Resource; readonly notices: Notices },
): Promise<StoredUser> {
  const id = ctx.newId()
  return changeFacts(ctx, async (db, rules) => {
    const type = rules.registry.resourceType('User')
    const resource = createResource(sent.resource, type)
    const now = ctx.now()
    const user = {
      id,
      directoryId: cause.directoryId,
      version: 1,
      createdAt: now,
      ...contentOf(id, resource, type, now),
    }
    const values = indexedValues(resource, type)
    const seq = await insertUser(db, { ...user, values }).catch(nameTaken(resource))
    await bindName(db, rules, user)
    const access = await decideAgain(ctx, db, rules, [seq], 'user.created')
    await record(ctx, db, {
      cause,
      directoryId: cause.directoryId,
      kind: 'user.created',
      subjectId: id,
      payload: { version: 1, access },
      detail: { after: resource, ...sent.notices },
    })
    return { ...user, seq, groups: NO_GROUPS }
  })
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

/** Deletes a user with its memberships (RFC 7644 §3.6). @throws ScimError 404, 412 */
export async function deleteUser(ctx: Context, cause: ResourceCause, id: string): Promise<void> {
  await changeFacts(ctx, async (db) => {
    if (isConditional(cause)) await readForChange(db, cause, id)
    const deleted = await deleteRow(db, cause.directoryId, id)
    if (deleted === undefined) throw unknownUser(id)
    await touchGroups(db, cause.directoryId, deleted.groupIds, ctx.now())
    await record(ctx, db, {
      cause,
      directoryId: cause.directoryId,
      kind: 'user.deleted',
      subjectId: id,
      payload: { groups: deleted.groupIds },
      detail: { before: fromDocument(deleted.document) },
    })
  })
}

/** A user that this directory does not have: the same words whether nobody has it or another directory. */
export const unknownUser = (id: string): ScimError =>
  new ScimError(404, `there is no user with the id \`${id}\``)

type Changed = { readonly resource: Resource; readonly changed: boolean; readonly notices: Notices }

function change(
  ctx: Context,
  cause: ResourceCause,
  id: string,
  make: (before: Resource, type: ResourceType) => Changed,
): Promise<StoredUser> {
  return changeFacts(ctx, async (db, rules) => {
    const user = await readForChange(db, cause, id)
    const type = rules.registry.resourceType('User')
    const before = fromDocument(user.document)
    const { resource, changed, notices } = make(before, type)
    if (!changed) return stored(ctx, db, cause.directoryId, id)
    const content = contentOf(id, resource, type, notBefore(user.modifiedAt, ctx.now()))
    await updateUser(
      db,
      { id, directoryId: cause.directoryId, version: user.version, ...content },
      changedValues(before, resource, type),
    ).catch(nameTaken(resource))
    if (content.userName !== user.userName)
      await bindName(db, rules, { ...user, ...content, directoryId: cause.directoryId })
    const access = await decideAgain(ctx, db, rules, [user.seq], 'user.updated')
    await record(ctx, db, {
      cause,
      directoryId: cause.directoryId,
      kind: 'user.updated',
      subjectId: id,
      payload: { version: user.version + 1, access },
      detail: { ...difference(before, resource), ...notices },
    })
    return stored(ctx, db, cause.directoryId, id)
  })
}

/** The values to look the user up by; undefined when they are what they were. */
function changedValues(before: Resource, after: Resource, type: ResourceType): IndexedValue[] | undefined {
  const values = indexedValues(after, type)
  return isDeepStrictEqual(indexedValues(before, type), values) ? undefined : values
}

/** Makes a user the one whom the configuration means by a name, if it uses the name and means nobody else yet. */
async function bindName(
  db: Db,
  { model }: InForce,
  { id, directoryId, userNameKey }: { id: string; directoryId: string; userNameKey: string },
): Promise<void> {
  if (model.userNames.has(userNameKey)) await bindUser(db, { directoryId, nameKey: userNameKey, userId: id })
}

async function readForChange(db: Db, cause: ResourceCause, id: string): Promise<StoredUser> {
  const user = await readUserForUpdate(db, cause.directoryId, id)
  if (user === undefined) throw unknownUser(id)
  requireVersion(cause, user.version)
  return user
}

async function stored(ctx: Context, db: Db, directoryId: string, id: string): Promise<StoredUser> {
  const user = await readUser(db, directoryId, id, scimBase(ctx))
  if (user === undefined) throw unknownUser(id)
  return user
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

function nameTaken(resource: Resource): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof UniquenessError)) throw error
    throw uniqueness(
      `\`userName\` \`${requiredText(resource, 'userName')}\` is taken by another user of this directory`,
    )
  }
}
