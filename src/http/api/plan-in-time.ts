import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../../context.ts'
import type { Cause } from '../../provision/cause.ts'
import { beginPlan, readPlan, type Plan, type PlanOptions } from '../../provision/plan.ts'

/**
 * Begins a plan and waits for it, as far as it is by then.
 *
 * @throws Problem 422 with one entry per wrong place
 */
export async function planInTime(
  ctx: Context,
  cause: Cause,
  document: unknown,
  seconds: number,
  options: PlanOptions = {},
): Promise<Plan> {
  const { id, ended } = await beginPlan(ctx, cause, document, options)
  const given = new AbortController()
  await Promise.race([ended, sleep(seconds * 1000, undefined, { signal: given.signal }).catch(() => {})])
  given.abort()
  return readPlan(ctx, id)
}
