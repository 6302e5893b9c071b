import { LRUCache } from 'lru-cache'
import { createRegistry, type Registry } from '../../schemas/registry.ts'
import { parseConfig, type Config } from '../../schemas/config.ts'
import { userExtensions } from '../../schemas/user-extensions.ts'
import type { Context } from '../context.ts'
import { compileModel, type AccessModel } from '../resolve/model.ts'
import {
  latestRevision,
  latestRevisionStamp,
  readRevision,
  revisionStampAt,
  type Revision,
} from '../store/revisions.ts'
import type { Db } from '../store/db.ts'

/** The configuration in force, made ready: what SCIM may say, and how access is decided. */
export interface InForce {
  /** 0: none was applied yet. */
  readonly revision: number
  /** When the revision was applied; empty before the first. */
  readonly since: string
  readonly config: Config
  /** The configuration as it was written, without what stands in it by default. */
  readonly document: object
  readonly registry: Registry
  readonly model: AccessModel
  /** Connections on which everybody's decision is stored: those that are not an environment of another one. */
  readonly decided: readonly string[]
}

/** What was in force at the last look, per store. */
const known = new WeakMap<Context['engine'], { inForce: InForce; lookedAt: number }>()

/** How long a request may be read by what was in force a moment ago: another process's change is seen within it. */
const LOOK_AGAIN_MS = 1000

/** What is in force in this unit of work. */
export async function inForce(ctx: Context, db: Db): Promise<InForce> {
  const stamp = await latestRevisionStamp(db)
  const last = known.get(ctx.engine)
  if (
    last !== undefined &&
    last.inForce.revision === (stamp?.id ?? 0) &&
    last.inForce.since === (stamp?.createdAt ?? '')
  ) {
    last.lookedAt = performance.now()
    return last.inForce
  }
  const stored = stamp && (await latestRevision(db))
  return adopt(ctx, prepare(stored ?? NONE))
}

/** What is in force, or was a moment ago: for reading requests, where a decision does not hang on it. */
export async function recentlyInForce(ctx: Context): Promise<InForce> {
  const last = known.get(ctx.engine)
  if (last !== undefined && performance.now() - last.lookedAt < LOOK_AGAIN_MS) return last.inForce
  return inForce(ctx, ctx.engine.read)
}

/** Makes what was committed the one that requests are read by from now on. */
export function adopt(ctx: Context, inForce: InForce): InForce {
  known.set(ctx.engine, { inForce, lookedAt: performance.now() })
  return inForce
}

/** What was in force at moments that were asked about, per store. */
const remembered = new WeakMap<Context['engine'], LRUCache<string, InForce>>()

/** How many revisions of the past are kept ready. */
const REMEMBERED = 10

/** What was in force at a moment. */
export async function inForceAt(ctx: Context, db: Db, at: string): Promise<InForce> {
  const revision = (await revisionStampAt(db, at)) ?? NONE
  const present = await inForce(ctx, db)
  if (present.revision === revision.id && present.since === revision.createdAt) return present
  let past = remembered.get(ctx.engine)
  if (past === undefined) remembered.set(ctx.engine, (past = new LRUCache({ max: REMEMBERED })))
  const key = `${revision.id} ${revision.createdAt}`
  let ready = past.get(key)
  if (ready === undefined) {
    const stored = revision === NONE ? NONE : await readRevision(db, revision.id)
    past.set(key, (ready = prepare(stored ?? NONE)))
  }
  return ready
}

/** What is in force before anything was applied. */
const NONE = { id: 0, createdAt: '', document: '{}' }

/** Makes a stored document ready. It was checked when it was applied, so what is wrong now is an error of ours. */
function prepare({ id, createdAt, document }: Omit<Revision, 'actor'>): InForce {
  const written = JSON.parse(document) as object
  const parsed = parseConfig(written)
  if (!parsed.ok) throw new Error(`revision ${id} cannot be read: ${JSON.stringify(parsed.errors[0])}`)
  return compile(parsed.config, written, { revision: id, since: createdAt })
}

/** Makes a configuration ready: the one of a revision, or one that is none yet. */
export function compile(
  config: Config,
  document: object,
  { revision, since }: Pick<InForce, 'revision' | 'since'> = { revision: 0, since: '' },
): InForce {
  const registry = createRegistry(userExtensions(config))
  const environments = new Set(
    config.connections.flatMap((one) => one.environments.map((to) => to.connection)),
  )
  return {
    revision,
    since,
    config,
    document,
    registry,
    model: compileModel(config, revision, registry.resourceType('User')),
    decided: config.connections.map((one) => one.name).filter((name) => !environments.has(name)),
  }
}
