import type { AttributeDefinition, ResourceType } from '../../../schemas/definition.ts'
import { topAttributes } from '../attribute.ts'
import { invalidValue } from '../error.ts'
import type { Ledger } from '../quirks/ledger.ts'
import { prepare } from './prepare.ts'
import { isComplex, type Complex, type Resource, type Value } from './resource.ts'
import { sameValue } from './same.ts'
import { unknownOf, withUnknown } from './unknown.ts'
import { listOf } from './values.ts'

/**
 * The canonical form of a resource, checked as a whole: attributes in schema order, no empty extension, no value
 * twice, everything there that the schemas require. What no schema knows any more stays as it is.
 *
 * Its result is what is stored and compared: two resources that mean the same have the same JSON.
 *
 * A change is held against the resource `before`: what was missing already, because it was not required then, stands
 * in the way of no other change.
 *
 * @throws ScimError `invalidValue` that names what is missing
 */
export function settle(resource: Resource, type: ResourceType, ledger: Ledger, before?: Resource): Resource {
  const settled: Record<string, Value> = settleAll(resource, topAttributes(type), '', ledger, before)
  for (const extension of type.extensions) {
    const container = resource[extension.id]
    if (!isComplex(container) || Object.keys(container).length === 0) continue
    const last = before && containerIn(before, extension.id)
    const values = settleAll(container, extension.attributes, `${extension.id}:`, ledger, last)
    if (Object.keys(values).length > 0) settled[extension.id] = values
  }
  return withUnknown(settled, unknownOf(resource, type))
}

/** An extension that was not there lacked nothing: its first value has to come with what the extension requires. */
function containerIn(resource: Resource, urn: string): Complex | undefined {
  const container = resource[urn]
  return isComplex(container) ? container : undefined
}

function settleAll(
  values: Complex,
  attributes: readonly AttributeDefinition[],
  prefix: string,
  ledger: Ledger,
  before: Complex | undefined,
): Record<string, Value> {
  const settled: Record<string, Value> = {}
  for (const attribute of attributes) {
    if (attribute.mutability === 'readOnly') continue
    const value = settleValue(values[attribute.name], attribute, ledger)
    const place = prefix + attribute.name
    const last = before?.[attribute.name]
    if (attribute.required && isMissing(value) && (before === undefined || !isMissing(last)))
      throw invalidValue(`\`${place}\` is required`)
    if (value !== undefined) {
      checkSubAttributes(value, attribute, place, last)
      settled[attribute.name] = value
    }
  }
  return settled
}

/** Whether there is nothing to go by: no value, or a blank text. */
const isMissing = (value: Value | undefined): boolean =>
  value === undefined || (typeof value === 'string' && value.trim() === '')

function settleValue(
  value: Value | undefined,
  attribute: AttributeDefinition,
  ledger: Ledger,
): Value | undefined {
  if (value === undefined || value === null) return undefined
  if (!attribute.multiValued || !Array.isArray(value)) return inOrder(value, attribute)
  const elements = (value as readonly Value[]).flatMap((each) => inOrder(each, attribute) ?? [])
  const values = distinct(
    elements.filter((each) => !(isBare(each) && ledger.allows('N17'))),
    attribute,
  )
  return values.length > 0 ? values : undefined
}

/** A complex value with its sub-attributes in schema order, or undefined where it has none. */
function inOrder(value: Value, { subAttributes }: AttributeDefinition): Value | undefined {
  if (!isComplex(value) || !subAttributes) return value
  const ordered: Record<string, Value> = {}
  for (const { name } of subAttributes) {
    const part = value[name]
    if (part !== undefined) ordered[name] = part
  }
  return Object.keys(ordered).length > 0 ? ordered : undefined
}

/** An element whose value was cleared: nothing is left but what kind of value it was. */
function isBare(value: Value): boolean {
  return isComplex(value) && Object.keys(value).every((name) => name === 'type' || name === 'primary')
}

/** The values without those that another one repeats (RFC 7643 §2.4: no pair of type and value twice). The last stays. */
function distinct(values: readonly Value[], attribute: AttributeDefinition): readonly Value[] {
  const last = new Map(values.map((value) => [identity(value, attribute), value]))
  return last.size === values.length ? values : [...last.values()]
}

/** What tells one value of an attribute from another: type and value; where there is no `value`, the whole. */
function identity(value: Value, attribute: AttributeDefinition): string {
  if (!isComplex(value)) return JSON.stringify(prepare(value, attribute))
  const subs = attribute.subAttributes ?? []
  const wanted =
    value['value'] === undefined ? subs : subs.filter(({ name }) => name === 'type' || name === 'value')
  return JSON.stringify(wanted.map((sub) => prepare(value[sub.name] ?? null, sub)))
}

function checkSubAttributes(
  value: Value,
  attribute: AttributeDefinition,
  place: string,
  before: Value | undefined,
): void {
  const required = attribute.subAttributes?.filter((sub) => sub.required) ?? []
  if (required.length === 0) return
  for (const each of listOf(value)) {
    const missing = required.find((sub) => !isComplex(each) || each[sub.name] === undefined)
    if (missing && !listOf(before).some((last) => sameValue(last, each)))
      throw invalidValue(`\`${place}.${missing.name}\` is required`)
  }
}
