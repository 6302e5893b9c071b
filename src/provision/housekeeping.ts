import type { Context } from '../context.ts'
import { forgetExpired, hasExpired } from '../store/clients.ts'
import { usersWithDueDecisions } from '../store/decisions.ts'
import { deletePlans, plansBefore } from '../store/plans.ts'
import { forgetLosses, hasOldLosses } from '../store/losses.ts'
import { createRecompute, decisionsWait } from '../store/recomputes.ts'
import { touchTokens } from '../store/tokens.ts'
import type { Authenticator } from './authenticate.ts'
import { LONGEST_WINDOW_MS } from './brake.ts'
import { forgetHistory } from './history.ts'
import { plansAreKeptSince } from './plan.ts'
import { flushQuirks } from './quirks.ts'
import type { BackgroundWork } from './recompute.ts'
import { recordQuietly } from './record.ts'
import type { Db } from '../store/db.ts'

const EVERY_MS = 10_000

/** Decisions that are queued at a time because an override or a grant has run out. */
const DUE_AT_ONCE = 10_000

/** An access token is told that it has expired for so long; after that it is not known any longer. */
const KEEP_EXPIRED_MS = 60 * 60 * 1000

/**
 * Does what time alone makes necessary: notes the last use of tokens and the habits of clients, takes away access tokens
 * that have expired, plans that are old and losses that count no longer, forgets what history need not know any longer, and decides again where
 * something has run out.
 *
 * @param historyDays for how many days what stood once is kept
 */
export function startHousekeeping(
  ctx: Context,
  authenticator: Authenticator,
  historyDays: number,
): BackgroundWork {
  const round = async (): Promise<void> => {
    await flushQuirks(ctx)
    await forgetHistory(ctx, historyDays)
    const uses = authenticator.takeUses()
    // While others wait, so would these, again and again: they are taken up afterwards.
    const waiting = await decisionsWait(ctx.engine.read)
    const due = waiting ? [] : await usersWithDueDecisions(ctx.engine.read, ctx.now(), DUE_AT_ONCE)
    const expiredBefore = new Date(Date.parse(ctx.now()) - KEEP_EXPIRED_MS).toISOString()
    const expired = await hasExpired(ctx.engine.read, expiredBefore)
    const oldPlans = await plansBefore(ctx.engine.read, plansAreKeptSince(ctx))
    const countedSince = new Date(Date.parse(ctx.now()) - LONGEST_WINDOW_MS).toISOString()
    const oldLosses = await hasOldLosses(ctx.engine.read, countedSince)
    if (uses.size === 0 && due.length === 0 && oldPlans.length === 0 && !expired && !oldLosses) return
    await ctx.engine.write(async (db) => {
      await deletePlans(db, oldPlans)
      await touchTokens(db, uses)
      if (oldLosses) await forgetLosses(db, countedSince)
      if (expired) await forgetTokens(ctx, db, expiredBefore)
      if (due.length === 0) return
      await createRecompute(db, { cause: 'time', createdAt: ctx.now(), scope: { kind: 'users', seqs: due } })
    })
  }
  let running = Promise.resolve()
  const timer = setInterval(() => {
    running = running.then(round).catch((error: unknown) => {
      ctx.log.error({ err: error }, 'housekeeping failed; it is tried again')
    })
  }, EVERY_MS)
  return {
    async stop() {
      clearInterval(timer)
      await running
      await round()
    },
  }
}

async function forgetTokens(ctx: Context, db: Db, expiredBefore: string): Promise<void> {
  const tokens = await forgetExpired(db, expiredBefore)
  if (tokens.length === 0) return
  await recordQuietly(ctx, db, {
    cause: { actor: 'system', requestId: ctx.newRequestId() },
    directoryId: null,
    kind: 'token.forgotten',
    subjectId: 'expired',
    detail: { tokens },
  })
}
