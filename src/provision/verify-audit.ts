import { createSignatureCheck, type AuditKeys } from '../audit-keys.ts'
import type { Context } from '../context.ts'
import { sealsAfter, type Seal } from '../store/audit-seals.ts'
import { auditExtent, walkEntries } from '../store/audit-walk.ts'
import type { MarkedEntry } from '../store/audit.ts'
import type { Db } from '../store/db.ts'
import { GENESIS, isGenuine, openBlock, sealedText, type Block, type ChainEnd } from './audit-block.ts'
import { createFindings, type Finding, type Findings } from './audit-findings.ts'
import { createListingComparison } from './audit-listing.ts'
import type { CheckpointLine } from './checkpoint-file.ts'
import { compareCheckpoints } from './compare-checkpoints.ts'

export { isPublicKey } from '../audit-keys.ts'

/** By what an audit is verified. */
export interface Proof {
  /** Signatures are checked by it. */
  readonly publicKey: string
  /** With it the mark of each entry is checked too. Somebody from outside has not got it, and believes the seals. */
  readonly keys?: Pick<AuditKeys, 'mark'> | undefined
  /** What was kept outside the database. Without it, nobody can tell whether the end was cut off. */
  readonly checkpoints?: AsyncIterable<CheckpointLine> | undefined
}

/** What came of a verification. */
export interface Verdict {
  readonly publicKey: string
  /** Entries that are there. */
  readonly entries: number
  readonly blocks: number
  /** The last entry that is sealed, and when that was done. */
  readonly sealed: { readonly entry: number; readonly at: string } | null
  /** Entries that are not sealed yet: of those alone nobody can tell whether one was deleted. */
  readonly unsealed: number
  /** Checkpoints that agree with what is there. */
  readonly checkpoints: number
  /** What is not as it was; empty where nothing was touched. */
  readonly findings: readonly Finding[]
  /** How many findings there are beside these. */
  readonly more: number
}

/**
 * Compares the audit with its marks, its seals, their signatures, and with what was kept outside the database. Finds
 * what was changed, deleted, moved, put in, cut off or written anew. What it needs of memory does not grow with the
 * audit.
 */
export function verifyAudit(
  engine: Context['engine'],
  proof: Proof,
  progress: (done: number, total: number) => void,
): Promise<Verdict> {
  return engine.snapshot(async (db) => {
    const findings = createFindings()
    for (const name of await engine.dialect.missingGuards(db)) findings.addGeneral('guard', name)
    const { entries, firstSeq, lastSeq } = await auditExtent(db)
    // Numbers begin with 1, and so do the blocks.
    if (entries > 0 && firstSeq < 1) findings.add('added', firstSeq, 0)
    const verify = { db, proof, findings, progress: (seq: number) => progress(seq, lastSeq) }
    const last = await verifyBlocks(verify)
    const unsealed = await verifyUnsealed(verify, last?.lastSeq ?? 0, lastSeq)
    const checkpoints = await compareCheckpoints(db, findings, proof, { last, lastSeq })
    return {
      publicKey: proof.publicKey,
      entries,
      blocks: last?.block ?? 0,
      sealed: last === undefined ? null : { entry: last.lastSeq, at: last.at },
      unsealed,
      checkpoints,
      ...findings.told(),
    }
  })
}

interface Verification {
  readonly db: Db
  readonly proof: Proof
  readonly findings: Findings
  progress(seq: number): void
}

/** Seals that are read at a time. */
const SEALS_AT_ONCE = 50

async function verifyBlocks(verification: Verification): Promise<Seal | undefined> {
  const { db, proof, findings, progress } = verification
  const isSigned = createSignatureCheck(proof.publicKey)
  const listings = createListingComparison(findings)
  let last: Seal | undefined
  let end: ChainEnd = GENESIS
  for (;;) {
    const seals = await sealsAfter(db, last?.block ?? 0, SEALS_AT_ONCE)
    if (seals.length === 0) break
    for (const seal of seals) {
      const isNext = seal.block === end.block + 1
      if (!isNext) end = afterGap(findings, end, seal)
      const range = { after: end.lastSeq, upTo: seal.lastSeq }
      const { block, forged } = await recomputed(verification, end, seal)
      const isWhole = isSame(block, seal, isNext)
      const areEntriesSame =
        isWhole ||
        (isNext && block.head === seal.head) ||
        !(await listings.compare(seal, walkEntries(db, range)))
      if (!isWhole && areEntriesSame) findings.add('seal', end.lastSeq + 1, seal.lastSeq, 'was changed')
      if (!isSigned(sealedText(seal), seal.signature))
        findings.add('signature', end.lastSeq + 1, seal.lastSeq)
      for (const seq of areEntriesSame ? forged : suspectsOf(seal)) findings.add('forged', seq)
      // What was wrong with this block is told, and is not to be told of the next one again.
      end = areEntriesSame && isNext ? block : seal
      last = seal
      progress(seal.lastSeq)
    }
  }
  listings.conclude()
  return last
}

/** What the block of a seal is by the entries that are there, and which of them have not the mark of this installation. */
async function recomputed(
  { db, proof }: Verification,
  end: ChainEnd,
  seal: Seal,
): Promise<{ readonly block: Block; readonly forged: readonly number[] }> {
  const suspects = new Set(suspectsOf(seal))
  const block = openBlock(end)
  const forged: number[] = []
  for await (const entries of walkEntries(db, { after: end.lastSeq, upTo: seal.lastSeq })) {
    for (const entry of entries) {
      const isSuspect = suspects.has(entry.seq)
      block.add(entry, !isSuspect)
      if (isSuspect || isForged(proof, entry)) forged.push(entry.seq)
    }
  }
  return { block: block.close(), forged }
}

/** Without the key nobody can tell. */
const isForged = ({ keys }: Proof, entry: MarkedEntry): boolean =>
  keys !== undefined && !isGenuine(keys, entry)

const isSame = (block: Block, seal: Seal, isHeadKnown: boolean): boolean =>
  (block.head === seal.head || !isHeadKnown) &&
  block.listing === seal.listing &&
  block.suspects === seal.suspects &&
  block.lastSeq === seal.lastSeq &&
  block.entries === seal.entries

/** Where the chain goes on after seals that are gone, as far as the next one tells. */
function afterGap(findings: Findings, end: ChainEnd, next: Seal): ChainEnd {
  const listed = next.listing.split('\n')
  const first = Number(listed[0]?.split(' ')[0])
  const lastSeq = Number.isSafeInteger(first) ? first - 1 : end.lastSeq
  findings.add('seal', end.lastSeq + 1, lastSeq, 'is gone')
  return { block: next.block - 1, lastSeq, entries: next.entries - listed.length, head: '' }
}

/** The database may hold anything: what is no list names nobody. */
function suspectsOf({ suspects }: Seal): number[] {
  try {
    const list: unknown = JSON.parse(suspects)
    return Array.isArray(list) ? list.filter((seq): seq is number => typeof seq === 'number') : []
  } catch {
    return []
  }
}

async function verifyUnsealed(
  { db, proof, findings, progress }: Verification,
  after: number,
  upTo: number,
): Promise<number> {
  let count = 0
  for await (const entries of walkEntries(db, { after, upTo })) {
    for (const entry of entries) if (isForged(proof, entry)) findings.add('forged', entry.seq)
    count += entries.length
    progress(entries.at(-1)?.seq ?? upTo)
  }
  return count
}
