import type { Context } from '../context.ts'
import { decidedWays } from '../store/decisions.ts'
import { countUsers, listDirectories } from '../store/directories.ts'
import { decisionsWait } from '../store/recomputes.ts'
import { checked, previewConfiguration } from './configuration.ts'
import { compile, inForce } from './in-force.ts'
import { judged } from './judged.ts'
import { lint, type Finding } from './lints.ts'
import { compareForEverybody } from './population.ts'
import type { Progress } from './redefine.ts'
import { countUsage } from './usage.ts'

export interface Linting {
  readonly findings: readonly Finding[]
  /** The revision in force. */
  readonly revision: number
  /** Whether who ends where may lag. */
  readonly recomputing: boolean
}

/** What may not be meant in the configuration in force; who ends where is known from the stored decisions. */
export async function lintInForce(ctx: Context): Promise<Linting> {
  return ctx.engine.snapshot(async (db) => {
    const present = await inForce(ctx, db)
    const usage = countUsage()
    for (const { connection, role, environment, value } of await decidedWays(db)) {
      usage.add(connection, {
        role: role === null ? null : { name: role },
        environment: environment === null ? null : { connection: environment, value },
      })
    }
    const directories = await listDirectories(db)
    // Every directory is in the document that `export` writes.
    const config = { ...present.config, directories: [] }
    return {
      findings: lint({
        ...(await judged(ctx, db, { config, model: present.model }, directories)),
        usage: usage.counted(await countUsers(db)),
      }),
      revision: present.revision,
      recomputing: await decisionsWait(db),
    }
  })
}

/**
 * What may not be meant in a document that is not in force, judged by everybody as they would be decided under it.
 *
 * @param progress told how many people have been decided
 * @throws Problem 422 with one entry per wrong place
 */
export async function lintDocument(ctx: Context, document: unknown, progress: Progress): Promise<Linting> {
  const written = checked(document)
  return ctx.engine.snapshot(async (db) => {
    const { present, directories, directoryChanges } = await previewConfiguration(ctx, db, written)
    const planned = compile(written.config, written.document)
    const usage = countUsage()
    const total = await countUsers(db)
    const visit = async (_: unknown, done: number): Promise<void> => progress(done, Math.max(done, total))
    await compareForEverybody(ctx, db, { present: planned, planned }, visit, usage)
    const all = [...directories, ...directoryChanges.filter((one) => one.present === undefined)]
    return {
      findings: lint({
        ...(await judged(ctx, db, planned, all)),
        usage: usage.counted(total),
      }),
      revision: present.revision,
      recomputing: false,
    }
  })
}
