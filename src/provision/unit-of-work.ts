import type { Context } from '../context.ts'
import type { Db } from '../store/db.ts'
import { inForce, type InForce } from './in-force.ts'

/**
 * Runs a change of facts as one unit of work, under rules that nobody changes meanwhile.
 *
 * @param work the clock of its context stands still: all that it does happens at one moment
 */
export function changeFacts<T>(
  ctx: Context,
  work: (ctx: Context, db: Db, rules: InForce) => Promise<T>,
): Promise<T> {
  return ctx.engine.write(async (db) => {
    await ctx.engine.dialect.lockModel(db, 'shared')
    return work(atOneMoment(ctx), db, await inForce(ctx, db))
  })
}

/**
 * Runs a change of the rules, or of directories, as one unit of work at one moment, while nobody else changes anything
 * that decisions rest on.
 */
export function changeModel<T>(ctx: Context, work: (ctx: Context, db: Db) => Promise<T>): Promise<T> {
  return ctx.engine.write(async (db) => {
    await ctx.engine.dialect.lockModel(db, 'exclusive')
    return work(atOneMoment(ctx), db)
  })
}

function atOneMoment(ctx: Context): Context {
  const at = ctx.now()
  return { ...ctx, now: () => at }
}

/** Who is above whom, as one unit of work sees it. */
export interface Graph {
  /**
   * Says that this work changes the graph, as far as that could not be told beforehand; before anything is decided by
   * it. Where others change facts meanwhile, the work is rolled back and begun anew without them.
   */
  touch(): void
}

/**
 * Runs a change of facts that may change who is above whom. If it does, nobody else changes facts meanwhile: they would
 * decide by the old picture, and this one without their people.
 *
 * @param touchesGraph asked while the graph stands still; an engine with one writer at a time is not asked
 * @param work may run twice, the first time in vain
 */
export async function changeGraph<T>(
  ctx: Context,
  touchesGraph: (db: Db) => Promise<boolean>,
  work: (ctx: Context, db: Db, rules: InForce, graph: Graph) => Promise<T>,
): Promise<T> {
  const { locksRows } = ctx.engine.dialect
  try {
    return await changeFacts(ctx, async (ctx, db, rules) => {
      // Rolled back and begun anew: two who wait for each other to give up the shared lock would wait for ever.
      if (locksRows && (await touchesGraph(db))) throw new GraphTouched()
      return work(ctx, db, rules, locksRows ? SHARED : HELD)
    })
  } catch (error) {
    if (!(error instanceof GraphTouched)) throw error
    return changeModel(ctx, async (ctx, db) => work(ctx, db, await inForce(ctx, db), HELD))
  }
}

class GraphTouched extends Error {}

const SHARED: Graph = {
  touch() {
    throw new GraphTouched()
  },
}

const HELD: Graph = { touch() {} }
