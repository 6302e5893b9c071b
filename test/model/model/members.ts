import { asText, ATTRIBUTES, isDoc, kindAt, listOf } from './attributes.ts'
import type { Json } from './attributes.ts'
import { matches } from './filter.ts'
import type { Filter } from './filter.ts'
import { bad } from './refusal.ts'
import { show } from './world.ts'
import type { Resource, World } from './world.ts'

/** A change of who is in a group. Names are ids or external ids. */
export type MemberChange =
  | { readonly op: 'add' | 'replace' | 'remove'; readonly names: readonly string[] }
  | { readonly op: 'clear' }
  | { readonly op: 'removeWhere'; readonly where: Filter }

/** An operation on `members` as it is sent. */
interface SentMembers {
  readonly op: 'add' | 'remove' | 'replace'
  readonly where?: Filter | undefined
  readonly sub?: string | undefined
  readonly value?: Json | undefined
}

/** What an operation on `members` means (RFC 7643 §4.2: members are added and removed, never changed). */
export function readMembers({ op, where, sub, value }: SentMembers, strict: boolean): MemberChange[] {
  if (sub !== undefined) throw bad('mutability')
  const named = where && namesIn(where)
  if (op === 'remove') {
    if (where) return [named ? { op, names: named } : { op: 'removeWhere', where }]
    if (value === undefined || value === null) return [{ op: 'clear' }]
    if (strict) throw bad('invalidSyntax')
  }
  if (where) {
    if (op === 'replace' || strict || !named) throw bad('mutability')
    return [{ op: 'add', names: named }]
  }
  const names = namesOf(value, strict)
  // A list of nobody adds and removes nobody; only as the new list it says something.
  return names.length === 0 && op !== 'replace' ? [] : [{ op, names }]
}

/** The names in a list of members. */
export function namesOf(value: Json | undefined, strict: boolean): string[] {
  if (value === '') return []
  return listOf(value).map((each) => {
    if (typeof each === 'string' && each !== '' && !strict) return each
    const id = isDoc(each) ? each['value'] : undefined
    if (typeof id !== 'string' || id === '') throw bad('invalidValue')
    return id
  })
}

/** The members that a filter names by nothing else than their ids. */
function namesIn(where: Filter): string[] | undefined {
  if ('op' in where) {
    const isName = where.op === 'eq' && where.path[0] === 'value' && where.value !== null
    return isName ? [asText(where.value)] : undefined
  }
  if (!('or' in where)) return undefined
  const [left, right] = where.or.map(namesIn)
  return left && right ? [...left, ...right] : undefined
}

/** Changes who is in a group, in place. @throws Refusal when a new list names nobody who is known */
export function changeMembers(world: World, group: Resource, changes: readonly MemberChange[]): void {
  for (const change of changes) changeOnce(world, group, change)
}

function changeOnce(world: World, group: Resource, change: MemberChange): void {
  switch (change.op) {
    case 'add':
    case 'replace': {
      const known = change.names.flatMap((name) => whoIs(world, name) ?? [])
      const unknown = change.names.filter((name) => whoIs(world, name) === undefined)
      if (change.op === 'replace') {
        if (known.length === 0 && unknown.length > 0) throw bad('invalidValue')
        group.members = []
        group.awaited = []
      }
      group.members = [...new Set([...group.members, ...known])]
      group.awaited = [
        ...new Set([...group.awaited.filter((name) => !change.names.includes(name)), ...unknown]),
      ]
      return
    }
    case 'remove':
      for (const name of change.names) {
        const id = group.members.includes(name) ? name : whoIs(world, name)
        group.members = group.members.filter((member) => member !== id)
        group.awaited = group.awaited.filter((each) => each !== name)
      }
      return
    case 'clear':
      group.members = []
      group.awaited = []
      return
    case 'removeWhere': {
      const subs = kindAt(ATTRIBUTES.Group, ['members'])?.subs ?? {}
      const gone = listOf(show(world, group)['members']).filter((each) => matches(change.where, each, subs))
      group.members = group.members.filter((id) => !gone.some((each) => isDoc(each) && each['value'] === id))
      group.awaited = group.awaited.filter((value) => !matches(change.where, { value }, subs))
    }
  }
}

/** Who is meant by a name: whoever has this id, or else is the only one with this external id. */
function whoIs(world: World, name: string): string | undefined {
  const byId = world.resources.find(({ id }) => id === name)
  const [one, ...others] = world.resources.filter(({ doc }) => doc['externalId'] === name)
  return byId?.id ?? (others.length === 0 ? one?.id : undefined)
}
