import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { insertSeal, lastSeal, type Seal } from '../store/audit-seals.ts'
import { nextEntries } from '../store/audit-walk.ts'
import { GENESIS, isGenuine, openBlock, sealedText, type Block, type ChainEnd } from './audit-block.ts'

/** How long somebody who asks waits for those who are writing to the audit. */
const PATIENCE_MS = 2000

const LOOK_AGAIN_MS = 20

/**
 * Seals the entries that have been written, and returns the last seal; undefined while there is no entry. Entries that
 * have not the mark of this installation are named in the seal as suspects: it does not vouch for them.
 *
 * No entry is sealed while one with a lower number may still appear. Who is writing when this is asked is waited for;
 * where that takes longer than `patienceMs`, nothing new is sealed, and the next one who asks does it.
 */
export async function sealAudit(
  ctx: Context,
  patienceMs: number = PATIENCE_MS,
  signal?: AbortSignal,
): Promise<Seal | undefined> {
  const settled = await settle(ctx, patienceMs, signal)
  for (;;) {
    const last = await lastSeal(ctx.engine.read)
    const block = settled === undefined ? undefined : await nextBlock(ctx, last ?? GENESIS, settled)
    if (block === undefined) return last
    const unsigned = { ...block, at: ctx.now() }
    const seal = { ...unsigned, signature: ctx.audit.sign(sealedText(unsigned)) }
    // Where another process has just sealed this block, the next one begins where that ends.
    await ctx.engine.write((db) => insertSeal(db, seal))
  }
}

/** The number up to which no entry can still appear; undefined when somebody writes for longer than we wait. */
async function settle(
  { engine }: Context,
  patienceMs: number,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const { dialect, read } = engine
  const { seq, writers } = await dialect.lastDrawn(read, 'audit')
  const end = performance.now() + patienceMs
  while (await dialect.stillWriting(read, 'audit', writers)) {
    if (signal?.aborted === true || performance.now() > end) return undefined
    await sleep(LOOK_AGAIN_MS)
  }
  return seq
}

async function nextBlock(ctx: Context, previous: ChainEnd, upTo: number): Promise<Block | undefined> {
  const { read } = ctx.engine
  const entries = await nextEntries(read, { after: previous.lastSeq, upTo })
  if (entries.length === 0) return undefined
  const block = openBlock(previous)
  const suspects: number[] = []
  for (const entry of entries) {
    const genuine = isGenuine(ctx.audit, entry)
    if (!genuine) suspects.push(entry.seq)
    block.add(entry, genuine)
  }
  if (suspects.length > 0) {
    const told = { from: suspects[0], to: suspects.at(-1), entries: suspects.length }
    ctx.log.error(told, 'audit entries have not the mark of this installation; they are sealed as suspects')
  }
  return block.close()
}
