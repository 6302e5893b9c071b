/** Something about the audit that is not as it was. */
export interface Finding {
  readonly kind: FindingKind
  /** The first and the last entry that it is about; null where it is about none. */
  readonly from: number | null
  readonly to: number | null
  readonly text: string
}

/** What can be wrong with an audit. */
export type FindingKind = keyof typeof WORDS

/** `entry 7 was`, `entries 7 to 9 were`. */
type Entries = (singular: string, plural: string) => string

const WORDS = {
  changed: (entries) => `${entries('was', 'were')} changed after the seal was put on`,
  gone: (entries) => `${entries('was', 'were')} deleted`,
  moved: (entries, what) =>
    `${entries('was', 'were')} ${what} when the seal was put on: the order was changed`,
  added: (entries) => `${entries('was', 'were')} put in after the seal was put on`,
  forged: (entries) =>
    `${entries('has', 'have')} not the mark of this installation: written or changed by somebody else, or before there were marks, so nothing vouches for it`,
  seal: (entries, what) => `${entries('stands', 'stand')} in a block whose seal ${what}`,
  signature: (entries) =>
    `${entries('stands', 'stand')} in a history that was written anew: the seals are not signed with the key of this installation`,
  rewritten: (entries, what) => `${entries('stands', 'stand')} in a history that was written anew: ${what}`,
  cut: (entries, what) => `${entries('was', 'were')} cut off at the end: ${what}`,
  checkpoint: (_, what) => what,
  guard: (_, what) =>
    `the database does not refuse changes any longer: \`${what}\` is missing or was replaced`,
} as const satisfies Record<string, (entries: Entries, what: string) => string>

/** Findings as they are made; what is wrong with neighbours in the same way becomes one. */
export interface Findings {
  add(kind: FindingKind, from: number, to?: number, what?: string): void
  /** About the audit as a whole. */
  addGeneral(kind: 'checkpoint' | 'guard', what: string): void
  told(): { readonly findings: readonly Finding[]; readonly more: number }
}

/** Findings that are told one by one. */
const TOLD = 100

/** Opens an empty list. */
export function createFindings(): Findings {
  const found: Found[] = []
  const lastOfKind = new Map<FindingKind, Found>()
  let more = 0

  const put = (finding: Found): void => {
    if (found.length < TOLD) found.push(finding)
    else more += 1
  }
  return {
    add(kind, from, to = from, what = '') {
      const last = lastOfKind.get(kind)
      if (last !== undefined && last.what === what && last.to !== null && last.to + 1 === from) {
        last.to = to
        return
      }
      const finding = { kind, from, to, what }
      lastOfKind.set(kind, finding)
      put(finding)
    },
    addGeneral: (kind, what) => put({ kind, from: null, to: null, what }),
    told: () => ({
      findings: found.toSorted((a, b) => (a.from ?? 0) - (b.from ?? 0)).map(toFinding),
      more,
    }),
  }
}

interface Found {
  readonly kind: FindingKind
  readonly from: number | null
  to: number | null
  readonly what: string
}

function toFinding({ kind, from, to, what }: Found): Finding {
  const entries: Entries = (singular, plural) =>
    from === to ? `entry ${from} ${singular}` : `entries ${from} to ${to} ${plural}`
  return { kind, from, to, text: WORDS[kind](entries, what) }
}
