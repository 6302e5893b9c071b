import { parseConfig } from '../../../schemas/config.ts'
import { rolePermissions } from '../../../schemas/roles.ts'
import type { Fault } from '../problem.ts'
import { addEntry, type Edited } from './add.ts'
import type { Document, Entry } from './document.ts'
import { findEntry } from './entries.ts'
import { permissionFacts, type Facts } from './facts.ts'
import { mergePatch } from './merge-patch.ts'
import { told } from './places.ts'
import { saidTier } from './role-order.ts'

/**
 * Adds a role that is like another one, base roles included, but for what is sent.
 *
 * @param but a merge patch over the copy; its `name` is the new role's
 * @throws Problem 404; 409 when the name is taken
 */
export function duplicateRole(document: Document, id: string, but: Entry): Edited {
  const { entry } = findEntry(document, { section: 'roles' }, id)
  const copy = mergePatch({ ...entry, displayName: `Copy of ${String(entry['displayName'])}` }, but) as Entry
  return addEntry(document, { section: 'roles' }, copy)
}

/** A role that is being thought of. */
export interface CheckedRole extends Facts {
  /** What keeps it from being a role. */
  readonly errors: readonly Fault[]
}

/** What a role amounts to that is none yet: for whoever ticks its permissions. Its names may be missing still. */
export function checkRole(draft: Entry): CheckedRole {
  const written = { name: 'draft', displayName: 'draft', ...draft }
  const parsed = parseConfig({ roles: [written] })
  const errors = parsed.ok ? [] : parsed.errors.map((fault) => told({}, fault, ['roles', 0]))
  return { ...permissionFacts(permissionsOf(written)), errors }
}

/** The permissions that are meant, as far as that can be told. */
function permissionsOf(role: Entry): string[] {
  const texts = (list: unknown): string[] | undefined =>
    Array.isArray(list) ? list.filter((one) => typeof one === 'string') : undefined
  const { permissions, without } = role
  return rolePermissions({ tier: saidTier(role), permissions: texts(permissions), without: texts(without) })
}
