import { folded, isDoc, isUrn, kindAt, listOf } from './attributes.ts'
import type { Doc, Json, Kind, Kinds, Path } from './attributes.ts'
import { checkFilter, matches } from './filter.ts'
import type { Filter } from './filter.ts'
import { readMembers } from './members.ts'
import type { MemberChange } from './members.ts'
import { bad } from './refusal.ts'
import { clean, isPrimary, meant, onlyPrimary, unwrapped } from './values.ts'

/** Where an operation goes: `path`, `path[where]` or `path[where].sub`. An extension as a whole is its URN alone. */
export interface Target {
  readonly path: Path
  readonly where?: Filter
  readonly sub?: string
}

/** An operation as it is sent (RFC 7644 §3.5.2). */
export interface Operation {
  readonly op: string
  readonly target?: Target
  readonly value?: Json
  /** A value without a path: each key of it is one. */
  readonly keys?: readonly (readonly [Target, Json])[]
}

/** What an operation does to one attribute. */
export interface Change {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: Path
  readonly kind: Kind
  readonly where?: Filter | undefined
  readonly sub?: string | undefined
  readonly value?: Json | undefined
  /** In place of all that, for the members of a group. */
  readonly members?: readonly MemberChange[]
}

/** What operations mean, before any resource is looked at. @throws Refusal for what is wrong in whatever resource */
export function readPatch(operations: readonly Operation[], kinds: Kinds, strict: boolean): Change[] {
  return operations.flatMap(({ op: sent, target, value, keys }) => {
    const op = sent.toLowerCase()
    if (op !== 'add' && op !== 'remove' && op !== 'replace') throw bad('invalidSyntax')
    if (op !== sent && strict) throw bad('invalidSyntax')
    if (value === undefined && keys === undefined && op !== 'remove') throw bad('invalidSyntax')
    if (target) return readOne({ op, target, value }, kinds, strict, false)
    if (op === 'remove') throw bad('noTarget')
    if (!keys) throw bad('invalidValue')
    return keys.flatMap(([key, each]) => readOne({ op, target: key, value: each }, kinds, strict, true))
  })
}

interface One {
  readonly op: Change['op']
  readonly target: Target
  readonly value: Json | undefined
}

function readOne({ op, target, value }: One, kinds: Kinds, strict: boolean, isKey: boolean): Change[] {
  const { path, where, sub } = target
  if (path.length === 1 && isUrn(path[0])) return readExtension({ op, target, value }, kinds, strict)
  const kind = kindAt(kinds, path)
  const last = sub === undefined ? kind : kind?.subs?.[sub]
  // A key that is more than a name is an attribute nobody knows, but for those who take it for a path (N9).
  const isPath = path.length > 1 || where !== undefined || sub !== undefined
  if (kind && where) checkFilter(where, kind.subs ?? {}, strict)
  if (!kind || !last || (isKey && isPath && strict)) {
    if (strict) throw bad('invalidPath')
    return []
  }
  if ([...path.keys()].some((at) => kindAt(kinds, path.slice(0, at + 1))?.owned) || last.owned) {
    if (!strict && (isKey || path[0] === 'groups')) return []
    throw bad('mutability')
  }
  if (path[0] === 'members')
    return [{ op, path, kind, members: readMembers({ op, where, sub, value }, strict) }]
  if (op === 'remove') {
    if (last.required) throw bad('mutability')
    if (value === undefined || value === null || value === '') return [{ op, path, kind, where, sub }]
    if (strict) throw bad('invalidSyntax')
    const only = clean(last.many ? listOf(value) : value, last, strict)
    return only === undefined ? [] : [{ op, path, kind, where, sub, value: only }]
  }
  if (kind.type === 'complex' && !kind.many && sub === undefined)
    return readParts({ op, target, value }, kind, strict)
  const { many: _, ...element } = kind
  const values = last.many ? listOf(value) : value
  const isElement = where !== undefined && sub === undefined
  const wanted = isElement ? clean(value, element, strict) : clean(values, last, strict)
  if (wanted !== undefined) return [{ op, path, kind, where, sub, value: wanted }]
  if (last.required) throw bad('invalidValue')
  return op === 'add' && last.many ? [] : [{ op: 'remove', path, kind, where, sub }]
}

/** An extension as a whole: what it names of it, or all of it. */
function readExtension({ op, target, value }: One, kinds: Kinds, strict: boolean): Change[] {
  const [urn = ''] = target.path
  const subs = kinds[urn]?.subs ?? {}
  if (op === 'remove' || value === null || value === '') {
    return Object.entries(subs).map(([name, kind]): Change => ({ op: 'remove', path: [urn, name], kind }))
  }
  if (!isDoc(value)) throw bad('invalidValue')
  return Object.entries(value).flatMap(([name, each]) =>
    readOne({ op, target: { path: [urn, name] }, value: each }, kinds, strict, false),
  )
}

/** A single complex value: what is not named stays (RFC 7644 §3.5.2.3). */
function readParts({ op, target: { path }, value }: One, kind: Kind, strict: boolean): Change[] {
  const subs = kind.subs ?? {}
  const one = strict ? (value ?? null) : unwrapped(value ?? null, kind)
  if (one === null || (one === '' && !strict)) return [{ op: 'remove', path, kind }]
  const given: Json = isDoc(one) || strict || !('value' in subs) ? one : { value: one }
  if (!isDoc(given)) throw bad('invalidValue')
  return Object.entries(given).flatMap(([sub, each]): Change[] => {
    const subKind = subs[sub]
    if (!subKind && strict) throw bad('invalidValue')
    if (!subKind || subKind.owned) return []
    const wanted = clean(each, subKind, strict)
    return [wanted === undefined ? { op: 'remove', path, kind, sub } : { op, path, kind, sub, value: wanted }]
  })
}

/** Makes one change of a resource, in place. @throws Refusal `noTarget` */
export function applyChange(doc: Doc, change: Change, strict: boolean): void {
  const { path, kind } = change
  const name = path.at(-1) ?? ''
  const place = placeOf(doc, path)
  const after = kind.many
    ? changeList(listOf(place[name]), change, strict)
    : changeSingle(place[name], change)
  if (after === undefined) delete place[name]
  else place[name] = after
}

/** The object that an attribute is in: the resource, or an extension of it. */
function placeOf(doc: Doc, path: Path): Doc {
  const [urn = ''] = path
  if (path.length === 1) return doc
  const container = doc[urn]
  return isDoc(container) ? container : ((doc[urn] = {}) as Doc)
}

function changeSingle(before: Json | undefined, { op, sub, value, kind }: Change): Json | undefined {
  if (sub !== undefined) {
    const complex: Doc = isDoc(before) ? { ...before } : {}
    const after = changeSingle(complex[sub], { op, path: [], kind: kind.subs?.[sub] ?? kind, value })
    if (after === undefined) delete complex[sub]
    else complex[sub] = after
    return complex
  }
  if (op !== 'remove') return value
  // A remove that says what it removes leaves everything else (N16).
  return value === undefined || isSameValue(before ?? null, value, kind) ? undefined : before
}

function changeList(before: readonly Json[], change: Change, strict: boolean): Json[] {
  const { op, where, sub, value, kind } = change
  if (where === undefined && sub === undefined) return changeWhole(before, change)
  const isSelected = (each: Json): boolean => where === undefined || matches(where, each, kind.subs ?? {})
  const changed = (each: Json): Json[] => {
    const element: Doc = isDoc(each) ? { ...each } : {}
    if (sub === undefined) {
      if (op === 'remove') return []
      return [op === 'add' ? { ...element, ...(value as Doc) } : (value ?? null)]
    }
    if (op === 'remove') delete element[sub]
    else element[sub] = value ?? null
    return [element]
  }
  const saysPrimary = sub === undefined ? isPrimary(value ?? null) : sub === 'primary' && value === true
  const said: Json[] = []
  const after = before.flatMap((each) => {
    if (!isSelected(each)) return [each]
    const elements = changed(each)
    if (saysPrimary) said.push(...elements)
    return elements
  })
  if (op === 'remove') return after
  if (before.some(isSelected)) return settlePrimary(after, said)
  if (strict) throw bad('noTarget')
  const made = {
    ...described(where, kind.subs ?? {}),
    ...(sub === undefined ? (value as Doc) : { [sub]: value ?? null }),
  }
  return settlePrimary([...before, made], [made])
}

/** All values at once: those that are added, those that stand instead, or those that go. */
function changeWhole(before: readonly Json[], { op, value, kind }: Change): Json[] {
  const values = listOf(value)
  if (op === 'replace') return values
  if (op === 'remove') {
    if (value === undefined) return []
    return before.filter((each) => !values.some((unwanted) => isSameValue(each, unwanted, kind)))
  }
  const after = [...before]
  let said = -1
  for (const added of values) {
    const found = after.findIndex((each) => isSameValue(each, added, kind))
    const at = found < 0 ? after.length : found
    const known = after[at]
    after[at] = isDoc(known) && isDoc(added) ? { ...known, ...added } : (known ?? added)
    if (isPrimary(added)) said = at
  }
  return settlePrimary(after, said < 0 ? [] : after.slice(said, said + 1))
}

/** What is said to be primary ends the primacy of all others (RFC 7644 §3.5.2); of several it is the last one. */
function settlePrimary(after: readonly Json[], said: readonly Json[]): Json[] {
  return onlyPrimary(after, said.findLast(isPrimary) ?? after.findLast(isPrimary))
}

/** The element that a filter describes (N11): `type eq "work" and primary eq true`. */
function described(filter: Filter | undefined, subs: Kinds): Doc {
  if (filter === undefined) return {}
  if ('and' in filter) return { ...described(filter.and[0], subs), ...described(filter.and[1], subs) }
  if ('op' in filter && filter.op === 'eq' && filter.value !== null) {
    const [name = ''] = filter.path
    return { [name]: meant(filter.value, subs[name] ?? { type: 'string' }) }
  }
  throw bad('noTarget')
}

/**
 * Whether one value names another: the same `value`, and the same type where both have one. Without a `value` it is all
 * they say, but for which one is primary.
 */
function isSameValue(left: Json, right: Json, kind: Kind): boolean {
  const { subs } = kind
  if (!subs || !isDoc(left) || !isDoc(right)) return isAlike(left, right, kind)
  if (left['value'] === undefined && right['value'] === undefined) {
    return Object.entries(subs).every(
      ([name, sub]) => name === 'primary' || isAlike(left[name], right[name], sub),
    )
  }
  const { type: leftType, value: leftValue } = left
  const { type: rightType, value: rightValue } = right
  const oneKind =
    leftType === undefined || rightType === undefined || isAlike(leftType, rightType, subs['type'])
  return isAlike(leftValue, rightValue, subs['value']) && oneKind
}

function isAlike(left: Json | undefined, right: Json | undefined, kind: Kind | undefined): boolean {
  const textOf = (value: Json | undefined): string => folded(JSON.stringify(value) ?? '', kind)
  return textOf(left) === textOf(right)
}
