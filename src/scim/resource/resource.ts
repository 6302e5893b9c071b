/** A value as JSON has it. */
export type Value = string | number | boolean | null | Complex | readonly Value[]

/** A complex value: its sub-attributes under their canonical names. */
export interface Complex {
  readonly [name: string]: Value
}

/**
 * A resource after reading: every name is the schema's spelling, every value has the schema's type, what is
 * unassigned is absent (RFC 7643 §2.5), attributes stand in schema order, and an extension's attributes lie in one
 * object under its URN.
 *
 * What the server owns is not in it: `schemas`, `id`, `meta`, the `groups` of a user and the `members` of a group.
 */
export interface Resource {
  readonly [name: string]: Value
}

/** A member as a client names it. The server knows the rest. */
export interface MemberRef {
  readonly value: string
  readonly type?: 'User' | 'Group'
}

/** Whether the value is a JSON object. */
export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether the value is a complex value. */
export function isComplex(value: Value | undefined): value is Complex {
  return isObject(value)
}
