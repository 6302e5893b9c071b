import type { AttributeDefinition } from '../../../schemas/definition.ts'
import { findAttribute } from '../attribute.ts'
import { instant } from '../date-time.ts'
import { invalidValue, quote, type ScimError } from '../error.ts'
import type { Ledger } from '../quirks/ledger.ts'
import { rewriteSingle, rewriteValue } from '../quirks/values.ts'
import { isObject, type Value } from './resource.ts'
import { entriesOf } from './shape.ts'

/** The most values a multi-valued attribute may have. Members are not among them: they are rows of their own. */
export const MOST_VALUES = 1000

/**
 * Reads the value of an attribute as the schema has it (RFC 7643 §2.3), or undefined where it is unassigned: null, an
 * empty array, an object without a value (§2.5). Texts stay exactly as they were sent.
 *
 * `place` is the attribute's name in errors.
 *
 * @throws ScimError `invalidValue` that names the attribute and the value
 */
export function readValue(
  sent: unknown,
  attribute: AttributeDefinition,
  place: string,
  ledger: Ledger,
): Value | undefined {
  if (sent === undefined || sent === null) return undefined
  if (!attribute.multiValued)
    return readSingle(rewriteSingle(sent, attribute, ledger), attribute, place, ledger)
  if (!Array.isArray(sent) && sent !== '' && !ledger.allows('N7'))
    throw wrong(sent, attribute, place, 'an array')
  const values = (Array.isArray(sent) ? (sent as unknown[]) : [sent]).flatMap(
    (each) => readSingle(each, attribute, place, ledger) ?? [],
  )
  if (values.length > MOST_VALUES) throw invalidValue(`\`${place}\` has more than ${MOST_VALUES} values`)
  const primaries = values.filter((value) => isObject(value) && value['primary'] === true)
  if (primaries.length > 1 && !ledger.allows('N22'))
    throw invalidValue(`\`${place}\` has more than one primary value`)
  return values.length > 0 ? lastPrimary(values) : undefined
}

/** Reads one value: the whole of a single-valued attribute, or one element of a multi-valued one. */
export function readSingle(
  sent: unknown,
  attribute: AttributeDefinition,
  place: string,
  ledger: Ledger,
): Value | undefined {
  const value = rewriteValue(sent, attribute, ledger)
  if (value === undefined || value === null) return undefined
  return attribute.type === 'complex'
    ? readComplex(value, attribute, place, ledger)
    : readSimple(value, attribute, place)
}

/** A complex value: sub-attributes under their canonical names, in the order of the schema. */
function readComplex(
  sent: unknown,
  attribute: AttributeDefinition,
  place: string,
  ledger: Ledger,
): Value | undefined {
  if (!isObject(sent)) throw wrong(sent, attribute, place, 'an object')
  const entries = entriesOf(sent)
  for (const [name] of entries.values()) {
    if (findAttribute(attribute.subAttributes ?? [], name)) continue
    if (!ledger.ignores(`${place}.${name}`))
      throw invalidValue(`${quote(`${place}.${name}`)} is no attribute`)
  }
  const complex: Record<string, Value> = {}
  for (const sub of attribute.subAttributes ?? []) {
    const [, given] = entries.get(sub.name.toLowerCase()) ?? []
    if (sub.mutability === 'readOnly') continue
    const value = readValue(given, sub, `${place}.${sub.name}`, ledger)
    if (value !== undefined) complex[sub.name] = value
  }
  return Object.keys(complex).length > 0 ? complex : undefined
}

function readSimple(value: unknown, attribute: AttributeDefinition, place: string): Value {
  switch (attribute.type) {
    case 'boolean':
      if (typeof value === 'boolean') return value
      throw wrong(value, attribute, place, 'a boolean')
    case 'integer':
      if (Number.isSafeInteger(value)) return value as number
      throw wrong(value, attribute, place, 'an integer')
    case 'decimal':
      // Beyond this, JavaScript would keep another number than the one that was sent.
      if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value
      throw wrong(value, attribute, place, 'a number')
    case 'dateTime':
      if (typeof value === 'string' && instant(value) !== undefined) return value
      throw wrong(value, attribute, place, 'a date and time such as `2026-01-31T12:00:00Z`')
    case 'binary':
      if (typeof value === 'string' && BASE64.test(value)) return value
      throw wrong(value, attribute, place, 'base64')
    case 'string':
    case 'reference':
      if (typeof value !== 'string') throw wrong(value, attribute, place, 'a text')
      if (UNSTORABLE.test(value)) throw wrong(value, attribute, place, 'text of valid characters')
      return value
    case 'complex':
      throw new TypeError(`${place} is complex`)
  }
}

/** What JSON can say and UTF-8 or a database cannot hold: half a surrogate pair, U+0000. */
export const UNSTORABLE = /[\0\p{Surrogate}]/u

/** RFC 4648 §4 and §5; certificates come with line breaks. */
const BASE64 = /^[-\w+/\s]*={0,2}\s*$/

/** What is never returned is not returned in an error either. */
function wrong(
  value: unknown,
  { returned }: AttributeDefinition,
  place: string,
  expected: string,
): ScimError {
  return invalidValue(
    `\`${place}\` must be ${expected}${returned === 'never' ? '' : `, not ${quote(value)}`}`,
  )
}

/** The same values with the last primary one as the only one (RFC 7643 §2.4: at most one). */
function lastPrimary(values: readonly Value[]): readonly Value[] {
  const winner = values.findLastIndex((value) => isObject(value) && value['primary'] === true)
  return values.map((value, index) =>
    index < winner && isObject(value) && value['primary'] === true ? { ...value, primary: false } : value,
  )
}
