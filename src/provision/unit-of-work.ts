import type { Context } from '../context.ts'
import type { Db } from '../store/db.ts'
import { inForce, type InForce } from './in-force.ts'

/** Runs a change of facts as one unit of work, under rules that nobody changes meanwhile. */
export function changeFacts<T>(ctx: Context, work: (db: Db, rules: InForce) => Promise<T>): Promise<T> {
  return ctx.engine.write(async (db) => {
    await ctx.engine.dialect.lockModel(db, 'shared')
    return work(db, await inForce(ctx, db))
  })
}
