import { invalidSyntax, mutability } from '../error.ts'
import type { Filter } from '../filter/filter.ts'
import type { Ledger } from '../quirks/ledger.ts'
import { readMembers } from '../resource/members.ts'
import type { Verb } from './envelope.ts'
import type { MemberOperation, Patch, Target } from './patch.ts'

/**
 * Parts what a PATCH does to the members of a group from what it does to the group itself.
 *
 * Both keep their order; they touch different things, so nothing is lost between them.
 */
export function splitMembers(patch: Patch): { members: readonly MemberOperation[]; rest: Patch } {
  return {
    members: patch.operations.flatMap((operation) => (operation.op === 'members' ? [operation.change] : [])),
    rest: { ...patch, operations: patch.operations.filter((operation) => operation.op !== 'members') },
  }
}

/**
 * Reads an operation on `members` (RFC 7643 §4.2: a member is added or removed, never changed).
 *
 * @throws ScimError `mutability` for a change of a member, `invalidValue` for a member that is none
 */
export function readMemberOperation(
  op: Verb,
  { path, filter }: Target,
  value: unknown,
  ledger: Ledger,
): readonly MemberOperation[] {
  if (path.sub) throw mutability(`\`members.${path.sub.name}\` cannot be changed: add or remove the member`)
  if (op === 'remove') return filter ? [removeSelected(filter)] : removeListed(value, ledger)
  if (filter) {
    const ids = op === 'add' ? idsOf(filter) : undefined
    if (!ids || !ledger.allows('N11'))
      throw mutability('`members[…]` cannot be changed: add or remove the member')
    return [{ kind: 'add', members: ids.map((id) => ({ value: id })) }]
  }
  const members = readMembers(value, ledger)
  return op === 'add' && members.length === 0 ? [] : [{ kind: op, members }]
}

/** Whoever is named is removed by name; a list of nobody removes nobody. */
function removeListed(value: unknown, ledger: Ledger): readonly MemberOperation[] {
  if (value === undefined || value === null) return [{ kind: 'clear' }]
  if (!ledger.allows('N14'))
    throw invalidSyntax('a remove operation has no value: select members by a filter')
  const members = readMembers(value, ledger)
  return members.length === 0 ? [] : [{ kind: 'remove', members }]
}

function removeSelected(filter: Filter): MemberOperation {
  const ids = idsOf(filter)
  return ids ? { kind: 'remove', members: ids.map((value) => ({ value })) } : { kind: 'removeWhere', filter }
}

/** The ids, if the filter selects members by nothing else. */
function idsOf(filter: Filter): readonly string[] | undefined {
  if (filter.kind === 'compare') {
    return filter.op === 'eq' && filter.path.sub?.name === 'value' ? [String(filter.value)] : undefined
  }
  if (filter.kind !== 'or') return undefined
  const ids = filter.filters.map(idsOf)
  return ids.every((each) => each !== undefined) ? ids.flat() : undefined
}
