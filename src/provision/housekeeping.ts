import type { Context } from '../context.ts'
import { usersWithDueDecisions } from '../store/decisions.ts'
import { createRecompute } from '../store/recomputes.ts'
import { touchTokens } from '../store/tokens.ts'
import type { Authenticator } from './authenticate.ts'
import { flushQuirks } from './quirks.ts'
import type { BackgroundWork } from './recompute.ts'

const EVERY_MS = 10_000

/** Decisions that are queued at a time because an override or a grant has run out. */
const DUE_AT_ONCE = 10_000

/**
 * Does what time alone makes necessary: notes the last use of tokens and the habits of clients, and decides again where
 * something has run out.
 */
export function startHousekeeping(ctx: Context, authenticator: Authenticator): BackgroundWork {
  const round = async (): Promise<void> => {
    await flushQuirks(ctx)
    const uses = authenticator.takeUses()
    const due = await usersWithDueDecisions(ctx.engine.read, ctx.now(), DUE_AT_ONCE)
    if (uses.size === 0 && due.length === 0) return
    await ctx.engine.write(async (db) => {
      await touchTokens(db, uses)
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
