import { readFileSync } from 'node:fs'
import type { Context } from '../context.ts'
import { feedPosition } from '../store/changes.ts'
import { countResources } from '../store/directories.ts'
import { pendingRecomputes } from '../store/recomputes.ts'
import { latestRevisionId } from '../store/revisions.ts'
import { listDirectories, type DirectoryView } from './directories.ts'

export interface Status {
  readonly version: string
  readonly engine: 'sqlite' | 'postgres'
  readonly revision: number
  readonly position: number
  readonly directories: (DirectoryView & { users: number; groups: number })[]
  readonly recomputing: { id: number; cause: string; createdAt: string; done: number; total: number }[]
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
      directories.map(async (one) => ({ ...one, ...(await countResources(db, one.id)) })),
    ),
    recomputing: jobs.map(({ id, cause, createdAt, done, total }) => ({ id, cause, createdAt, done, total })),
  }
}

/** Whether the store answers. */
export async function isReady(ctx: Context): Promise<boolean> {
  return latestRevisionId(ctx.engine.read).then(
    () => true,
    () => false,
  )
}

const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }
