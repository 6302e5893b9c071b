import type { AttributeDefinition, ResourceType } from '../../../schemas/definition.ts'
import { findAttribute } from '../attribute.ts'
import { instant } from '../date-time.ts'
import { invalidFilter, quote, ScimError } from '../error.ts'
import { resolvePath } from '../path/parse.ts'
import { definitionAt, pathName, subPath, type AttrPath } from '../path/path.ts'
import type { Ledger } from '../quirks/ledger.ts'
import { UNSTORABLE } from '../resource/read-value.ts'
import type { CompareOp, Filter } from './filter.ts'
import type { Literal, RawFilter } from './grammar.ts'

/**
 * Gives every name of a filter its attribute and every literal its attribute's type.
 *
 * @param others types whose attributes are known too, and have no value in this one
 * @throws ScimError `invalidFilter` that names what is unknown or cannot be compared
 */
export function resolveFilter(
  raw: RawFilter,
  type: ResourceType,
  ledger: Ledger,
  others: readonly ResourceType[],
): Filter {
  return resolve(raw, (leaf) => {
    const knowing = [type, ...others].find((each) => findPath(leaf.name, each, ledger)) ?? type
    const filter = resolveLeaf(leaf, topPath(leaf.name, knowing, ledger), ledger)
    return knowing === type ? filter : withoutValue(filter)
  })
}

/** The same for a filter between brackets, which speaks of one element of the path's attribute. */
export function resolveElementFilter(raw: RawFilter, path: AttrPath, ledger: Ledger): Filter {
  if (path.sub || path.attribute.type !== 'complex') {
    throw invalidFilter(`\`${pathName(path)}\` has no sub-attributes for a filter in brackets`)
  }
  return resolve(raw, (leaf) => resolveLeaf(leaf, elementPath(leaf.name, path), ledger))
}

type Leaf = Extract<RawFilter, { name: string }>

function resolve(raw: RawFilter, resolveLeafOf: (leaf: Leaf) => Filter): Filter {
  switch (raw.kind) {
    case 'and':
    case 'or':
      return { kind: raw.kind, filters: raw.filters.map((filter) => resolve(filter, resolveLeafOf)) }
    case 'not':
      return { kind: 'not', filter: resolve(raw.filter, resolveLeafOf) }
    case 'present':
    case 'element':
    case 'compare':
      return resolveLeafOf(raw)
  }
}

function resolveLeaf(leaf: Leaf, named: AttrPath, ledger: Ledger): Filter {
  const path = readable(named)
  switch (leaf.kind) {
    case 'present':
      return { kind: 'present', path }
    case 'element':
      return { kind: 'element', path, filter: resolveElementFilter(leaf.filter, path, ledger) }
    case 'compare':
      return compare(leaf.op, simple(path, ledger), leaf.value, ledger)
  }
}

/** What a filter over one attribute says where that has no value: always or never. */
function withoutValue(filter: Filter): Filter {
  if (filter.kind === 'not') return { kind: 'not', filter: withoutValue(filter.filter) }
  return { kind: filter.kind === 'compare' && filter.op === 'ne' ? 'and' : 'or', filters: [] }
}

function topPath(name: string, type: ResourceType, ledger: Ledger): AttrPath {
  const path = findPath(name, type, ledger)
  if (path) return path
  throw invalidFilter(`${quote(name)} is no attribute of a ${type.name}`)
}

function findPath(name: string, type: ResourceType, ledger: Ledger): AttrPath | undefined {
  return wellFormed(name, type) ?? extensionPath(name, type, ledger)
}

/** The attribute of that name in the one extension that has it (F4). */
function extensionPath(name: string, type: ResourceType, ledger: Ledger): AttrPath | undefined {
  const paths = type.extensions.flatMap((extension) => wellFormed(`${extension.id}:${name}`, type) ?? [])
  return paths.length === 1 && ledger.allows('F4') ? paths[0] : undefined
}

function wellFormed(name: string, type: ResourceType): AttrPath | undefined {
  try {
    return resolvePath(name, type)
  } catch (error) {
    throw error instanceof ScimError ? invalidFilter(error.message) : error
  }
}

function elementPath(name: string, path: AttrPath): AttrPath {
  const sub = findAttribute(path.attribute.subAttributes ?? [], name)
  if (sub) return subPath(path, sub)
  throw invalidFilter(`${quote(name)} is no sub-attribute of \`${pathName(path)}\``)
}

/** A filter over what is never returned would give it away, one question at a time. */
function readable(path: AttrPath): AttrPath {
  if (path.attribute.returned !== 'never' && path.sub?.returned !== 'never') return path
  throw invalidFilter(`\`${pathName(path)}\` cannot be used in a filter`)
}

/** The path of the simple value that is compared: several complex values are compared by their `value`. */
function simple(path: AttrPath, ledger: Ledger): AttrPath {
  if (definitionAt(path).type !== 'complex') return path
  const value = findAttribute(path.attribute.subAttributes ?? [], 'value')
  if (value && (path.attribute.multiValued || ledger.allows('F3'))) return subPath(path, value)
  throw invalidFilter(`\`${pathName(path)}\` is complex: name one of its sub-attributes`)
}

function compare(op: CompareOp, path: AttrPath, value: Literal, ledger: Ledger): Filter {
  const definition = definitionAt(path)
  if (value === null) {
    if (op === 'ne') return { kind: 'present', path }
    if (op === 'eq') return { kind: 'not', filter: { kind: 'present', path } }
    throw invalidFilter(`\`${op}\` cannot compare with null`)
  }
  if (!OPERATORS[definition.type].has(op)) {
    throw invalidFilter(`\`${op}\` cannot compare \`${pathName(path)}\`, which is of type ${definition.type}`)
  }
  const literal = literalOf(definition, value, ledger)
  if (literal !== undefined) return { kind: 'compare', op, path, value: literal }
  throw invalidFilter(
    `\`${pathName(path)}\` is of type ${definition.type} and cannot be compared with ${quote(value)}`,
  )
}

const EQUALITY: readonly CompareOp[] = ['eq', 'ne']
const ORDER: readonly CompareOp[] = ['gt', 'ge', 'lt', 'le']
const CONTENT: readonly CompareOp[] = ['co', 'sw', 'ew']

/** RFC 7644 §3.4.2.2, Table 3: no order among booleans and binary values, no contents in what is not text. */
const OPERATORS: { readonly [type in AttributeDefinition['type']]: ReadonlySet<CompareOp> } = {
  string: new Set([...EQUALITY, ...ORDER, ...CONTENT]),
  reference: new Set([...EQUALITY, ...ORDER, ...CONTENT]),
  binary: new Set([...EQUALITY, ...CONTENT]),
  boolean: new Set(EQUALITY),
  integer: new Set([...EQUALITY, ...ORDER]),
  decimal: new Set([...EQUALITY, ...ORDER]),
  dateTime: new Set([...EQUALITY, ...ORDER]),
  complex: new Set(),
}

/** The literal in the type of the attribute, or undefined where it has no meaning in that type. */
function literalOf(
  { type }: AttributeDefinition,
  value: string | number | boolean,
  ledger: Ledger,
): string | number | boolean | undefined {
  switch (type) {
    case 'string':
    case 'reference':
    case 'binary':
      if (typeof value === 'string') return UNSTORABLE.test(value) ? undefined : value
      return typeof value === 'number' && ledger.allows('N6') ? String(value) : undefined
    case 'boolean':
      if (typeof value === 'boolean') return value
      return typeof value === 'string' && /^(?:true|false)$/i.test(value) && ledger.allows('N5')
        ? value.toLowerCase() === 'true'
        : undefined
    case 'integer':
    case 'decimal': {
      if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
      const isNumber = typeof value === 'string' && NUMBER.test(value) && Number.isFinite(Number(value))
      return isNumber && ledger.allows('N6') ? Number(value) : undefined
    }
    case 'dateTime': {
      const at = typeof value === 'string' ? instant(value) : undefined
      return at === undefined ? undefined : new Date(at).toISOString()
    }
    case 'complex':
      return undefined
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/
