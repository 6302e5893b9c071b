import type { Filter } from '../filter/filter.ts'
import type { AttrPath } from '../path/path.ts'
import type { Notices } from '../quirks/ledger.ts'
import type { MemberRef, Value } from '../resource/resource.ts'

/** A PATCH request after reading: every target resolved, every value of its attribute's type (RFC 7644 §3.5.2). */
export interface Patch {
  readonly operations: readonly Operation[]
  readonly notices: Notices
  /** Whether it is applied to the letter too. */
  readonly strict: boolean
}

/**
 * One change of one target.
 *
 * A target is never a whole resource, an extension or a single complex value: such an operation has become one for
 * each attribute in it, since what it does not name stays as it is.
 */
export type Operation =
  | { readonly op: 'add' | 'replace'; readonly target: Target; readonly value: Value }
  /** With a value, only what equals it goes. */
  | { readonly op: 'remove'; readonly target: Target; readonly value?: Value }
  | { readonly op: 'members'; readonly change: MemberOperation }

/** Where an operation works: an attribute, a sub-attribute, or these of the elements that a filter selects. */
export interface Target {
  readonly path: AttrPath
  readonly filter?: Filter
}

/** A change of who is in a group. It is done to the rows it names; the group is not loaded for it. */
export type MemberOperation =
  | { readonly kind: 'add' | 'remove' | 'replace'; readonly members: readonly MemberRef[] }
  | { readonly kind: 'clear' }
  /** The paths in the filter are sub-attributes of `members`. */
  | { readonly kind: 'removeWhere'; readonly filter: Filter }
