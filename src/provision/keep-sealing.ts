import type { Context } from '../context.ts'
import { lastSeal, sealsOf, type Seal } from '../store/audit-seals.ts'
import { toCheckpoint, type ChainEnd } from './audit-block.ts'
import type { CheckpointFile } from './checkpoint-file.ts'
import type { BackgroundWork } from './recompute.ts'
import { sealAudit } from './seal-audit.ts'

/** How often a process seals what has been written since. */
const EVERY_MS = 5000

/** How often it keeps a checkpoint at most. */
const CHECKPOINT_EVERY_MS = 60_000

/** How long a round waits for those who are writing: longer than a unit of work may take. */
const PATIENCE_MS = 35_000

/**
 * Keeps sealing the audit, and keeps checkpoints outside the database and in the log, until it is stopped.
 *
 * Where several processes serve an installation, one of them seals: the others find that it has just been done.
 */
export function startSealing(ctx: Context, file: CheckpointFile | undefined): BackgroundWork {
  const stopping = new AbortController()
  const keeper = createKeeper(ctx, file)
  /** What this process has seen as the end of the chain. */
  let known: Pick<ChainEnd, 'block' | 'head'> | undefined = file?.last
  let sealedHere: string | undefined

  const seal = async (): Promise<Seal | undefined> => {
    const before = await lastSeal(ctx.engine.read)
    if (known !== undefined) await noticeTampering(ctx, known)
    const isDoneByAnother = before !== undefined && before.head !== sealedHere && isFresh(ctx, before)
    const last = isDoneByAnother ? before : await sealAudit(ctx, PATIENCE_MS, stopping.signal)
    if (last?.head !== before?.head) sealedHere = last?.head
    known = last
    return last
  }
  const withoutFail = async (work: () => Promise<void>): Promise<void> => {
    await work().catch((error: unknown) => {
      ctx.log.error({ err: error }, 'the audit could not be sealed; it is tried again')
    })
  }
  const round = (): Promise<void> =>
    withoutFail(async () => {
      const last = await seal()
      if (last !== undefined) keeper.keepSometimes(last)
    })
  let running = round()
  const timer = setInterval(() => {
    running = running.then(round)
  }, EVERY_MS)
  return {
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await running
      await withoutFail(async () => {
        const last = await sealAudit(ctx)
        if (last !== undefined) keeper.keep(last)
      })
    },
  }
}

const isFresh = (ctx: Context, { at }: Seal): boolean => Date.parse(ctx.now()) - Date.parse(at) < EVERY_MS

/** Says so in the log when a seal is gone, or another one stands in its place. */
async function noticeTampering(ctx: Context, known: Pick<ChainEnd, 'block' | 'head'>): Promise<void> {
  const [present] = await sealsOf(ctx.engine.read, [known.block])
  if (present?.head === known.head) return
  ctx.log.error(
    { block: known.block },
    'the audit is not the one that was sealed here before; `signalbox verify-audit` says more',
  )
}

interface Keeper {
  keep(seal: Seal): void
  /** Not more often than every {@link CHECKPOINT_EVERY_MS}. */
  keepSometimes(seal: Seal): void
}

function createKeeper(ctx: Context, file: CheckpointFile | undefined): Keeper {
  let kept = file?.last?.head
  let keptAt = -Infinity
  const keep = (seal: Seal): void => {
    if (seal.head === kept) return
    const checkpoint = toCheckpoint(seal, ctx.audit)
    ctx.log.info({ checkpoint }, 'audit checkpoint')
    file?.keep(checkpoint)
    kept = seal.head
    keptAt = performance.now()
  }
  return {
    keep,
    keepSometimes(seal) {
      if (performance.now() - keptAt >= CHECKPOINT_EVERY_MS) keep(seal)
    },
  }
}
