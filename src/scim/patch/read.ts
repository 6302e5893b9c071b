import type { ResourceType, SchemaDefinition } from '../../../schemas/definition.ts'
import { findAttribute } from '../attribute.ts'
import { invalidPath, invalidSyntax, invalidValue, mutability, noTarget, quote, ScimError } from '../error.ts'
import { resolveSchema } from '../path/parse.ts'
import { definitionAt, pathName, subPath } from '../path/path.ts'
import { openLedger, type Ledger, type Reading } from '../quirks/ledger.ts'
import { rewriteSingle, rewriteValue } from '../quirks/values.ts'
import { refuseContradictions } from '../resource/contradictions.ts'
import { isMembers } from '../resource/members.ts'
import { readSingle, readValue } from '../resource/read-value.ts'
import { isObject } from '../resource/resource.ts'
import { checkShape, entriesOf } from '../resource/shape.ts'
import { listOperations, readVerb, type Verb } from './envelope.ts'
import { readMemberOperation } from './members.ts'
import type { Operation, Patch, Target } from './patch.ts'
import { resolveTarget } from './target.ts'

/** The most changes one PATCH may make; members in a list do not count one by one. */
export const MOST_CHANGES = 2000

/**
 * Reads the body of a PATCH (RFC 7644 §3.5.2) against the schemas, before any resource is looked at.
 *
 * @throws ScimError for whatever is wrong with the request itself
 * @example readPatch({ Operations: [{ op: 'Replace', path: 'active', value: 'False' }] }, userType)
 */
export function readPatch(body: unknown, type: ResourceType, reading: Reading = {}): Patch {
  const ledger = openLedger(reading)
  if (!isObject(body)) throw invalidSyntax('the body must be a JSON object')
  checkShape(body)
  const operations: Operation[] = []
  for (const sent of listOperations(body, ledger)) {
    for (const operation of readOperation(sent, { type, ledger })) {
      if (operations.length === MOST_CHANGES)
        throw invalidSyntax(`the request makes more than ${MOST_CHANGES} changes`)
      operations.push(operation)
    }
  }
  return { operations, notices: ledger.notices(), strict: ledger.strict }
}

interface Context {
  readonly type: ResourceType
  readonly ledger: Ledger
  /** The key that the path comes from, in a value without a path. */
  readonly implied?: string
}

/** An operation as it was sent, its parts found. */
interface Sent {
  readonly op: Verb
  /** undefined where there is none; null is a value. */
  readonly value: unknown
}

function* readOperation(sent: unknown, context: Context): Iterable<Operation> {
  if (!isObject(sent)) throw invalidSyntax(`an operation must be an object, not ${quote(sent)}`)
  const entries = entriesOf(sent)
  const op = readVerb(entries.get('op')?.[1], context.ledger)
  const path = entries.get('path')?.[1] ?? ''
  const value = entries.get('value')?.[1]
  if (typeof path !== 'string')
    throw invalidPath(`the path of an operation must be a text, not ${quote(path)}`)
  if (value === undefined && op !== 'remove') throw invalidSyntax(`the ${op} operation has no value`)
  if (path.trim() !== '') yield* readAt(path, { op, value }, context)
  else if (op === 'remove') throw noTarget('the remove operation has no path')
  else yield* readKeys('', { op, value }, context)
}

/** The attributes of a value without a path, or of the value of an extension, one by one. */
function* readKeys(prefix: string, { op, value }: Sent, context: Context): Iterable<Operation> {
  if (!isObject(value)) throw invalidValue(`a value without a path must be an object, not ${quote(value)}`)
  for (const [name, each] of entriesOf(value).values()) {
    yield* readAt(prefix + name, { op, value: each }, { ...context, implied: name })
  }
}

function* readAt(path: string, sent: Sent, context: Context): Iterable<Operation> {
  const schema = resolveSchema(path.trim(), context.type)
  if (schema) {
    yield* readSchema(schema, sent, context)
    return
  }
  const target = findTarget(path, context)
  if (!target || isLeftOut(target, context)) return
  if (isMembers(target.path.attribute, context.type)) {
    for (const change of readMemberOperation(sent.op, target, asList(sent.value), context.ledger)) {
      yield { op: 'members', change }
    }
    return
  }
  yield* readTargeted(target, sent, context)
}

/** An extension as a whole: its attributes one by one. */
function* readSchema(schema: SchemaDefinition, { op, value }: Sent, context: Context): Iterable<Operation> {
  if (schema === context.type.schema && op === 'remove')
    throw mutability(`\`${schema.id}\` cannot be removed`)
  if (op !== 'remove' && value !== null && value !== '') {
    if (isObject(value)) refuseContradictions(entriesOf(value).values(), schema.attributes)
    yield* readKeys(`${schema.id}:`, { op, value }, context)
    return
  }
  for (const { name, mutability: may } of schema.attributes) {
    if (may === 'readOnly') continue
    yield* readAt(`${schema.id}:${name}`, { op: 'remove', value: undefined }, { ...context, implied: name })
  }
}

/** What the path names, or undefined where nobody knows it and that may pass. */
function findTarget(path: string, { type, ledger, implied }: Context): Target | undefined {
  const target =
    implied === undefined ? resolveTarget(path, type, ledger) : impliedTarget(path, implied, type, ledger)
  if (target || ledger.ignores(path)) return target
  throw invalidPath(`${quote(path)} is no attribute of a ${type.name}`)
}

/** A key that is no path at all is an attribute that nobody knows. */
function impliedTarget(path: string, key: string, type: ResourceType, ledger: Ledger): Target | undefined {
  try {
    const target = resolveTarget(path, type, ledger)
    return target && (PLAIN_NAME.test(key) || ledger.allows('N9')) ? target : undefined
  } catch (error) {
    if (error instanceof ScimError && error.scimType === 'invalidPath') return undefined
    throw error
  }
}

const PLAIN_NAME = /^[-\w$]+$/

/** What the server owns cannot be changed; clients that send back what they have read do not mean to. */
function isLeftOut({ path }: Target, { ledger, implied }: Context): boolean {
  const { attribute, sub } = path
  if (attribute.mutability !== 'readOnly' && sub?.mutability !== 'readOnly') return false
  if ((implied !== undefined || attribute.name === 'groups') && ledger.allows('N19')) return true
  throw mutability(`\`${pathName(path)}\` is read-only`)
}

function* readTargeted(target: Target, sent: Sent, { ledger }: Context): Iterable<Operation> {
  const { path, filter } = target
  const place = pathName(path)
  const isWhole = path.sub === undefined
  if (sent.op === 'remove') {
    if (definitionAt(path).required && !filter)
      throw mutability(`\`${place}\` is required and cannot be removed`)
    if (isWhole && filter) yield { op: 'remove', target }
    else yield* readRemove(target, sent.value, ledger)
    return
  }
  if (isWhole && !filter && path.attribute.type === 'complex' && !path.attribute.multiValued) {
    yield* readComplex(target, sent, ledger)
    return
  }
  const element = isWhole && filter !== undefined
  const value = element
    ? readSingle(rewriteSingle(sent.value, path.attribute, ledger), path.attribute, place, ledger)
    : readValue(
        isWhole && path.attribute.multiValued && sent.value !== null ? [sent.value].flat() : sent.value,
        definitionAt(path),
        place,
        ledger,
      )
  if (path.attribute.returned === 'never') return
  if (value !== undefined) yield { op: sent.op, target, value }
  else yield* readClear(target, sent)
}

/** Nothing as a value takes away what is there; adding nothing to several values leaves them. */
function* readClear(target: Target, sent: Sent): Iterable<Operation> {
  const definition = definitionAt(target.path)
  if (definition.required) throw invalidValue(`\`${pathName(target.path)}\` is required`)
  if (sent.op === 'replace' || !definition.multiValued) yield { op: 'remove', target }
}

function* readRemove(target: Target, sent: unknown, ledger: Ledger): Iterable<Operation> {
  const definition = definitionAt(target.path)
  if (definition.returned === 'never') return
  if (sent === undefined || sent === null || sent === '') {
    yield { op: 'remove', target }
    return
  }
  if (!ledger.allows(definition.multiValued ? 'N14' : 'N16'))
    throw invalidSyntax('a remove operation has no value')
  const value = readValue(sent, definition, pathName(target.path), ledger)
  if (value !== undefined) yield { op: 'remove', target, value }
}

/** A single complex value: what it names is changed, the rest stays (RFC 7644 §3.5.2.3). */
function* readComplex(target: Target, { op, value }: Sent, ledger: Ledger): Iterable<Operation> {
  const { path } = target
  const { attribute } = path
  const complex = rewriteValue(rewriteSingle(value, attribute, ledger), attribute, ledger)
  if (complex === undefined || complex === null) {
    yield* readClear(target, { op, value })
    return
  }
  if (!isObject(complex)) throw invalidValue(`\`${pathName(path)}\` must be an object, not ${quote(complex)}`)
  for (const [name, each] of entriesOf(complex).values()) {
    const sub = findAttribute(attribute.subAttributes ?? [], name)
    if (!sub && !ledger.ignores(`${pathName(path)}.${name}`)) {
      throw invalidValue(`${quote(`${pathName(path)}.${name}`)} is no attribute`)
    }
    if (!sub || sub.mutability === 'readOnly') continue
    const inner = { path: subPath(path, sub) }
    const read = readValue(each, sub, pathName(inner.path), ledger)
    if (read === undefined) yield* readClear(inner, { op, value: each })
    else yield { op, target: inner, value: read }
  }
}

/** One element for several values is a list of one (RFC 7644 §3.5.2.1). */
function asList(value: unknown): unknown {
  return isObject(value) ? [value] : value
}
