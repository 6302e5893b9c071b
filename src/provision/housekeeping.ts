import type { Context } from '../context.ts'
import { forgetExpired, hasExpired } from '../store/clients.ts'
import { usersWithDueDecisions } from '../store/decisions.ts'
import { deletePlans, plansBefore } from '../store/plans.ts'
import { forgetLosses, hasOldLosses } from '../store/losses.ts'
import { createRecompute, decisionsWait } from '../store/recomputes.ts'
import { touchTokens } from '../store/tokens.ts'
import { forgetTombstones, hasTombstones } from '../store/tombstones.ts'
import type { Authenticator } from './authenticate.ts'
import { LONGEST_WINDOW_MS } from './brake.ts'
import { forgetHistory } from './history.ts'
import { plansAreKeptSince } from './plan.ts'
import { flushQuirks } from './quirks.ts'
import type { BackgroundWork } from './recompute.ts'
import { recordQuietly } from './record.ts'
import type { Db } from '../store/db.ts'

const EVERY_MS = 10_000

/** Decisions that are queued at a time because a rule, a grant or an override has begun or run out. */
const DUE_AT_ONCE = 10_000

/** An access token is told that it has expired for so long; after that it is not known any longer. */
const KEEP_EXPIRED_MS = 60 * 60 * 1000

/** Deleted users that are forgotten at a time. */
const FORGOTTEN_AT_ONCE = 1000

const DAY_MS = 24 * 60 * 60 * 1000

/** How long something is kept that nobody uses any longer. */
export interface Keeping {
  /** Days for which what stood once is kept. */
  readonly historyDays: number
  /** Days for which a deleted user is remembered, in case the person comes back. */
  readonly tombstoneDays: number
}

/**
 * Does what time alone makes necessary: notes the last use of tokens and the habits of clients, takes away access tokens
 * that have expired, plans that are old and losses that count no longer, forgets what history need not know any longer and
 * users who were deleted long ago, and decides again where something has run out.
 */
export function startHousekeeping(
  ctx: Context,
  authenticator: Authenticator,
  { historyDays, tombstoneDays }: Keeping,
): BackgroundWork {
  const round = async (): Promise<void> => {
    await flushQuirks(ctx)
    await forgetHistory(ctx, historyDays)
    await forgetDeleted(ctx, tombstoneDays)
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

async function forgetDeleted(ctx: Context, days: number): Promise<void> {
  const before = new Date(Date.parse(ctx.now()) - days * DAY_MS).toISOString()
  if (!(await hasTombstones(ctx.engine.read, before))) return
  await ctx.engine.write((db) => forgetTombstones(db, before, FORGOTTEN_AT_ONCE))
}
