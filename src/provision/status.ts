import { readFileSync } from 'node:fs'
import type { Context } from '../context.ts'
import { countOpenAlarms } from '../store/alarms.ts'
import { listAudit } from '../store/audit.ts'
import { feedPosition } from '../store/changes.ts'
import { countResources } from '../store/directories.ts'
import { countHeld } from '../store/holds.ts'
import { pendingRecomputes } from '../store/recomputes.ts'
import { latestRevisionId } from '../store/revisions.ts'
import { listTokens } from '../store/tokens.ts'
import { listDirectories, type DirectoryView } from './directories.ts'

export interface Status {
  readonly version: string
  readonly engine: 'sqlite' | 'postgres'
  readonly revision: number
  readonly position: number
  readonly directories: (DirectoryView & {
    readonly users: number
    readonly groups: number
    /** When its identity provider was here last, changed something or not. */
    readonly lastRequestAt: string | null
    /** When something of it changed last. */
    readonly lastChangeAt: string | null
  })[]
  /** Alarms that no administrator has dealt with. */
  readonly openAlarms: number
  /** People whose access stays as it was. */
  readonly held: number
  readonly recomputing: readonly {
    readonly id: number
    /** What is recomputed of so many people: their decisions, or their documents by which filters compare. */
    readonly what: 'decisions' | 'documents'
    /** The attributes by which no filter compares meanwhile, where it is documents. */
    readonly attributes: readonly string[]
    readonly cause: string
    readonly createdAt: string
    readonly done: number
    readonly total: number
  }[]
}

/** What is here, and what is still being worked off. */
export async function readStatus(ctx: Context): Promise<Status> {
  const db = ctx.engine.read
  const { directories } = await listDirectories(ctx, { limit: 1000 })
  const jobs = await pendingRecomputes(db)
  return {
    version: VERSION,
    engine: ctx.engine.name,
    revision: await latestRevisionId(db),
    position: await feedPosition(db),
    directories: await Promise.all(
      directories.map(async (one) => {
        const [change] = await listAudit(db, { directoryId: one.id, limit: 1 })
        const uses = (await listTokens(db, { directoryId: one.id, limit: 100 })).map(
          (token) => token.lastUsedAt,
        )
        return {
          ...one,
          ...(await countResources(db, one.id)),
          lastRequestAt: uses.reduce(
            (last, at) => (at !== null && (last === null || at > last) ? at : last),
            null,
          ),
          lastChangeAt: change?.at ?? null,
        }
      }),
    ),
    openAlarms: await countOpenAlarms(db),
    held: await countHeld(db),
    recomputing: jobs.map(({ id, scope, attributes, cause, createdAt, done, total }) => ({
      id,
      what: scope === 'documents' ? 'documents' : 'decisions',
      attributes,
      cause,
      createdAt,
      done,
      total,
    })),
  }
}

/** Whether the store answers. */
export async function isReady(ctx: Context): Promise<boolean> {
  return latestRevisionId(ctx.engine.read).then(
    () => true,
    () => false,
  )
}

/** The version of this program. */
export const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }
