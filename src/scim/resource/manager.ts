import type { ResourceType } from '../../../schemas/definition.ts'
import { applyPatch } from '../patch/apply.ts'
import { resolvePath } from '../path/parse.ts'
import { isComplex, type Resource } from './resource.ts'

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
/** The path of the attribute. */
export const MANAGER = `${ENTERPRISE}:manager`

/** The path under which the index knows the managers of users. */
export const MANAGER_VALUE = `${MANAGER}.value`

/** A user who is the manager of another one. */
export interface Manager {
  readonly id: string
  readonly displayName: string | null
}

/** What a user's manager is called, be it the id of anybody or not (RFC 7643 §4.3). */
export function managerIn(user: Resource): string | undefined {
  const enterprise = user[ENTERPRISE]
  const manager = isComplex(enterprise) ? enterprise['manager'] : undefined
  const value = isComplex(manager) ? manager['value'] : undefined
  return typeof value === 'string' ? value : undefined
}

/** Whether the stored text of a user may name a manager; never false where it does. */
export const mayHaveManager = (document: string): boolean => document.includes('"manager":{')

/** A user without a manager. */
export function withoutManager(user: Resource, type: ResourceType): ReturnType<typeof applyPatch> {
  const path = resolvePath(MANAGER, type)
  if (path === undefined) throw new Error(`a ${type.name} has no \`${MANAGER}\``)
  const notices = { ignored: [], rewrites: [] }
  return applyPatch(user, { operations: [{ op: 'remove', target: { path } }], notices, strict: false }, type)
}

/** The stored text of a user with what is derived of the manager: `$ref` and `displayName` (RFC 7643 §4.3). */
export function withManager(document: string, { id, displayName }: Manager, base: string): string {
  const value = `"manager":{"value":${JSON.stringify(id)}`
  const start = document.indexOf(value, document.indexOf(`"${ENTERPRISE}":{`))
  if (start === -1) return document
  const derived = JSON.stringify({
    $ref: `${base}/Users/${id}`,
    ...(displayName !== null && { displayName }),
  })
  const end = start + value.length
  return `${document.slice(0, end)},${derived.slice(1, -1)}${document.slice(end)}`
}
