import { z } from 'zod'
import { applied, configChange, finding, paging, REASONS } from '../messages.ts'

const instant = z.string().meta({ description: 'ISO 8601 in UTC', example: '2026-11-22T04:00:00.000Z' })

/** What a change of configuration may do to one person on one connection, the gravest first. */
export const EFFECT_KINDS = [
  'loss',
  'newAmbiguity',
  'newDenial',
  'gain',
  'roleUp',
  'move',
  'roleDown',
  'permissions',
  'picks',
  'attributes',
  'otherReason',
  'value',
] as const
export type EffectKind = (typeof EFFECT_KINDS)[number]

/** What each kind means, for people. */
export const EFFECTS: Readonly<Record<EffectKind, string>> = {
  loss: 'has access and loses it',
  newAmbiguity: 'has values that lead to several connections, and had not',
  newDenial: 'is denied where access was allowed or nothing was decided',
  gain: 'has no access and gets it',
  roleUp: 'gets a role that ranks higher',
  move: 'runs in another environment',
  roleDown: 'gets a role that ranks lower',
  permissions: 'has other permissions by a role of the same rank',
  picks: 'may ask for other environments by name',
  attributes: 'has other values of user attributes',
  otherReason: 'stays denied, for another reason',
  value: 'runs in the same environment by another value',
}

const count = z.number().int()
const counts = z.record(z.string(), count)

const standing = z
  .looseObject({
    decision: z.enum(['allow', 'deny']),
    reason: z.enum(REASONS).nullable(),
    role: z.string().nullable(),
    environment: z.string().nullable(),
    value: z.string().nullable(),
  })
  .nullable()
  .meta({ description: 'Null where the connection is not decided' })

export const effect = z
  .looseObject({
    user: z.object({ id: z.string(), userName: z.string() }),
    directory: z.object({ id: z.string(), name: z.string() }),
    connection: z.string(),
    model: z.string().nullable(),
    kinds: z
      .array(z.enum(EFFECT_KINDS))
      .meta({ description: EFFECT_KINDS.map((kind) => `\`${kind}\`: ${EFFECTS[kind]}`).join('; ') }),
    before: standing,
    after: standing,
    permissions: z
      .object({ gained: z.array(z.string()), lost: z.array(z.string()) })
      .meta({ description: 'What somebody who keeps access may do from then on, and may no longer' }),
    because: z.string().meta({ description: 'The one reason that tips it' }),
  })
  .meta({ id: 'Effect' })

export const summary = z
  .looseObject({
    people: count.meta({ description: 'Everybody who was decided' }),
    affected: count.meta({ description: 'People for whom anything is different' }),
    kinds: counts.meta({ description: 'People and connections by the kind of effect' }),
    connections: z.array(
      z.looseObject({
        connection: z.string(),
        model: z.string().nullable(),
        kinds: counts,
        moves: z.array(z.object({ from: z.string(), to: z.string(), people: count })),
        roles: z.array(z.object({ from: z.string(), to: z.string(), people: count })),
        denials: z.array(z.object({ reason: z.string(), people: count })),
      }),
    ),
    listed: count.meta({ description: 'Effects in the list; the counts know them all' }),
  })
  .meta({ id: 'PlanSummary' })

export const findings = z
  .looseObject({
    findings: z.array(finding),
    revision: count.meta({ description: 'The revision in force that was looked at' }),
    recomputing: z.boolean().meta({
      description:
        'True while a change of configuration is still being worked off: what is said of who ends where may lag',
    }),
  })
  .meta({ id: 'Findings' })

export const plan = z
  .looseObject({
    id: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    createdAt: instant,
    actor: z.string(),
    progress: z.object({ done: count, total: count }),
    basedOn: count.nullable().meta({ description: 'The revision that it was planned on' }),
    position: count.nullable().meta({ description: 'Position of the feed that it was computed from' }),
    changes: z.array(configChange).nullable(),
    findings: z.array(finding).nullable(),
    refusals: z
      .array(z.looseObject({ path: z.string(), message: z.string() }))
      .nullable()
      .meta({
        description:
          'What applying it would be refused for, as people are now: values that are to be unique and are not. One entry per attribute and directory',
      }),
    summary: summary.nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Plan', description: 'A change of configuration and its effect on everybody' })

export const plans = z.looseObject({ plans: z.array(plan), nextCursor: z.string().optional() })

export const planQuery = z.strictObject({
  wait: z.coerce
    .number({ error: 'must be a whole number from 0 to 60' })
    .int('must be a whole number')
    .min(0, 'must be at least 0')
    .max(60, 'must be at most 60')
    .default(10)
    .meta({ description: 'Seconds to wait for the plan; one that takes longer is answered while it runs' }),
  revision: z.coerce
    .number({ error: 'must be the number of a revision' })
    .int('must be the number of a revision')
    .optional()
    .meta({ description: 'Plans to roll back to this revision; the request has no body then' }),
})

export const planListQuery = z.strictObject({
  search: z.string().optional().meta({ description: 'Part of the actor' }),
  ...paging,
})

export const effectQuery = z.strictObject({
  kind: z.enum(EFFECT_KINDS, { error: `must be one of ${EFFECT_KINDS.join(', ')}` }).optional(),
  connection: z.string().optional(),
  directory: z.string().optional().meta({ description: 'Name or id' }),
  search: z.string().optional().meta({ description: 'Part of the user name' }),
  ...paging,
})

export const effects = z
  .looseObject({ effects: z.array(effect), nextCursor: z.string().optional() })
  .meta({ id: 'Effects' })

const basedOn = z.coerce
  .number({ error: 'must be the number of a revision' })
  .int('must be the number of a revision')
  .min(0, 'must be at least 0')
  .optional()
  .meta({ description: 'Refuses with 409 when another revision is in force' })

export const applyQuery = z.strictObject({
  basedOn,
  plan: z.string().optional().meta({
    description:
      'Applies this plan, and refuses with 409 when the configuration has moved since it was made; the request has no body then',
  }),
})

export const rollBackQuery = z.strictObject({ basedOn })

export const rolledBack = applied
  .extend({ restores: count.meta({ description: 'The earlier revision that is in force again' }) })
  .meta({ id: 'RolledBack' })

export const revision = z
  .looseObject({
    id: count,
    createdAt: instant,
    actor: z.string(),
    restores: count.nullable().meta({ description: 'The earlier revision that it brought back' }),
  })
  .meta({ id: 'Revision' })

export const revisionDetail = revision
  .extend({
    document: z
      .looseObject({})
      .meta({ description: 'With the directories as they were treated last under it' }),
    changes: z.array(configChange).meta({ description: 'What was different from the revision before' }),
  })
  .meta({ id: 'RevisionDetail' })

export const revisionQuery = z.strictObject({
  search: z.string().optional().meta({ description: 'Part of the actor' }),
  from: z.iso
    .datetime({ offset: true, error: 'must be a moment in ISO 8601' })
    .optional()
    .meta({ description: 'Applied at this moment or later' }),
  until: z.iso
    .datetime({ offset: true, error: 'must be a moment in ISO 8601' })
    .optional()
    .meta({ description: 'Applied before this moment' }),
  ...paging,
})

export const revisions = z.looseObject({ revisions: z.array(revision), nextCursor: z.string().optional() })
