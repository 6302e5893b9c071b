import type { Decision } from './decision.ts'

/**
 * Whether somebody may do less than before, or does it elsewhere: access is gone, a permission is, or queries run on
 * another connection. Who had nothing loses nothing.
 */
export function isLoss(before: Decision, after: Decision): boolean {
  if (before.decision === 'deny') return false
  if (after.decision === 'deny') return true
  if (before.environment?.connection !== after.environment?.connection) return true
  const held = new Set(after.permissions)
  return before.permissions.some((permission) => !held.has(permission))
}
