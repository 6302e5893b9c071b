import { createHash, hash } from 'node:crypto'
import type { AuditKeys } from '../audit-keys.ts'
import type { AuditContent, MarkedEntry } from '../store/audit.ts'
import type { Seal } from '../store/audit-seals.ts'

/**
 * How the audit is chained.
 *
 * Each entry has a mark when it is written: a keyed hash of what it says. Nobody waits for anybody for it. Soon
 * afterwards entries are sealed in blocks, in the order of their numbers: the head of a block is a hash over its entries
 * and the head of the block before, and it is signed. Who has the database but not the key can change nothing without
 * a trace; who has the key too cannot change what a signed head outside the database (a checkpoint) tells of.
 */

/**
 * The mark of an entry: random letters, and a keyed hash of them and of what the entry says. Without them, two entries of
 * one request that say the same could not be told from one that was put in twice.
 *
 * @param random at least {@link RANDOM} letters
 */
export function markOf(keys: Pick<AuditKeys, 'mark'>, entry: AuditContent, random: string): string {
  const letters = random.slice(0, RANDOM)
  return letters + keys.mark(letters + markedText(entry))
}

/** Random letters of a mark: 48 bits. */
const RANDOM = 8

/** The text of an entry that its mark is made of: all but its number, which nobody knows before it is written. */
const markedText = (entry: AuditContent): string =>
  JSON.stringify([
    entry.at,
    entry.actor,
    entry.requestId,
    entry.directoryId,
    entry.action,
    entry.subjectId,
    entry.detail,
  ])

/**
 * Whether an entry has the mark of this installation. One from before there were marks has none: nothing in a database
 * can tell it from one that somebody without the key has put there, so nothing vouches for it.
 */
export const isGenuine = (keys: Pick<AuditKeys, 'mark'>, entry: MarkedEntry): boolean =>
  entry.mac === markOf(keys, entry, entry.mac)

/** What the first block follows. */
export const GENESIS = { block: 0, lastSeq: 0, entries: 0, head: '' } as const

/** The end of a chain: the next block begins here. */
export type ChainEnd = Pick<Seal, 'block' | 'lastSeq' | 'entries' | 'head'>

/** A block before it is signed. */
export type Block = Omit<Seal, 'at' | 'signature'>

/** A block that is being put together. */
export interface OpenBlock {
  /** @param genuine whether it has the mark of this installation */
  add(entry: MarkedEntry, genuine: boolean): void
  close(): Block
}

/** Begins the block that follows the end of a chain; entries are added in the order of their numbers. */
export function openBlock(previous: ChainEnd): OpenBlock {
  const block = previous.block + 1
  const chained = createHash('sha256').update(`${previous.head}\n${block}\n`)
  const suspects: number[] = []
  const listing: string[] = []
  let lastSeq = previous.lastSeq
  return {
    add(entry, genuine) {
      const digest = hashOf(entry)
      chained.update(`${entry.seq} ${digest}\n`)
      listing.push(`${entry.seq} ${beginning(digest)}`)
      if (!genuine) suspects.push(entry.seq)
      lastSeq = entry.seq
    },
    close() {
      const told = JSON.stringify(suspects)
      return {
        block,
        lastSeq,
        entries: previous.entries + listing.length,
        suspects: told,
        listing: listing.join('\n'),
        head: chained.update(told).digest('base64url'),
      }
    },
  }
}

/** The beginning of an entry's hash, as a listing shows it. */
export const beginningOf = (entry: MarkedEntry): string => beginning(hashOf(entry))

/** Enough to know an entry again; what is proved is proved by the head. */
const beginning = (digest: string): string => digest.slice(0, 12)

const hashOf = (entry: MarkedEntry): string =>
  hash('sha256', `${markedText(entry)}\n${entry.mac}`, 'base64url')

/** What is signed of a block. */
export const sealedText = ({
  block,
  lastSeq,
  entries,
  head,
  at,
}: Omit<Checkpoint, 'publicKey' | 'signature'>): string =>
  `signalbox audit\n${block}\n${lastSeq}\n${entries}\n${head}\n${at}`

/** The end of the chain at a moment, signed: what is kept outside the database. */
export interface Checkpoint {
  readonly block: number
  /** The number of the last entry. */
  readonly lastSeq: number
  readonly entries: number
  readonly head: string
  readonly at: string
  readonly publicKey: string
  readonly signature: string
}

/** A seal as a checkpoint. */
export const toCheckpoint = (seal: Seal, { publicKey }: Pick<AuditKeys, 'publicKey'>): Checkpoint => ({
  block: seal.block,
  lastSeq: seal.lastSeq,
  entries: seal.entries,
  head: seal.head,
  at: seal.at,
  publicKey,
  signature: seal.signature,
})
