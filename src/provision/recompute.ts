import type { Context } from '../context.ts'
import type { Db } from '../store/db.ts'
import {
  advanceRecompute,
  finishRecompute,
  nextChunk,
  pendingRecomputes,
  takeRecompute,
  type Recompute,
} from '../store/recomputes.ts'
import { storeDecisions } from './consequences.ts'
import { giveWay } from './give-way.ts'
import { endEmptyHolds } from './guard.ts'
import type { InForce } from './in-force.ts'
import { prepareAgain } from './prepared-documents.ts'
import { record } from './record.ts'
import { changeFacts, type Unit } from './unit-of-work.ts'

/** People worked on in one unit of work: few enough that a request in between waits a few milliseconds only. */
const CHUNK = 100

/** How often a process looks for work that another one has left. */
const LOOK_EVERY_MS = 1000

/** Work in the background of a server. */
export interface BackgroundWork {
  stop(): Promise<void>
}

/** Keeps working for those who wait, until it is stopped; what it has not done is done after the next start. */
export function startRecomputing(ctx: Context): BackgroundWork {
  let stopped = false
  let wake: () => void = () => {}
  const running = (async () => {
    while (!stopped) {
      const since = performance.now()
      const worked = await recomputeNext(ctx).catch((error: unknown) => {
        ctx.log.error({ err: error }, 'recomputing failed; it is tried again')
        return false
      })
      if (worked) await giveWay(ctx, since)
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, LOOK_EVERY_MS).unref()
        })
      }
    }
  })()
  return {
    async stop() {
      stopped = true
      wake()
      await running
    },
  }
}

/** Does what waits now. */
export async function recomputeAll(
  ctx: Context,
  progress: (done: number, total: number) => void,
): Promise<void> {
  for (;;) {
    const since = performance.now()
    const jobs = await pendingRecomputes(ctx.engine.read)
    if (jobs.length === 0) return
    progress(
      jobs.reduce((sum, job) => sum + job.done, 0),
      jobs.reduce((sum, job) => sum + job.total, 0),
    )
    await recomputeChunk(ctx)
    await giveWay(ctx, since)
  }
}

/** Does the next chunk if somebody waits, and tells whether there was any: looking alone writes nothing. */
async function recomputeNext(ctx: Context): Promise<boolean> {
  return (await pendingRecomputes(ctx.engine.read)).length > 0 && recomputeChunk(ctx)
}

/** Does the next chunk of the next job, and tells whether there was any. */
function recomputeChunk(ctx: Context): Promise<boolean> {
  return changeFacts(ctx, async (ctx, db, rules) => {
    const job = await takeRecompute(db)
    if (job === undefined) return false
    const chunk = await nextChunk(db, job, CHUNK)
    if (chunk === undefined) {
      await finishRecompute(db, job.id)
      if (job.directoryId !== null) await endEmptyHolds(ctx, db, job.directoryId)
      return true
    }
    const { seqs, upTo } = chunk
    await advanceRecompute(db, job.id, upTo, seqs.length)
    if (job.scope === 'documents') await prepareAgain(ctx, db, rules, seqs)
    else await decideFor(ctx, db, rules, job, seqs)
    return true
  })
}

async function decideFor(
  ctx: Unit,
  db: Db,
  rules: InForce,
  { id, cause, directoryId }: Recompute,
  seqs: readonly number[],
): Promise<void> {
  const origin = directoryId === null ? {} : { job: { id, directoryId } }
  const access = await storeDecisions(ctx, db, rules, seqs, origin)
  if (access.length === 0) return
  await record(ctx, db, {
    cause: { actor: 'system', requestId: `recompute-${id}` },
    directoryId: null,
    kind: 'access.changed',
    subjectId: String(id),
    payload: { cause, access },
  })
}
