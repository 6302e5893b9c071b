import type { AttributeDefinition } from '../../../schemas/definition.ts'
import { invalidValue, noTarget } from '../error.ts'
import { evaluateElement } from '../filter/evaluate.ts'
import type { Filter } from '../filter/filter.ts'
import { pathName, type AttrPath } from '../path/path.ts'
import type { Ledger } from '../quirks/ledger.ts'
import { prepare } from '../resource/prepare.ts'
import { MOST_VALUES } from '../resource/read-value.ts'
import { isComplex, type Complex, type Resource, type Value } from '../resource/resource.ts'
import { attributeValue, listOf } from '../resource/values.ts'
import type { Target } from './patch.ts'

/** Whether an operation works on elements: those of a multi-valued complex attribute, or what a filter selects. */
export function selectsElements({ path, filter }: Target): boolean {
  return filter !== undefined || (path.sub !== undefined && path.attribute.multiValued)
}

/** The complex value that a single-valued attribute has. */
export function complexAt(resource: Resource, { path }: Target): Complex {
  const value = attributeValue(resource, path)
  return isComplex(value) ? value : {}
}

/** The resource with that value of the path's attribute, or without the attribute. */
export function withAttribute(resource: Resource, path: AttrPath, value: Value | undefined): Resource {
  const { attribute, schema, extension } = path
  if (!extension) return withName(resource, attribute.name, value)
  const container = resource[schema]
  return withName(resource, schema, withName(isComplex(container) ? container : {}, attribute.name, value))
}

/** The complex value with that value under that name, or without the name. */
export function withName(complex: Complex, name: string, value: Value | undefined): Complex {
  if (value !== undefined) return { ...complex, [name]: value }
  const { [name]: _, ...rest } = complex
  return rest
}

/**
 * The resource with each selected element changed by `change`; undefined takes the element away.
 *
 * Where none is selected, `create` makes an element out of what the filter describes.
 */
export function changeElements(
  resource: Resource,
  { path, filter }: Target,
  change: (element: Complex) => Complex | undefined,
  create?: (described: Complex) => Complex,
): Resource {
  const before = listOf(attributeValue(resource, path)).filter(isComplex)
  const selected = (element: Complex) => !filter || evaluateElement(filter, element)
  const after = before.flatMap((element) => (selected(element) ? (change(element) ?? []) : [element]))
  if (before.some(selected)) return withElements(resource, path, after)
  if (!create || !path.attribute.multiValued) return resource
  return withElements(resource, path, [...before, create(described(filter, path))])
}

/** For `create`: allows the new element, or refuses the operation. */
export function allowNew(target: Target, ledger: Ledger): void {
  if (!ledger.allows('N11')) throw noTarget(`no value of \`${pathName(target.path)}\` is selected`)
}

/** What a filter says of its element: `type eq "work" and primary eq true` is `{ type: 'work', primary: true }`. */
function described(filter: Filter | undefined, path: AttrPath): Complex {
  if (!filter) return {}
  if (filter.kind === 'and') {
    return Object.assign({}, ...filter.filters.map((each) => described(each, path))) as Complex
  }
  if (filter.kind === 'compare' && filter.op === 'eq' && filter.path.sub) {
    return { [filter.path.sub.name]: filter.value }
  }
  throw noTarget(`no value of \`${pathName(path)}\` is selected, and the filter does not describe one`)
}

/**
 * The resource with these elements. A value that has just become the primary one ends the primacy of all others
 * (RFC 7644 §3.5.2).
 */
export function withElements(resource: Resource, path: AttrPath, elements: readonly Value[]): Resource {
  if (elements.length > MOST_VALUES)
    throw invalidValue(`\`${pathName(path)}\` has more than ${MOST_VALUES} values`)
  if (!path.attribute.multiValued) return withAttribute(resource, path, elements[0])
  const untouched = new Set(listOf(attributeValue(resource, path)))
  const primary = elements.filter(isPrimary)
  const winner = primary.findLast((element) => !untouched.has(element)) ?? primary.at(-1)
  const settled = elements.map((each) => (each === winner ? each : secondary(each)))
  return withAttribute(resource, path, settled.length > 0 ? settled : undefined)
}

/** The value, not the primary one any longer. */
export function secondary(value: Value): Value {
  return isPrimary(value) ? { ...value, primary: false } : value
}

/** Whether the value says that it is the primary one. */
export function isPrimary(value: Value): value is Complex {
  return isComplex(value) && value['primary'] === true
}

/** The form in which values of an attribute are compared to find one among others. */
export interface Likeness {
  /** Two values whose keys differ are not alike. */
  readonly key: string
  readonly kind: string | undefined
}

/** What makes two values of an attribute the same one: their `value`, or all they say where they have none. */
export function likeness(value: Value, attribute: AttributeDefinition): Likeness {
  if (!isComplex(value)) return { key: keyOf(value, attribute), kind: undefined }
  const subs = attribute.subAttributes ?? []
  const keyed =
    value['value'] === undefined
      ? subs.filter(({ name }) => name !== 'primary')
      : subs.filter(({ name }) => name === 'value')
  const kind = subs.find(({ name }) => name === 'type')
  const type = kind && value[kind.name]
  return {
    key: keyed.map((sub) => keyOf(value[sub.name] ?? null, sub)).join('\n'),
    kind: kind && type !== undefined ? keyOf(type, kind) : undefined,
  }
}

/** Whether two values are the same one: a value without a type is the same as one that has any. */
export function alike(a: Likeness, b: Likeness): boolean {
  return a.key === b.key && (a.kind === b.kind || a.kind === undefined || b.kind === undefined)
}

function keyOf(value: Value, attribute: AttributeDefinition): string {
  return JSON.stringify(prepare(value, attribute))
}
