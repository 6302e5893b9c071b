import type { AttributeDefinition } from '../../../schemas/definition.ts'
import { instant } from '../date-time.ts'
import { fold } from '../fold.ts'
import type { Value } from './resource.ts'

/**
 * A value in the form in which it is compared: text folded unless it is case-exact, a dateTime as UTC with
 * milliseconds, everything else as it is. Preparing twice changes nothing.
 *
 * One routine serves filters, indexes, uniqueness and sorting (RFC 7643 §7, `caseExact`).
 */
export function prepare<T extends Value>(value: T, { type, caseExact }: AttributeDefinition): T | string {
  if (typeof value !== 'string') return value
  if (type === 'dateTime') {
    const at = instant(value)
    return at === undefined ? value : new Date(at).toISOString()
  }
  return caseExact ? value : fold(value)
}

/** The order of two prepared values of one attribute. */
export function comparePrepared(a: string | number | boolean, b: string | number | boolean): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareText(String(a), String(b))
}

/** The order of two prepared texts: by code point, as the databases compare bytes of UTF-8. */
export function compareText(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** UTF-16 units in the order of code points: surrogates stand for what comes after U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit <= 0xdfff ? unit + 0x2000 : unit - 0x800
}
