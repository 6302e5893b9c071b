import type { AttributeOutput, Decision } from './decision.ts'

/**
 * Whether somebody may do less than before, or does it elsewhere: access is gone, a permission is, an attribute has
 * fewer values, or queries run on another connection. Who had nothing loses nothing; another value is none that is lost.
 */
export function isLoss(before: Decision, after: Decision): boolean {
  if (before.decision === 'deny') return false
  if (after.decision === 'deny') return true
  if (before.environment?.connection !== after.environment?.connection) return true
  const held = new Set(after.permissions)
  if (before.permissions.some((permission) => !held.has(permission))) return true
  return Object.entries(before.attributes).some(
    ([reference, value]) => countOf(after.attributes[reference]) < countOf(value),
  )
}

/** How many values an attribute has. */
function countOf(value: AttributeOutput | undefined): number {
  if (value === null || value === undefined) return 0
  return typeof value === 'object' ? value.length : 1
}
