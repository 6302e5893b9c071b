import type { Tier } from '../../schemas/roles.ts'
import type { Resource } from '../scim/resource/resource.ts'

/** All that is known about one user: what a decision is computed from, and nothing else. */
export interface Facts {
  readonly user: {
    readonly id: string
    readonly userName: string
    /** The folded names by which the configuration means the user, whatever the user is called today. */
    readonly names: readonly string[]
    readonly active: boolean
    readonly resource: Resource
  }
  readonly directory: {
    readonly id: string
    readonly name: string
    readonly mayGrant?: Ceiling | undefined
  }
  /** The groups that the user is in, directly or through other groups. Cycles are harmless. */
  readonly groups: readonly GroupFact[]
  /** Folded group name as rules use it → id of the group that it is bound to in this directory. */
  readonly bindings: ReadonlyMap<string, string>
  /** The moment that the facts are about, ISO 8601. */
  readonly at: string
}

export interface GroupFact {
  readonly id: string
  readonly displayName: string
  /** Which of the user and of these groups are its members. */
  readonly members: readonly string[]
}

/** What a directory's data may hand out. What it does not speak of has no ceiling. */
export interface Ceiling {
  readonly upTo?: Tier | undefined
  readonly attributes?: Readonly<Record<string, readonly (string | number)[]>> | undefined
}
