import type { Rehire } from '../../schemas/config.ts'
import { uniqueness } from '../scim/error.ts'
import { fold } from '../scim/fold.ts'
import type { Db } from '../store/db.ts'
import { findTombstones, takeTombstone, type Tombstone } from '../store/tombstones.ts'
import { findNamesakes, type HeldUser } from '../store/users.ts'
import { fromDocument, optionalText } from './document.ts'

/** By what a person is known again. */
export interface Identity {
  readonly userName: string
  readonly userNameKey: string
  readonly externalId: string | null
}

/** Who somebody was before, if this directory gives people their old account back. */
export type Returning =
  | { readonly kind: 'deactivated'; readonly user: HeldUser }
  | { readonly kind: 'deleted'; readonly tombstone: Tombstone }

/**
 * Finds out whether a user that is to be created was here before, by what the directory's policy says: by external id
 * first, then by user name. Undefined: it is created like any other, or refused because its name is taken.
 *
 * INVARIANT: nobody gets an account of somebody who is active, nor one whose external id is another one: a user name
 * can be given to the next person of that name, an external id cannot.
 *
 * @throws ScimError 409 where the policy refuses who comes back
 */
export async function findReturning(
  db: Db,
  policy: Rehire,
  directoryId: string,
  identity: Identity,
): Promise<Returning | undefined> {
  if (policy === 'new') return undefined
  const returning =
    (await amongPresent(db, directoryId, identity)) ?? (await amongDeleted(db, directoryId, identity))
  if (returning === undefined || returning === 'nobody') return undefined
  if (policy === 'refuse') throw refusal(identity, returning)
  // Of two who come back at once, one gets the account.
  return returning.kind === 'deactivated' || (await takeTombstone(db, returning.tombstone.id))
    ? returning
    : undefined
}

/** The deactivated user who is meant; `nobody` where somebody stands in the way of any. */
async function amongPresent(
  db: Db,
  directoryId: string,
  identity: Identity,
): Promise<Returning | 'nobody' | undefined> {
  const present = (await findNamesakes(db, directoryId, identity)).map(toPresent)
  const sameName = present.find(({ user }) => fold(user.userName) === identity.userNameKey)
  const samePerson = present.filter(({ externalId }) => isSame(externalId, identity.externalId))
  if (sameName?.active === true || samePerson.some(({ active }) => active)) return 'nobody'
  const known = samePerson.length === 1 ? samePerson[0] : sameName
  if (known === undefined) return samePerson.length > 1 ? 'nobody' : undefined
  if (sameName !== undefined && sameName !== known) return 'nobody'
  return isAnother(known.externalId, identity.externalId)
    ? 'nobody'
    : { kind: 'deactivated', user: known.user }
}

const toPresent = (user: HeldUser) => {
  const resource = fromDocument(user.document)
  return { user, externalId: optionalText(resource, 'externalId'), active: resource['active'] === true }
}

async function amongDeleted(db: Db, directoryId: string, identity: Identity): Promise<Returning | undefined> {
  const deleted = await findTombstones(db, directoryId, identity)
  const tombstone =
    deleted.find(({ externalId }) => isSame(externalId, identity.externalId)) ??
    deleted.find(({ externalId }) => !isAnother(externalId, identity.externalId))
  return tombstone && { kind: 'deleted', tombstone }
}

const isSame = (a: string | null, b: string | null): boolean => a !== null && a === b

const isAnother = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b

function refusal({ userName }: Identity, returning: Returning): Error {
  const who =
    returning.kind === 'deleted'
      ? `was deleted from this directory on ${returning.tombstone.deletedAt}`
      : `is deactivated in this directory as \`${returning.user.userName}\``
  const instead =
    returning.kind === 'deleted'
      ? ''
      : `activate the user \`${returning.user.id}\` instead of creating one, or `
  return uniqueness(
    `\`${userName}\` ${who}, and the directory refuses people who come back: ${instead}set \`rehire\` of the directory to \`revive\` or \`new\``,
  )
}
