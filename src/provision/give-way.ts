import type { Context } from '../context.ts'

const LONGEST_PAUSE_MS = 20

/**
 * Lets others come in between two units of work of a long work.
 *
 * Another process that wants to write to a SQLite file looks now and then whether it may: who begins the next unit of
 * work at once would keep it out until it gives up. So the pause is as long as the unit of work was.
 *
 * @param since when the unit of work began, by `performance.now()`
 */
export async function giveWay(ctx: Context, since: number): Promise<void> {
  const pause = ctx.engine.dialect.locksRows ? 0 : Math.min(performance.now() - since, LONGEST_PAUSE_MS)
  await new Promise<void>((resolve) => {
    if (pause === 0) setImmediate(resolve)
    else setTimeout(resolve, pause)
  })
}
