import type { ResourceType } from '../../../schemas/definition.ts'
import { joinNotices, openLedger, type Ledger, type Notices } from '../quirks/ledger.ts'
import { refuseContraryAliases } from '../resource/contradictions.ts'
import { checkImmutable, keepDefaults } from '../resource/replace.ts'
import type { Resource } from '../resource/resource.ts'
import { sameValue } from '../resource/same.ts'
import { settle } from '../resource/settle.ts'
import { add } from './add.ts'
import type { Operation, Patch } from './patch.ts'
import { remove } from './remove.ts'
import { replace } from './replace.ts'

/**
 * What a PATCH makes of a stored resource, operation by operation (RFC 7644 §3.5.2).
 *
 * Nothing is changed in place: the result is a new resource, checked as a whole, or an error and nothing. If nothing
 * is different afterwards, the stored resource itself comes back. Membership operations are passed over; see
 * `splitMembers`.
 *
 * @throws ScimError `noTarget`, `mutability`, `invalidValue`
 */
export function applyPatch(
  stored: Resource,
  patch: Patch,
  type: ResourceType,
): { resource: Resource; changed: boolean; notices: Notices } {
  const ledger = openLedger({ strict: patch.strict })
  const patched = patch.operations.reduce(
    (resource, operation) => applyOne(resource, operation, ledger),
    stored,
  )
  const resource = settle(keepDefaults(patched, stored, type), type, ledger, stored)
  refuseContraryAliases(resource, type, stored)
  checkImmutable(stored, resource, type)
  const changed = !sameValue(stored, resource)
  return {
    resource: changed ? resource : stored,
    changed,
    notices: joinNotices(patch.notices, ledger.notices()),
  }
}

function applyOne(resource: Resource, operation: Operation, ledger: Ledger): Resource {
  switch (operation.op) {
    case 'add':
      return add(resource, operation.target, operation.value, ledger)
    case 'replace':
      return replace(resource, operation.target, operation.value, ledger)
    case 'remove':
      return remove(resource, operation.target, operation.value)
    case 'members':
      return resource
  }
}
