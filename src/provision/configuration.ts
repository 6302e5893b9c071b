import { parseConfig, type Config } from '../../schemas/config.ts'
import { createRegistry, type Registry } from '../../schemas/registry.ts'
import { userExtensions } from '../../schemas/user-extensions.ts'
import type { Context } from '../context.ts'
import { checkFilters } from '../resolve/check-filters.ts'
import { fold } from '../scim/fold.ts'
import { keepDecisionsOf } from '../store/decisions.ts'
import {
  insertDirectory,
  listDirectories,
  updateDirectory,
  type StoredDirectory,
} from '../store/directories.ts'
import { createRecompute } from '../store/recomputes.ts'
import { insertConfigNames, insertRevision, listRevisions } from '../store/revisions.ts'
import { bindFreedNames, bindNames } from './bind-names.ts'
import type { Cause } from './cause.ts'
import {
  changesBetween,
  directoryChanges,
  type ConfigChange,
  type DirectoryChange,
} from './config-changes.ts'
import { directorySettings, forgetSettings } from './directory-settings.ts'
import { adopt, compile, inForce, type InForce } from './in-force.ts'
import { placesWithoutDirectory, unknownDirectories } from './config-places.ts'
import { judged } from './judged.ts'
import { lint, type Finding, type Linted } from './lints.ts'
import { keptOrigins } from './origins.ts'
import { Problem, type Fault } from './problem.ts'
import { record } from './record.ts'
import { cleanUp, prepareFor, settle, type Prepared, type Progress } from './redefine.ts'
import { changeModel } from './unit-of-work.ts'
import type { Db } from '../store/db.ts'

export interface Applied {
  readonly revision: number
  readonly changes: readonly ConfigChange[]
  /** What was done as it was written, and may not be what was meant. */
  readonly warnings: readonly Finding[]
}

/** The state of the configuration that a change was made for. */
export interface PlannedOn {
  readonly revision: number
  /** When the revision was applied; undefined: the number alone counts. */
  readonly since?: string | undefined
  /** How directories were treated; undefined: whatever became of them. */
  readonly directories?: readonly DirectoryState[] | undefined
}

/** How a directory is treated. */
export type DirectoryState = Pick<StoredDirectory, 'name' | 'provider' | 'settings'>

export interface ApplyOptions {
  /** Refuses with 412 when the revision in force is none of these. */
  readonly basedOn?: readonly number[] | undefined
  /** Refuses with 409 when the configuration in force is another one. */
  readonly plannedOn?: PlannedOn | undefined
  /** The earlier revision that the document is of. */
  readonly restores?: number
  /** Told how many users have been looked through, where attributes are defined anew. */
  readonly progress?: Progress | undefined
}

/**
 * Makes a document the configuration in force. It is whole: what it leaves out is removed, but for directories, which
 * own people and are only added and changed.
 *
 * The decisions behind it are recomputed afterwards; reads go by it at once.
 *
 * @throws Problem 422 with one entry per wrong place, and per attribute that cannot be held unique; 412 when
 *   another revision is in force than those it may start from; 409 with what happened since it was planned, or when
 *   another one is being applied that defines attributes anew
 */
export async function applyConfiguration(
  ctx: Context,
  cause: Cause,
  document: unknown,
  options: ApplyOptions = {},
): Promise<Applied> {
  const written = checked(document)
  return apply(ctx, cause, async () => written, options)
}

/**
 * Makes a document that is made of the one in force the next one, whatever else is changed meanwhile.
 *
 * @param revise gets the configuration in force as a document, with every directory there is; it is asked once to prepare for what it makes, and once more when nobody else changes anything
 * @throws Problem as `applyConfiguration`, and what `revise` throws
 */
export async function reviseConfiguration(
  ctx: Context,
  cause: Cause,
  revise: (document: object) => object,
  options: ApplyOptions = {},
): Promise<Applied> {
  return apply(ctx, cause, async (db) => checked(revise(await documentInForce(ctx, db))), options)
}

async function apply(
  ctx: Context,
  cause: Cause,
  write: (db: Db) => Promise<Written>,
  options: ApplyOptions,
): Promise<Applied> {
  const { config, document } = await ctx.engine.snapshot(async (db) => {
    refuseUnless((await inForce(ctx, db)).revision, options.basedOn)
    const written = await write(db)
    // Refused before anything is collected for it.
    await previewToApply(ctx, db, written, options)
    return written
  })
  const prepared = await prepareFor(ctx, compile(config, document), options.progress)
  try {
    const { next, changes, warnings } = await changeModel(ctx, async (ctx, db) => {
      refuseUnless((await inForce(ctx, db)).revision, options.basedOn)
      const written = await write(db)
      const preview = await previewToApply(ctx, db, written, options)
      const { present, changes } = preview
      await changeDirectories(ctx, db, cause, preview.directoryChanges)
      if (changes.length === 0) await bindFreedNames(ctx, db, cause, present)
      const next =
        changes.length === 0
          ? present
          : await putInForce(ctx, db, cause, written, { preview, prepared, restores: options.restores })
      const { model } = next
      const judgement = await judged(ctx, db, { config: written.config, model }, await listDirectories(db))
      return { next, changes, warnings: warningsOf(judgement) }
    })
    adopt(ctx, next)
    forgetSettings(ctx)
    return { revision: next.revision, changes, warnings }
  } finally {
    await cleanUp(ctx, prepared)
  }
}

/** @throws Problem 412 when the revision in force is none of those that are allowed; undefined: any */
export function refuseUnless(revision: number, allowed: readonly number[] | undefined): void {
  if (allowed === undefined || allowed.includes(revision)) return
  throw new Problem(
    412,
    `revision ${revision} is in force and not ${allowed.join(' or ') || 'the one that is asked for'}: somebody has changed the configuration; nothing was changed, read it again`,
  )
}

/** What is found that needs nobody decided, and is about access. */
export const warningsOf = (linted: Linted): Finding[] =>
  lint(linted).filter(({ severity }) => severity === 'warning')

/** @throws Problem 422 where the document does not fit; 409 where the configuration has moved since it was planned */
async function previewToApply(
  ctx: Context,
  db: Db,
  written: Written,
  { plannedOn }: ApplyOptions,
): Promise<Preview> {
  const preview = await previewConfiguration(ctx, db, written)
  if (plannedOn !== undefined) await refuseIfMoved(db, plannedOn, preview)
  return preview
}

/** A document beside the configuration in force. */
export interface Preview {
  readonly present: InForce
  /** All directories that there are. */
  readonly directories: readonly StoredDirectory[]
  readonly directoryChanges: readonly DirectoryChange[]
  /** Everything that would be different. */
  readonly changes: readonly ConfigChange[]
}

/**
 * Compares a document with the configuration in force.
 *
 * @throws Problem 422 where it does not fit to the directories that there are
 */
export async function previewConfiguration(ctx: Context, db: Db, { config }: Written): Promise<Preview> {
  const present = await inForce(ctx, db)
  const directories = await listDirectories(db)
  const ofDirectories = directoryChanges(config, directories)
  const all = [...directories, ...ofDirectories.filter((one) => one.present === undefined)]
  const wrong = [
    ...unknownDirectories(config, all),
    ...(all.length > 1 ? placesWithoutDirectory(config) : []),
  ]
  if (wrong.length > 0) throw refusal(wrong)
  const changes = [
    ...ofDirectories.map(({ change, kind, name, fields }) => ({ change, kind, name, fields })),
    ...changesBetween(present.config, config),
  ]
  return { present, directories, directoryChanges: ofDirectories, changes }
}

/** What of a preview tells whether the configuration has moved since. */
export function plannedOn({ present, directories }: Preview): PlannedOn {
  return { revision: present.revision, since: present.since, directories: directories.map(stateOf) }
}

const stateOf = ({ name, provider, settings }: StoredDirectory): DirectoryState => ({
  name,
  provider,
  settings,
})

/** @throws Problem 409 with what happened since */
async function refuseIfMoved(db: Db, planned: PlannedOn, { present, directories }: Preview): Promise<void> {
  const revisions =
    present.revision === planned.revision && (planned.since ?? present.since) === present.since
      ? []
      : await listRevisions(db, { after: Math.min(planned.revision, present.revision - 1), limit: 20 })
  const treated = planned.directories ? movedDirectories(planned.directories, directories) : []
  if (present.revision === planned.revision && revisions.length === 0 && treated.length === 0) return
  throw new Problem(
    409,
    `the configuration has moved since: revision ${present.revision} is in force and not ${planned.revision} as it was planned on${treated.length > 0 ? ', or directories have changed' : ''}; nothing was changed, plan again`,
    [
      ...revisions.map(({ id, createdAt, actor }) => ({
        path: `revisions[${id}]`,
        message: `was applied at ${createdAt} by ${actor}`,
      })),
      ...treated,
    ],
  )
}

function movedDirectories(before: readonly DirectoryState[], after: readonly DirectoryState[]): Fault[] {
  const byName = (states: readonly DirectoryState[]) => new Map(states.map((one) => [one.name, one]))
  const [was, is] = [byName(before), byName(after)]
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    const [then, now] = [was.get(name), is.get(name)]
    const path = `directories[${JSON.stringify(name)}]`
    if (then === undefined) return [{ path, message: 'was added' }]
    if (now === undefined) return [{ path, message: 'was removed' }]
    const same = then.provider === now.provider && then.settings === now.settings
    return same ? [] : [{ path, message: 'is treated differently' }]
  })
}

/** The configuration in force as a document that can be applied again, with every directory there is. */
export async function exportConfiguration(
  ctx: Context,
): Promise<{ readonly revision: number; readonly document: object }> {
  return ctx.engine.snapshot(async (db) => ({
    revision: (await inForce(ctx, db)).revision,
    document: await documentInForce(ctx, db),
  }))
}

/** The document that `exportConfiguration` gives, in a unit of work. */
export async function documentInForce(ctx: Context, db: Db): Promise<object> {
  const { document } = await inForce(ctx, db)
  return { ...document, directories: (await listDirectories(db)).map(writtenDirectory) }
}

/** A directory as a document says it. */
export const writtenDirectory = ({ name, provider, settings }: DirectoryState): object => ({
  name,
  provider,
  ...directorySettings(settings),
})

/** A configuration with the document that it was read from. */
export type Written = Pick<InForce, 'config' | 'document'>

/**
 * Reads a document as far as it can be judged alone.
 *
 * @throws Problem 422 with one entry per wrong place
 */
export function checked(document: unknown): Written {
  // A truncated file or an empty pipe must not take everything from everybody.
  if (isEmpty(document)) {
    throw new Problem(
      422,
      'the document is empty, which would remove everything; write `connections: []` to mean that',
    )
  }
  const parsed = parseConfig(document)
  if (!parsed.ok) throw refusal(parsed.errors)
  const written = { config: parsed.config, document: document as object }
  const userType = registryOf(parsed.config).resourceType('User')
  const errors = checkFilters(parsed.config, userType)
  if (errors.length > 0) throw refusal(errors)
  return written
}

const isEmpty = (document: unknown): boolean =>
  document === undefined ||
  document === null ||
  document === '' ||
  (typeof document === 'object' && Object.keys(document).length === 0)

function registryOf(config: Config): Registry {
  try {
    return createRegistry(userExtensions(config))
  } catch (error) {
    throw refusal([{ path: 'extensions', message: (error as Error).message }])
  }
}

const refusal = (errors: readonly Fault[]): Problem =>
  new Problem(
    422,
    errors.length === 1
      ? 'the configuration has a mistake; nothing was changed'
      : `the configuration has ${errors.length} mistakes; nothing was changed`,
    errors,
  )

/** What is known when a configuration is put in force. */
interface Before {
  readonly preview: Preview
  readonly prepared: Prepared
  readonly restores: number | undefined
}

async function putInForce(
  ctx: Context,
  db: Db,
  cause: Cause,
  { config, document }: Written,
  { preview: { changes, directories, present }, prepared, restores }: Before,
): Promise<InForce> {
  const now = ctx.now()
  const revision = await insertRevision(db, {
    createdAt: now,
    actor: cause.actor,
    document: JSON.stringify(document),
    origins: await keptOrigins(db, present, config),
    directoriesBefore: JSON.stringify(directories.map(stateOf)),
    restores: restores ?? null,
  })
  const next = compile(config, document, { revision, since: now })
  const faults = await settle(ctx, db, { present, next }, prepared)
  if (faults.length > 0) throw refusal(faults)
  await bindNames(ctx, db, next)
  await keepDecisionsOf(db, next.decided)
  await createRecompute(db, { cause: `revision ${revision}`, createdAt: now, scope: { kind: 'all' } })
  const named = changes.map(({ fields: _, ...named }) => named)
  await insertConfigNames(
    db,
    revision,
    named.flatMap(({ kind, name, formerName = [] }) => [name || kind, formerName].flat().map(fold)),
  )
  await record(ctx, db, {
    cause,
    directoryId: null,
    kind: 'model.applied',
    subjectId: String(revision),
    payload: { revision, changes: named, ...(restores !== undefined && { restores }) },
    detail: { changes },
  })
  return next
}

async function changeDirectories(
  ctx: Context,
  db: Db,
  cause: Cause,
  changes: readonly DirectoryChange[],
): Promise<void> {
  for (const { name, provider, settings, present } of changes) {
    const text = JSON.stringify(settings)
    if (present === undefined) {
      const id = ctx.newId()
      await insertDirectory(db, {
        id,
        name,
        nameKey: fold(name),
        provider,
        settings: text,
        createdAt: ctx.now(),
      })
      await record(ctx, db, {
        cause,
        directoryId: id,
        kind: 'directory.created',
        subjectId: id,
        detail: { after: { name, provider, ...settings } },
      })
    } else {
      await updateDirectory(db, present.id, { provider, settings: text }, ctx.now())
      await record(ctx, db, {
        cause,
        directoryId: present.id,
        kind: 'directory.updated',
        subjectId: present.id,
        detail: {
          before: { provider: present.provider, ...directorySettings(present.settings) },
          after: { provider, ...settings },
        },
      })
    }
  }
}
