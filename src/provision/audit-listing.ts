import type { MarkedEntry } from '../store/audit.ts'
import type { Seal } from '../store/audit-seals.ts'
import { beginningOf } from './audit-block.ts'
import type { Findings } from './audit-findings.ts'

/** Compares entries with the listings of their blocks, to tell which of them are not what they were. */
export interface ListingComparison {
  /** Compares the entries of one block, and tells whether there was any difference. */
  compare(seal: Seal, entries: AsyncIterable<readonly MarkedEntry[]>): Promise<boolean>
  /** Makes findings of the differences, when all blocks have been compared. */
  conclude(): void
}

/** An entry that is not the one that is listed under its number, or not listed at all. */
interface Stranger {
  readonly seq: number
  readonly beginning: string
}

/** Differences that are kept to find out what was moved where; what is beyond them counts as changed or deleted. */
const MOST_KEPT = 10_000

/** Begins a comparison. */
export function createListingComparison(findings: Findings): ListingComparison {
  /** Entries that are not where they were, by the beginning of their hash: where they were. */
  const missing = new Map<string, number>()
  const strangers: Stranger[] = []

  const compareOne = (listed: Stranger | undefined, present: Stranger | undefined): boolean => {
    if (listed?.beginning === present?.beginning) return false
    if (listed !== undefined && missing.size < MOST_KEPT) missing.set(listed.beginning, listed.seq)
    else if (listed !== undefined) findings.add(present === undefined ? 'gone' : 'changed', listed.seq)
    if (present !== undefined && strangers.length < MOST_KEPT) strangers.push(present)
    else if (present !== undefined && listed === undefined) findings.add('added', present.seq)
    return true
  }

  return {
    async compare(seal, entries) {
      const listed = readListing(seal.listing)
      let differs = false
      let next = 0
      for await (const some of entries) {
        for (const entry of some) {
          const present = { seq: entry.seq, beginning: beginningOf(entry) }
          for (; (listed[next]?.seq ?? Infinity) < entry.seq; next += 1)
            differs = compareOne(listed[next], undefined) || differs
          const here = listed[next]?.seq === entry.seq ? listed[next++] : undefined
          differs = compareOne(here, present) || differs
        }
      }
      for (; next < listed.length; next += 1) differs = compareOne(listed[next], undefined) || differs
      return differs
    },
    conclude() {
      const listedAt = new Set(missing.values())
      const movedTo = new Set<number>()
      for (const { seq, beginning } of strangers) {
        const from = missing.get(beginning)
        if (from === undefined) continue
        missing.delete(beginning)
        movedTo.add(seq)
        findings.add('moved', seq, seq, `entry ${from}`)
      }
      const changed = new Set(strangers.map(({ seq }) => seq).filter((seq) => !movedTo.has(seq)))
      for (const seq of [...missing.values()].toSorted(ascending))
        findings.add(changed.has(seq) ? 'changed' : 'gone', seq)
      for (const seq of [...changed].toSorted(ascending)) if (!listedAt.has(seq)) findings.add('added', seq)
    },
  }
}

const ascending = (a: number, b: number): number => a - b

function readListing(text: string): Stranger[] {
  return text.split('\n').flatMap((line) => {
    const [seq, beginning] = line.split(' ')
    return seq === undefined || beginning === undefined ? [] : [{ seq: Number(seq), beginning }]
  })
}
