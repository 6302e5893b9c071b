import { asText, folded, isDoc, isMoment, isUrn, listOf } from './attributes.ts'
import type { Doc, Json, Kind, Kinds } from './attributes.ts'
import { bad } from './refusal.ts'

/**
 * A value as it is kept, or undefined for none (RFC 7643 §2.3, §2.5).
 *
 * Unless strict, what clients are known to mean is taken for it: the rewrites N5 to N8, N17, N22 and N23.
 */
export function clean(sent: Json | undefined, kind: Kind, strict: boolean): Json | undefined {
  if (sent === null || sent === undefined) return undefined
  if (!kind.many) return cleanOne(strict ? sent : unwrapped(sent, kind), kind, strict)
  if (!Array.isArray(sent) && strict) throw bad('invalidValue')
  const values = (Array.isArray(sent) ? sent : [sent]).flatMap((each) => cleanOne(each, kind, strict) ?? [])
  const primaries = values.filter(isPrimary)
  if (primaries.length > 1 && strict) throw bad('invalidValue')
  return values.length > 0 ? onlyPrimary(values, primaries.at(-1)) : undefined
}

/** The same for one of several values. */
function cleanOne(sent: Json, kind: Kind, strict: boolean): Json | undefined {
  if (sent === null) return undefined
  if (sent === '' && !strict) return undefined
  if (kind.type === 'complex') return cleanComplex(sent, kind.subs ?? {}, strict, 'invalidValue')
  const value = strict ? sent : meant(sent, kind)
  const fits = {
    string: typeof value === 'string',
    boolean: typeof value === 'boolean',
    integer: Number.isSafeInteger(value),
    dateTime: isMoment(value),
  }
  if (!fits[kind.type]) throw bad('invalidValue')
  return value
}

/** The one value in an array, or in an object around it (N7). */
export function unwrapped(sent: Json, { subs }: Kind): Json {
  if (Array.isArray(sent) && sent.length <= 1) return sent[0] ?? null
  return !subs && isDoc(sent) ? (sent['value'] ?? sent) : sent
}

/** What a client means by a value of another type. */
export function meant(sent: Json, { type }: Kind): Json {
  if (type === 'string' && typeof sent === 'number') return String(sent)
  if (type === 'boolean' && /^(true|false)$/i.test(asText(sent))) return asText(sent).toLowerCase() === 'true'
  if (type === 'integer' && typeof sent === 'string' && /^\d+$/.test(sent)) return Number(sent)
  return sent
}

/** Attributes by name; what the server owns is left out, and unless strict what nobody knows. */
export function cleanComplex(
  sent: Json,
  subs: Kinds,
  strict: boolean,
  unknown: 'invalidValue' | 'invalidSyntax',
): Doc | undefined {
  const given: Json = isDoc(sent) || strict || !('value' in subs) ? sent : { value: sent }
  if (!isDoc(given)) throw bad('invalidValue')
  const kept: Doc = {}
  for (const [name, each] of Object.entries(given)) {
    const kind = subs[name]
    if (kind === undefined && strict) throw bad(unknown)
    if (kind === undefined || kind.owned) continue
    const value =
      isUrn(name) && each !== null
        ? cleanComplex(each, kind.subs ?? {}, strict, unknown)
        : clean(each, kind, strict)
    if (value !== undefined) kept[name] = value
  }
  return Object.keys(kept).length > 0 ? kept : undefined
}

export const isPrimary = (value: Json): boolean => isDoc(value) && value['primary'] === true

/** No other value than this one is primary (RFC 7643 §2.4). */
export const onlyPrimary = (values: readonly Json[], winner: Json | undefined): Json[] =>
  values.map((each) =>
    isDoc(each) && isPrimary(each) && each !== winner ? { ...each, primary: false } : each,
  )

/**
 * A resource as it is kept: nothing empty, no pair of type and value twice (RFC 7643 §2.4), everything required there.
 */
export function settle(values: Doc, kinds: Kinds, strict: boolean): Doc {
  const settled: Doc = {}
  for (const [name, kind] of Object.entries(kinds)) {
    let value = values[name]
    if (isDoc(value) && kind.subs) value = settle(value, kind.subs, strict)
    if (Array.isArray(value)) value = withoutRepeats(value.filter((each) => !isBare(each, strict)))
    if (kind.required && asText(value ?? '').trim() === '') throw bad('invalidValue')
    const isEmpty =
      value === undefined || listOf(value).length === 0 || (isDoc(value) && !Object.keys(value).length)
    if (value !== undefined && !isEmpty) settled[name] = value
  }
  return settled
}

/** Nothing is left of an element but what kind of value it was (N17). */
function isBare(value: Json, strict: boolean): boolean {
  if (!isDoc(value)) return false
  const names = Object.keys(value)
  return strict ? names.length === 0 : names.every((name) => name === 'type' || name === 'primary')
}

/** The last one of those that are the same stands, in the place of the first. */
function withoutRepeats(values: readonly Json[]): Json[] {
  const identity = (value: Json): string => {
    if (!isDoc(value)) return foldedJson(value)
    const { type, value: itself } = value
    return foldedJson(itself === undefined ? sortedByName(value) : [type ?? null, itself])
  }
  return [...new Map(values.map((each) => [identity(each), each])).values()]
}

const sortedByName = (value: Doc): Doc =>
  Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)))

export const foldedJson = (value: Json): string => folded(JSON.stringify(value))

/** Whether two resources or values mean the same: neither names nor elements have an order (RFC 7643 §2.3.8, §2.4). */
export function isSame(left: Json | undefined, right: Json | undefined): boolean {
  return canonical(left) === canonical(right)
}

function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).toSorted().join()}]`
  if (!isDoc(value)) return JSON.stringify(value) ?? ''
  const names = Object.keys(value).toSorted()
  return `{${names.map((name) => `${name}:${canonical(value[name])}`).join()}}`
}
