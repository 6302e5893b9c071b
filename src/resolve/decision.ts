import type { Tier } from '../../schemas/roles.ts'

/** What is asked of one person: where do queries on this connection run, and as which role? */
export interface Question {
  readonly connection: string
  /** A model built on the connection: its own grants count too. */
  readonly model?: string | undefined
  /** A connection asked for by name: that of an environment, or the primary connection's own. */
  readonly environment?: string | undefined
}

/** Why access is denied. */
export type Reason =
  'unknown_user' | 'inactive' | 'no_access' | 'no_value' | 'unmatched' | 'ambiguous' | 'refused'

/** The answer to a question, with everything that led to it. */
export interface Decision {
  readonly decision: 'allow' | 'deny'
  /** Null when access is allowed. */
  readonly reason: Reason | null
  /** Where queries run, and the attribute value that led there. Null when access is denied. */
  readonly environment: { readonly connection: string; readonly value: string | null } | null
  /** Null for users that are unknown or inactive. */
  readonly role: { readonly name: string; readonly tier: Tier } | null
  /** Empty when access is denied. */
  readonly permissions: readonly string[]
  /** All user attributes by reference. Empty for users that are unknown or inactive. */
  readonly attributes: Attributes
  readonly because: readonly Because[]
  /** There where access stays as it was although the directory says otherwise. */
  readonly held?: Held
}

/** Why access stays as it was, and since when. */
export interface Held {
  readonly since: string
  /** The id of the alarm under which an administrator releases or rejects it. */
  readonly alarm: string
  /** `brake`: too many people would have lost access at once; `protected`: the user is one who never does so. */
  readonly kind: 'brake' | 'protected'
}

export type Attributes = Readonly<Record<string, AttributeOutput>>
export type AttributeOutput = string | number | readonly (string | number)[] | null

export type Step = 'user' | 'role' | 'attribute' | 'environment'

/**
 * What a reason says:
 *
 * - user: `unknown`, `inactive`, `held`
 * - role: `granted` (the role that counts), `same` (another grant of that role), `outranked`, `lifted` (a grant on
 *   the model that is weaker than the role on the connection), `refused`, `expired`, `pending`, `none`
 * - attribute: `value` (what counts), `outranked`, `refused`, `invalid`, `expired`, `pending`, `none`
 * - environment: `picked`, `skipped` (asked for by name, not granted), `matched`, `near_miss`, `unmatched`,
 *   `no_value`, `refused`, `ambiguous`, `first_in_order`, `base` (the switch of the connection), `primary`,
 *   `assignment_off`
 */
export type Kind =
  | 'unknown'
  | 'inactive'
  | 'held'
  | 'granted'
  | 'same'
  | 'outranked'
  | 'lifted'
  | 'refused'
  | 'expired'
  | 'pending'
  | 'none'
  | 'value'
  | 'invalid'
  | 'picked'
  | 'skipped'
  | 'matched'
  | 'near_miss'
  | 'unmatched'
  | 'no_value'
  | 'ambiguous'
  | 'first_in_order'
  | 'base'
  | 'primary'
  | 'assignment_off'

/** Where a value or a grant comes from; `context` is what an application says of somebody whom it embeds. */
export type Source = 'override' | 'directory' | 'rule' | 'default' | 'base' | 'direct' | 'context'

/** One reason: a sentence for people, and the facts in it for programs. */
export interface Because extends Detail {
  readonly step: Step
  readonly kind: Kind
  readonly text: string
}

/** The facts of a reason. Which of them are there depends on its kind. */
export interface Detail {
  readonly source?: Source
  readonly rule?: string
  /** Display name of the group that a rule means, as it is in the directory now. */
  readonly group?: string
  /** Display names of the groups between the user and that group, the user's own group first; not all of a long way. */
  readonly through?: readonly string[]
  readonly directory?: string
  readonly attribute?: string
  readonly values?: readonly string[]
  /** The SCIM attribute that values were read from. */
  readonly path?: string
  /** What the identity provider sent, where the value map translated it. */
  readonly sent?: readonly string[]
  readonly role?: string
  readonly tier?: Tier
  /** The connection or the model that a role is granted on. */
  readonly on?: { readonly connection: string } | { readonly model: string }
  readonly connection?: string
  readonly value?: string
  /** The configured value that a near miss came near. */
  readonly near?: string
  readonly from?: string
  readonly until?: string
  /** Why an administrator made an override, a grant or a rule. */
  readonly note?: string
}
