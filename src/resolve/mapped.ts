import type { Environment, Target } from './connection.ts'
import type { Attributes, Because, Detail } from './decision.ts'
import type { Role } from './role.ts'

/**
 * What the facts about one user amount to under one access model: all that a decision needs.
 * It belongs to the model that it was made with.
 */
export interface Mapped {
  readonly user: { readonly id: string; readonly userName: string; readonly active: boolean }
  /** All user attributes as they are sent. */
  readonly attributes: Attributes
  /** The values of every attribute by its reference, as they are compared. */
  readonly values: ReadonlyMap<string, MappedValues>
  readonly grants: ReadonlyMap<Target, readonly Grant[]>
  /** Whether the base role of a connection reaches the user: not in an embedded context. */
  readonly baseCounts: boolean
  /** Environments that this user may ask for by name, or might but for a ceiling. */
  readonly picks: ReadonlyMap<Environment, Pick>
  /** The earliest moment at which any of this changes by the passing of time alone. */
  readonly validUntil: string | null
}

/** The values of one attribute. */
export interface MappedValues {
  readonly values: readonly string[]
  /** Values that the directory may not hand out. They never give way to something wider. */
  readonly refused: readonly string[]
  readonly because: readonly Because[]
}

/** One role that reaches the user somewhere. */
export interface Grant {
  readonly state: 'applies' | 'refused' | 'expired' | 'pending'
  readonly role: Role
  readonly target: Target
  /** How it reaches the user: `by rule … (member of …)`. */
  readonly how: string
  readonly facts: Detail
}

/** The right to ask for an environment by name. */
export interface Pick {
  readonly state: 'applies' | 'refused'
  /** Why it is there, or why it is refused. */
  readonly how: string
  readonly facts: Detail
}
