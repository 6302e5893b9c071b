import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { directoryChange, newDirectory } from '../../schemas/messages.ts'
import type { MayGrant, Mode, RateLimit, Rehire } from '../../schemas/config.ts'
import type { Context } from '../context.ts'
import { fold } from '../scim/fold.ts'
import {
  countResources,
  deleteDirectory as deleteRow,
  findDirectory as findRow,
  insertDirectory,
  listDirectories as listRows,
  updateDirectory,
  type StoredDirectory,
} from '../store/directories.ts'
import { createRecompute } from '../store/recomputes.ts'
import { UniquenessError } from '../store/uniqueness-error.ts'
import { brakeOf, type Limits } from './brake.ts'
import type { Cause } from './cause.ts'
import { documentInForce, checked } from './configuration.ts'
import { directorySettings, forgetSettings, type DirectorySettings } from './directory-settings.ts'
import { inForce } from './in-force.ts'
import { readCursor, toPage } from './page.ts'
import { placesWithoutDirectory, unknownDirectories } from './config-places.ts'
import { entriesAt, type Document } from './edit/document.ts'
import { inItsTerms } from './edit/edit-configuration.ts'
import { told } from './edit/places.ts'
import { Problem } from './problem.ts'
import { record } from './record.ts'
import { scimBase } from './scim-base.ts'
import { changeModel } from './unit-of-work.ts'
import type { Db } from '../store/db.ts'

export interface DirectoryView {
  readonly id: string
  readonly name: string
  readonly provider: string
  readonly scimUrl: string
  readonly mode: Mode
  readonly rehire: Rehire
  readonly brake: Limits
  /** Undefined: no ceiling. */
  readonly mayGrant?: MayGrant
  /** Undefined: that of the server. */
  readonly rateLimit?: RateLimit
  readonly createdAt: string
}

/**
 * Adds a directory.
 *
 * @throws Problem 409 when there is one of this name; 422 where its ceiling names what the configuration does not have
 */
export async function createDirectory(
  ctx: Context,
  cause: Cause,
  wanted: z.output<typeof newDirectory>,
): Promise<DirectoryView> {
  const { name, provider, ...settings } = wanted
  const directory = await changeModel(ctx, async (ctx, db) => {
    const directory: StoredDirectory = {
      id: ctx.newId(),
      name,
      provider,
      settings: JSON.stringify(settings),
      createdAt: ctx.now(),
    }
    await refuseSecondDirectory(ctx, db)
    await refuseUnknownCeiling(ctx, db, directory, settings)
    await insertDirectory(db, { ...directory, nameKey: fold(wanted.name) }).catch((error: unknown) => {
      if (!(error instanceof UniquenessError)) throw error
      throw new Problem(409, `there is a directory \`${wanted.name}\` already; choose another name`)
    })
    await record(ctx, db, {
      cause,
      directoryId: directory.id,
      kind: 'directory.created',
      subjectId: directory.id,
      detail: { after: wanted },
    })
    return directory
  })
  return view(ctx, directory)
}

/**
 * Changes how a directory is treated; what is not named stays as it is. Under another ceiling everybody is decided again.
 *
 * @throws Problem 404; 422 where a ceiling names what the configuration does not have
 */
export async function changeDirectory(
  ctx: Context,
  cause: Cause,
  nameOrId: string,
  wanted: z.output<typeof directoryChange>,
): Promise<DirectoryView> {
  const changed = await changeModel(ctx, async (ctx, db) => {
    const present = await findDirectory(db, nameOrId)
    const before = directorySettings(present.settings)
    const after = changedSettings(before, wanted)
    if (isDeepStrictEqual(before, after)) return present
    await refuseUnknownCeiling(ctx, db, present, after)
    const settings = JSON.stringify(after)
    await updateDirectory(db, present.id, { settings }, ctx.now())
    if (!isDeepStrictEqual(before.mayGrant, after.mayGrant)) {
      await createRecompute(db, { cause: 'directory.updated', createdAt: ctx.now(), scope: { kind: 'all' } })
    }
    await record(ctx, db, {
      cause,
      directoryId: present.id,
      kind: 'directory.updated',
      subjectId: present.id,
      detail: { before, after },
    })
    return { ...present, settings }
  })
  forgetSettings(ctx)
  return view(ctx, changed)
}

function changedSettings(
  before: DirectorySettings,
  wanted: z.output<typeof directoryChange>,
): DirectorySettings {
  const brake = wanted.brake && { ...before.brake, ...wanted.brake }
  const said = Object.entries(wanted).filter(([, value]) => value !== undefined)
  const after = { ...before, ...Object.fromEntries(said), ...(brake && { brake }) }
  return Object.fromEntries(Object.entries(after).filter(([, value]) => value !== null))
}

/** @throws Problem 422 where a ceiling names what the configuration in force does not have */
async function refuseUnknownCeiling(
  ctx: Context,
  db: Db,
  { name, provider }: Pick<StoredDirectory, 'name' | 'provider'>,
  settings: DirectorySettings,
): Promise<void> {
  if (settings.mayGrant === undefined) return
  const document = (await documentInForce(ctx, db)) as Document
  const others = entriesAt(document, ['directories']).filter((one) => one['name'] !== name)
  const changed = { ...document, directories: [{ name, provider, ...settings }, ...others] }
  try {
    checked(changed)
  } catch (error) {
    throw inItsTerms(error, { document: changed, sent: ['directories', 0] })
  }
}

/**
 * Removes a directory with everything it owns: users, groups, memberships, tokens, decisions.
 *
 * @param confirmed the name once more, so that nobody removes a directory by a slip
 * @throws Problem 404; 409 without the confirmation, and while the configuration names it
 */
export async function removeDirectory(
  ctx: Context,
  cause: Cause,
  nameOrId: string,
  confirmed: string | undefined,
): Promise<void> {
  await changeModel(ctx, async (ctx, db) => {
    const directory = await findDirectory(db, nameOrId)
    const { users, groups } = await countResources(db, directory.id)
    if (confirmed !== directory.name) {
      throw new Problem(
        409,
        `the directory \`${directory.name}\` owns ${users} users and ${groups} groups, who lose all access with it; confirm it with \`confirm=${directory.name}\``,
      )
    }
    await refuseNamedDirectory(ctx, db, directory)
    await deleteRow(db, directory.id, ctx.now())
    await record(ctx, db, {
      cause,
      directoryId: directory.id,
      kind: 'directory.deleted',
      subjectId: directory.id,
      payload: { users, groups },
      detail: { before: { name: directory.name, provider: directory.provider } },
    })
  })
}

/** Nothing of the configuration would apply to anybody, and none of it could be changed without all of it. */
async function refuseNamedDirectory(ctx: Context, db: Db, { id, name }: StoredDirectory): Promise<void> {
  const { config, document } = await inForce(ctx, db)
  const others = (await listRows(db)).filter((one) => one.id !== id)
  const places = unknownDirectories(config, others).map(({ path }) => ({ path, message: 'names it' }))
  if (places.length === 0) return
  throw new Problem(
    409,
    `the configuration names the directory \`${name}\`; take it out there first`,
    places.map((place) => told(document as Document, place)),
  )
}

/** A second directory would make ambiguous whom the configuration means where it names a user alone. */
async function refuseSecondDirectory(ctx: Context, db: Db): Promise<void> {
  const places = placesWithoutDirectory((await inForce(ctx, db)).config)
  if (places.length === 0 || (await listRows(db, { limit: 1 })).length === 0) return
  throw new Problem(
    409,
    'the configuration names users without their directory, which only one directory allows; name it there first',
    places,
  )
}

/** One page of directories in the order of their names. */
export async function listDirectories(
  ctx: Context,
  page: { limit: number; cursor?: string | undefined; search?: string | undefined },
): Promise<{ directories: DirectoryView[]; nextCursor?: string }> {
  const [afterNameKey] = readCursor(page.cursor, ['string']) ?? []
  const found = await listRows(ctx.engine.read, {
    afterNameKey,
    search: page.search === undefined ? undefined : fold(page.search),
    limit: page.limit + 1,
  })
  const { rows, nextCursor } = toPage(found, page.limit, (row) => [row.nameKey])
  return { directories: rows.map((row) => view(ctx, row)), ...(nextCursor !== undefined && { nextCursor }) }
}

/**
 * One directory with the number of its users and groups.
 *
 * @throws Problem 404
 */
export async function readDirectory(
  ctx: Context,
  nameOrId: string,
): Promise<DirectoryView & { users: number; groups: number }> {
  const directory = await findDirectory(ctx.engine.read, nameOrId)
  return { ...view(ctx, directory), ...(await countResources(ctx.engine.read, directory.id)) }
}

/**
 * The directory of this name or id.
 *
 * @throws Problem 404
 */
export async function findDirectory(db: Db, nameOrId: string): Promise<StoredDirectory> {
  const found = await findRow(db, nameOrId, fold(nameOrId))
  if (found === undefined) throw unknownDirectory(nameOrId)
  return found
}

export const unknownDirectory = (nameOrId: string): Problem =>
  new Problem(404, `there is no directory \`${nameOrId}\``)

function view(ctx: Context, { id, name, provider, settings, createdAt }: StoredDirectory): DirectoryView {
  const stored = directorySettings(settings)
  const { mode = 'tolerant', rehire = 'new', mayGrant, rateLimit } = stored
  return {
    id,
    name,
    provider,
    scimUrl: scimBase(ctx),
    mode,
    rehire,
    brake: brakeOf(stored),
    ...(mayGrant && { mayGrant }),
    ...(rateLimit && { rateLimit }),
    createdAt,
  }
}
