import type { AttributeDefinition, ResourceType } from '../../../schemas/definition.ts'
import { invalidValue, quote } from '../error.ts'
import type { Ledger } from '../quirks/ledger.ts'
import { isObject, type MemberRef } from './resource.ts'
import { UNSTORABLE } from './read-value.ts'
import { entriesOf } from './shape.ts'

/**
 * Reads the members that a request names, each one once.
 *
 * Only who is meant is read; `display` and `$ref` are the server's to say (RFC 7643 §4.2).
 *
 * @throws ScimError `invalidValue`
 */
export function readMembers(sent: unknown, ledger: Ledger): readonly MemberRef[] {
  if (sent === undefined || sent === null || sent === '') return []
  if (!Array.isArray(sent) && !ledger.allows('N7'))
    throw invalidValue(`\`members\` must be an array, not ${quote(sent)}`)
  const members = new Map<string, MemberRef>()
  for (const each of Array.isArray(sent) ? (sent as unknown[]) : [sent]) {
    const member = readMember(each, ledger)
    members.set(member.value, member)
  }
  return [...members.values()]
}

/** Whether the attribute is the one that is no part of a group's document. */
export function isMembers(attribute: AttributeDefinition, type: ResourceType): boolean {
  return type.name === 'Group' && attribute.name === 'members'
}

function readMember(sent: unknown, ledger: Ledger): MemberRef {
  if (typeof sent === 'string' && sent !== '' && ledger.allows('N8')) return { value: identifier(sent) }
  if (!isObject(sent)) throw invalidValue(`a member must be an object with \`value\`, not ${quote(sent)}`)
  const entries = entriesOf(sent)
  const value = identifier(entries.get('value')?.[1])
  const sentType = entries.get('type')?.[1]
  const type = typeof sentType === 'string' ? TYPES.get(sentType.toLowerCase()) : undefined
  return type ? { value, type } : { value }
}

const TYPES: ReadonlyMap<string, 'User' | 'Group'> = new Map([
  ['user', 'User'],
  ['group', 'Group'],
])

function identifier(value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= LONGEST && !UNSTORABLE.test(value)) {
    return value
  }
  throw invalidValue(`\`members.value\` must be the id of a user or group, not ${quote(value ?? null)}`)
}

const LONGEST = 256
