import { isDeepStrictEqual } from 'node:util'
import { parseConfig, type Config } from '../../schemas/config.ts'
import { createRegistry, type Registry } from '../../schemas/registry.ts'
import { userExtensions } from '../../schemas/user-extensions.ts'
import type { Context } from '../context.ts'
import { checkFilters } from '../resolve/check-filters.ts'
import { fold } from '../scim/fold.ts'
import { keepDecisionsOf } from '../store/decisions.ts'
import { findDirectory, insertDirectory, listDirectories, updateDirectory } from '../store/directories.ts'
import { createRecompute } from '../store/recomputes.ts'
import { insertRevision } from '../store/revisions.ts'
import { bindFreedNames, bindNames } from './bind-names.ts'
import type { Cause } from './cause.ts'
import { directorySettings, forgetSettings } from './directory-settings.ts'
import { adopt, compile, inForce, type InForce } from './in-force.ts'
import { placesWithoutDirectory, unknownDirectories, warningsAbout } from './config-places.ts'
import { Problem, type Fault } from './problem.ts'
import { record } from './record.ts'
import { cleanUp, prepareFor, settle, type Prepared, type Progress } from './redefine.ts'
import type { Db } from '../store/db.ts'

/** One thing that an application made different. */
export interface ConfigChange {
  readonly change: 'added' | 'changed' | 'removed'
  /** `directory`, `role`, `connection` … */
  readonly kind: string
  readonly name: string
}

export interface Applied {
  readonly revision: number
  readonly changes: readonly ConfigChange[]
  /** What was done as it was written, and may not be what was meant. */
  readonly warnings: readonly Fault[]
}

/**
 * Makes a document the configuration in force. It is whole: what it leaves out is removed, but for directories, which
 * own people and are only added and changed.
 *
 * The decisions behind it are recomputed afterwards; reads go by it at once.
 *
 * @param progress told how many users have been looked through, where attributes are defined anew
 * @throws Problem 422 with one entry per wrong place, and per attribute that cannot be held unique; 409 when another one
 * is being applied that defines attributes anew
 */
export async function applyConfiguration(
  ctx: Context,
  cause: Cause,
  document: unknown,
  progress?: Progress,
): Promise<Applied> {
  const { config, document: written } = checked(document)
  const prepared = await prepareFor(ctx, compile(config, written), progress)
  try {
    const { next, changes, warnings } = await ctx.engine.write(async (db) => {
      await ctx.engine.dialect.lockModel(db, 'exclusive')
      const present = await inForce(ctx, db)
      const changes = [
        ...(await applyDirectories(ctx, db, cause, config)),
        ...changesBetween(present.config, config),
      ]
      const directories = await listDirectories(db)
      const wrong = [
        ...unknownDirectories(config, directories),
        ...(directories.length > 1 ? placesWithoutDirectory(config) : []),
      ]
      if (wrong.length > 0) throw refusal(wrong)
      if (changes.length === 0) await bindFreedNames(ctx, db, present)
      const next =
        changes.length === 0
          ? present
          : await putInForce(ctx, db, cause, { config, document: written }, { changes, present, prepared })
      return { next, changes, warnings: await warningsAbout(db, config, directories) }
    })
    adopt(ctx, next)
    forgetSettings(ctx)
    return { revision: next.revision, changes, warnings }
  } finally {
    await cleanUp(ctx, prepared)
  }
}

/** The configuration in force as a document that can be applied again, with every directory there is. */
export async function exportConfiguration(ctx: Context): Promise<object> {
  return ctx.engine.snapshot(async (db) => {
    const { document } = await inForce(ctx, db)
    const directories = await listDirectories(db)
    return {
      ...document,
      directories: directories.map(({ name, provider, settings }) => ({
        name,
        provider,
        ...directorySettings(settings),
      })),
    }
  })
}

/** A configuration with the document that it was read from. */
type Written = Pick<InForce, 'config' | 'document'>

function checked(document: unknown): Written {
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
  readonly changes: readonly ConfigChange[]
  readonly present: InForce
  readonly prepared: Prepared
}

async function putInForce(
  ctx: Context,
  db: Db,
  cause: Cause,
  { config, document }: Written,
  { changes, present, prepared }: Before,
): Promise<InForce> {
  const now = ctx.now()
  const revision = await insertRevision(db, {
    createdAt: now,
    actor: cause.actor,
    document: JSON.stringify(document),
  })
  const next = compile(config, document, { revision, since: now })
  const faults = await settle(ctx, db, { present, next }, prepared)
  if (faults.length > 0) throw refusal(faults)
  await bindNames(db, next)
  await keepDecisionsOf(db, next.decided)
  await createRecompute(db, { cause: `revision ${revision}`, createdAt: now, scope: { kind: 'all' } })
  await record(ctx, db, {
    cause,
    directoryId: null,
    kind: 'model.applied',
    subjectId: String(revision),
    payload: { revision, changes },
  })
  return next
}

async function applyDirectories(ctx: Context, db: Db, cause: Cause, config: Config): Promise<ConfigChange[]> {
  const changes: ConfigChange[] = []
  for (const { name, provider, ...settings } of config.directories) {
    const nameKey = fold(name)
    const present = await findDirectory(db, '', nameKey)
    if (present === undefined) {
      const id = ctx.newId()
      const text = JSON.stringify(settings)
      await insertDirectory(db, { id, name, nameKey, provider, settings: text, createdAt: ctx.now() })
      await record(ctx, db, {
        cause,
        directoryId: id,
        kind: 'directory.created',
        subjectId: id,
        detail: { after: { name, provider, ...settings } },
      })
      changes.push({ change: 'added', kind: 'directory', name })
    } else if (
      present.provider !== provider ||
      !isDeepStrictEqual(directorySettings(present.settings), settings)
    ) {
      await updateDirectory(db, present.id, { provider, settings: JSON.stringify(settings) })
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
      changes.push({ change: 'changed', kind: 'directory', name })
    }
  }
  return changes
}

/** The sections whose entries have a name of their own, and what one entry is called. */
const NAMED = [
  ['extensions', 'extension', 'urn'],
  ['userAttributes', 'user attribute', 'reference'],
  ['roles', 'role', 'name'],
  ['connections', 'connection', 'name'],
  ['models', 'model', 'name'],
  ['rules', 'rule', 'name'],
] as const

/** The sections that are compared as a whole. */
const WHOLE = [
  ['userAttributeAliases', 'user attribute aliases'],
  ['roleOrder', 'order of roles'],
  ['grants', 'direct grants'],
  ['overrides', 'overrides'],
] as const

function changesBetween(before: Config, after: Config): ConfigChange[] {
  return [
    ...NAMED.flatMap(([section, kind, key]) => {
      const byName = (entries: readonly object[]) =>
        new Map(entries.map((entry) => [String((entry as Record<string, unknown>)[key]), entry]))
      return changesIn(kind, byName(before[section]), byName(after[section]))
    }),
    ...NAMED.flatMap(([section, kind, key]) => orderChange(kind, key, before[section], after[section])),
    ...WHOLE.flatMap(([section, kind]): ConfigChange[] =>
      isDeepStrictEqual(before[section], after[section])
        ? []
        : [{ change: changeOf(before[section], after[section]), kind, name: '' }],
    ),
  ]
}

function changeOf(before: object, after: object): ConfigChange['change'] {
  if (Object.keys(before).length === 0) return 'added'
  return Object.keys(after).length === 0 ? 'removed' : 'changed'
}

function changesIn(kind: string, before: Map<string, object>, after: Map<string, object>): ConfigChange[] {
  return [
    ...[...after].flatMap(([name, entry]): ConfigChange[] => {
      const last = before.get(name)
      if (last === undefined) return [{ change: 'added', kind, name }]
      return isDeepStrictEqual(last, entry) ? [] : [{ change: 'changed', kind, name }]
    }),
    ...[...before.keys()]
      .filter((name) => !after.has(name))
      .map((name): ConfigChange => ({ change: 'removed', kind, name })),
  ]
}

/** Order decides (the first rule wins, the first environment wins), so a new order of the same entries is a change. */
function orderChange(
  kind: string,
  key: string,
  before: readonly object[],
  after: readonly object[],
): ConfigChange[] {
  const names = (entries: readonly object[]) =>
    entries.map((entry) => (entry as Record<string, unknown>)[key])
  const [was, is] = [names(before), names(after)]
  const same = was.length === is.length && was.every((name) => is.includes(name))
  return same && !isDeepStrictEqual(was, is)
    ? [{ change: 'changed', kind: `order of ${kind}s`, name: '' }]
    : []
}
