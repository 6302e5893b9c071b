import { asText, folded, isDoc, isMoment, kindAt, valuesAt } from './attributes.ts'
import type { Json, Kind, Kinds, Path } from './attributes.ts'
import { bad } from './refusal.ts'

export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

/** A filter (RFC 7644 §3.4.2.2) as a tree, so that the model need not read text. */
export type Filter =
  | { readonly and: readonly [Filter, Filter] }
  | { readonly or: readonly [Filter, Filter] }
  | { readonly not: Filter }
  | { readonly present: Path }
  | { readonly path: Path; readonly op: Operator; readonly value: Json }
  /** `path[where]` */
  | { readonly path: Path; readonly where: Filter }

/** Whether a resource, as it is shown, or an element of one, fulfils a filter. */
export function matches(filter: Filter, shown: Json, kinds: Kinds): boolean {
  if ('and' in filter) return filter.and.every((each) => matches(each, shown, kinds))
  if ('or' in filter) return filter.or.some((each) => matches(each, shown, kinds))
  if ('not' in filter) return !matches(filter.not, shown, kinds)
  if ('present' in filter) return valuesAt(shown, filter.present).some(isPresent)
  const kind = kindAt(kinds, filter.path)
  if ('where' in filter)
    return valuesAt(shown, filter.path).some((each) => matches(filter.where, each, kind?.subs ?? {}))
  const path = kind?.subs ? [...filter.path, 'value'] : filter.path
  const simple = kind?.subs?.['value'] ?? kind ?? { type: 'string' }
  const present = valuesAt(shown, path).filter(isPresent)
  if (filter.value === null) return (filter.op === 'ne') === present.length > 0
  const values = path.at(-1) === 'primary' ? primacies(shown, path) : present
  // What has no value differs from every value.
  if (filter.op === 'ne' && values.length === 0) return true
  return values.some((value) => compare(filter.op, value, filter.value, simple))
}

/** A value that does not say whether it is the primary one is not (RFC 7643 §2.4). */
const primacies = (shown: Json, path: Path): Json[] =>
  valuesAt(shown, path.slice(0, -1)).map((each) => (isDoc(each) && each['primary']) ?? false)

/** Neither null nor empty (RFC 7644 Table 3, `pr`). */
function isPresent(value: Json): boolean {
  if (value === null || value === '') return false
  if (Array.isArray(value)) return value.some(isPresent)
  return !isDoc(value) || Object.values(value).some(isPresent)
}

function compare(op: Operator, value: Json, wanted: Json, kind: Kind): boolean {
  const order = orderOf(keyOf(value, kind), keyOf(wanted, kind))
  switch (op) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
    case 'lt':
      return order < 0
    case 'le':
      return order <= 0
    case 'co':
      return String(keyOf(value, kind)).includes(String(keyOf(wanted, kind)))
    case 'sw':
      return String(keyOf(value, kind)).startsWith(String(keyOf(wanted, kind)))
    case 'ew':
      return String(keyOf(value, kind)).endsWith(String(keyOf(wanted, kind)))
  }
}

/** A simple value in the form in which it is compared: dates as moments, numbers in digits as numbers. */
export function keyOf(value: Json, kind: Kind): string | number {
  if (kind.type === 'string') return folded(asText(value), kind)
  if (kind.type === 'dateTime') return Date.parse(asText(value))
  if (kind.type === 'boolean') return asText(value).toLowerCase() === 'true' ? 1 : 0
  return Number(value)
}

/** Numbers by size, texts by their characters. */
export function orderOf(left: string | number, right: string | number): number {
  if (typeof left === 'number' || typeof right === 'number') return Number(left) - Number(right)
  const [a, b] = [Array.from(left), Array.from(right)]
  const at = a.findIndex((char, index) => char !== b[index])
  if (at < 0) return a.length - b.length
  return (a[at]?.codePointAt(0) ?? 0) - (b[at]?.codePointAt(0) ?? -1)
}

/** Refuses a filter that has no meaning (RFC 7644 §3.4.2.2), whatever it would be asked about. */
export function checkFilter(filter: Filter, kinds: Kinds, strict: boolean): void {
  if ('and' in filter) return filter.and.forEach((each) => checkFilter(each, kinds, strict))
  if ('or' in filter) return filter.or.forEach((each) => checkFilter(each, kinds, strict))
  if ('not' in filter) return checkFilter(filter.not, kinds, strict)
  const kind = kindAt(kinds, 'present' in filter ? filter.present : filter.path)
  if (kind === undefined) throw bad('invalidFilter')
  if ('present' in filter) return
  if ('where' in filter) {
    if (!kind.subs) throw bad('invalidFilter')
    return checkFilter(filter.where, kind.subs, strict)
  }
  const simple = kind.subs ? kind.subs['value'] : kind
  if (!simple || !canCompare(filter.op, filter.value, simple, strict)) throw bad('invalidFilter')
}

function canCompare(op: Operator, value: Json, { type }: Kind, strict: boolean): boolean {
  const isEquality = op === 'eq' || op === 'ne'
  if (value === null) return isEquality
  const isText = ['co', 'sw', 'ew'].includes(op)
  switch (type) {
    case 'string':
      return typeof value === 'string' || (typeof value === 'number' && !strict)
    case 'boolean':
      return isEquality && (typeof value === 'boolean' || (!strict && /^(true|false)$/i.test(asText(value))))
    case 'integer':
      return !isText && (typeof value === 'number' || (!strict && /^\d+$/.test(asText(value))))
    case 'dateTime':
      return !isText && isMoment(value)
    case 'complex':
      return false
  }
}
