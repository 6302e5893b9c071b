import type { Person } from './company.ts'
import type { Connection } from './connection.ts'

/** What an identity provider does, in its own request forms. Ids are the server's. */
export interface Dialect {
  testConnection(): Promise<void>
  /** Looks for the person and creates them when nobody is found; gives the id. */
  assign(person: Person): Promise<string>
  /** Absent where the provider does not send managers as references. */
  setManager?(id: string, managerId: string): Promise<void>
  update(id: string, before: Person, after: Person): Promise<void>
  deactivate(id: string): Promise<void>
  /** Creates the group without members, or finds it; gives the id. */
  pushGroup(externalId: string, name: string): Promise<string>
  renameGroup(id: string, name: string): Promise<void>
  addMembers(group: GroupRef, members: readonly MemberRef[]): Promise<void>
  removeMembers(group: GroupRef, members: readonly MemberRef[]): Promise<void>
}

export interface GroupRef {
  readonly id: string
  readonly name: string
}

export interface MemberRef {
  readonly id: string
  readonly userName: string
}

export type OpenDialect = (connection: Connection, extension: string) => Dialect

/** The most membership changes in one request: Okta's default, and the number Entra is advised to stay below. */
export const membersPerRequest = 100

export const urns = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
} as const

/** The id in an answer. Throws when there is none, as both providers do. */
export function idOf(body: unknown): string {
  if (typeof body === 'object' && body !== null && 'id' in body && typeof body.id === 'string') return body.id
  throw new Error('the answer has no `id`')
}

/** The ids that a list response holds. */
export function idsOf(body: unknown): string[] {
  const listed = typeof body === 'object' && body !== null && 'Resources' in body ? body.Resources : undefined
  return Array.isArray(listed) ? listed.map(idOf) : []
}

/** A list in pieces of at most `size`. */
export const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  )
