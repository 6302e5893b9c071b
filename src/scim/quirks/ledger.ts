import type { RewriteId } from './rewrites.ts'

/** What was made allowance for while a request was read. */
export interface Notices {
  /** Attributes that no schema knows, by name. */
  readonly ignored: readonly string[]
  /** The rewrites that were used. */
  readonly rewrites: readonly RewriteId[]
}

/** How literally a request is read. */
export interface Reading {
  /** Whether the RFCs hold to the letter: no rewrite is made. */
  readonly strict?: boolean
}

/** Decides about rewrites while one request is read, and remembers them. */
export interface Ledger {
  readonly strict: boolean
  /** Whether that rewrite may be made. It counts as made. */
  allows(id: RewriteId): boolean
  /** Whether that attribute, which no schema knows, may be left out. */
  ignores(name: string): boolean
  notices(): Notices
}

/** An empty ledger. */
export function openLedger({ strict = false }: Reading = {}): Ledger {
  const used = new Set<RewriteId>()
  const ignored = new Set<string>()
  return {
    strict,
    allows(id) {
      if (!strict) used.add(id)
      return !strict
    },
    ignores(name) {
      if (!strict && ignored.size < MOST_IGNORED) ignored.add(name.slice(0, LONGEST_NAME))
      return this.allows('N23')
    },
    notices: () => ({ ignored: [...ignored], rewrites: [...used] }),
  }
}

/** What two readings of one request made allowance for. */
export function joinNotices(first: Notices, second: Notices): Notices {
  return {
    ignored: [...new Set([...first.ignored, ...second.ignored])],
    rewrites: [...new Set([...first.rewrites, ...second.rewrites])],
  }
}

// A request chooses these names, and they are kept.
const MOST_IGNORED = 100
const LONGEST_NAME = 200
