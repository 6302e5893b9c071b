import type { Context } from '../context.ts'
import { forgetOutlived, hasOutlived } from '../store/history.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** Rows of each kind that go in one unit of work: few enough that a request in between waits a few milliseconds only. */
const CHUNK = 500

/** Units of work in a row, for whoever calls it to look after other things as well. */
const CHUNKS = 20

/** Forgets what stood once and ended longer ago than so many days; of much a part, and the rest at the next call. */
export async function forgetHistory(ctx: Context, days: number): Promise<void> {
  const horizon = new Date(Date.parse(ctx.now()) - days * DAY_MS).toISOString()
  for (let chunk = 0; chunk < CHUNKS && (await hasOutlived(ctx.engine.read, horizon)); chunk += 1)
    await ctx.engine.write((db) => forgetOutlived(db, horizon, CHUNK))
}
