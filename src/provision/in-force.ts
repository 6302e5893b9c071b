import { createRegistry, type Registry } from '../../schemas/registry.ts'
import { parseConfig, type Config } from '../../schemas/config.ts'
import { userExtensions } from '../../schemas/user-extensions.ts'
import type { Context } from '../context.ts'
import { compileModel, type AccessModel } from '../resolve/model.ts'
import { latestRevision, latestRevisionId } from '../store/revisions.ts'
import type { Db } from '../store/db.ts'

/** The configuration in force, made ready: what SCIM may say, and how access is decided. */
export interface InForce {
  /** 0: none was applied yet. */
  readonly revision: number
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
  const revision = await latestRevisionId(db)
  const last = known.get(ctx.engine)
  if (last?.inForce.revision === revision) {
    last.lookedAt = performance.now()
    return last.inForce
  }
  const stored = revision === 0 ? undefined : await latestRevision(db)
  return adopt(ctx, prepare(stored?.id ?? 0, stored === undefined ? {} : JSON.parse(stored.document)))
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

/** Makes a stored document ready. It was checked when it was applied, so what is wrong now is an error of ours. */
function prepare(revision: number, document: unknown): InForce {
  const parsed = parseConfig(document)
  if (!parsed.ok) throw new Error(`revision ${revision} cannot be read: ${JSON.stringify(parsed.errors[0])}`)
  return compile(revision, parsed.config, document as object)
}

/** Makes a configuration ready under the number that it has, or would have. */
export function compile(revision: number, config: Config, document: object): InForce {
  const registry = createRegistry(userExtensions(config))
  const environments = new Set(
    config.connections.flatMap((one) => one.environments.map((to) => to.connection)),
  )
  return {
    revision,
    config,
    document,
    registry,
    model: compileModel(config, revision, registry.resourceType('User')),
    decided: config.connections.map((one) => one.name).filter((name) => !environments.has(name)),
  }
}
