import type { ScimCall } from './call.ts'

/** What a client wants back from a write (RFC 7240 §4.2). */
export type Preference = 'minimal' | 'representation'

/** Reads the header `Prefer`; the first of two that contradict each other counts. */
export function preferenceOf(call: ScimCall): Preference | undefined {
  const given = call.headers['prefer']
  const [, wanted] = RETURN.exec(Array.isArray(given) ? given.join(',') : (given ?? '')) ?? []
  return wanted?.toLowerCase() as Preference | undefined
}

const RETURN = /(?:^|[,;\s])return\s*=\s*"?(minimal|representation)"?(?=$|[,;\s])/i

/** Tells the client that its wish was granted. */
export const applied = (preference: Preference): Record<string, string> => ({
  'preference-applied': `return=${preference}`,
})
