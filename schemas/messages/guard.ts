import { z } from 'zod'
import { MEASURES } from '../config.ts'
import { instant, paging, text } from '../messages.ts'

export const OUTCOMES = ['acknowledged', 'released', 'rejected', 'unfounded'] as const

const reason = text().trim().max(1000, 'must have at most 1000 characters').optional()

export const acknowledgement = z
  .strictObject({ reason: reason.meta({ description: 'What it was about, for those who read it later' }) })
  .meta({ id: 'Acknowledgement' })

const kind = z.enum(['brake', 'protected']).meta({
  description:
    '`brake`: too many people lost access by what a directory sent; `protected`: somebody would have who never does',
})

export const alarm = z
  .looseObject({
    id: z.string(),
    kind,
    directory: z.object({ id: z.string(), name: z.string() }),
    measure: z.enum(MEASURES).meta({
      description: 'What became of access; `alarm`: it is gone, `hold`: it stays until that is released',
    }),
    raisedAt: instant,
    people: z.number().int().meta({ description: 'How many people it is about' }),
    limit: z.number().int().optional().meta({ description: 'How many there might have been' }),
    minutes: z.number().int().optional().meta({
      description: 'The length of time in which they were counted',
    }),
    user: z.string().optional().meta({ description: 'The user name of somebody who is protected' }),
    open: z.boolean(),
    outcome: z.enum(OUTCOMES).nullable(),
    closedAt: instant.nullable(),
    closedBy: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Alarm', description: 'Something that administrators are told until one deals with it' })

export const alarmQuery = z.strictObject({
  open: z
    .enum(['true', 'false'], 'must be `true` or `false`')
    .transform((value) => value === 'true')
    .optional()
    .meta({ description: 'Those alone that nobody has dealt with, or those alone that somebody has' }),
  directory: text().min(1).optional().meta({ description: 'Name or id' }),
  search: text().optional().meta({ description: 'Part of the name of the directory, or of the id' }),
  ...paging,
})

export const alarms = z
  .looseObject({ alarms: z.array(alarm), nextCursor: z.string().optional() })
  .meta({ id: 'Alarms' })

export const verdict = z
  .strictObject({
    reason: text()
      .trim()
      .min(1, 'must not be empty')
      .max(1000, 'must have at most 1000 characters')
      .meta({ description: 'Why, for those who read it later' }),
    users: z
      .array(text().min(1))
      .min(1, 'must name somebody')
      .max(1000, 'must have at most 1000 users')
      .optional()
      .meta({ description: 'Ids or user names; everybody who is held under the alarm without them' }),
  })
  .meta({ id: 'Verdict' })

const outcome = z.looseObject({
  decision: z.enum(['allow', 'deny']),
  reason: z.string().nullable(),
  environment: z.object({ connection: z.string(), value: z.string().nullable() }).nullable(),
  role: z.object({ name: z.string(), tier: z.string() }).nullable(),
})

export const held = z
  .looseObject({
    user: z.object({ id: z.string(), userName: z.string(), deleted: z.boolean() }),
    directory: z.object({ id: z.string(), name: z.string() }),
    kind,
    alarm: z.string().meta({ description: 'Under which it is released or rejected' }),
    since: instant,
    verdict: z.enum(['open', 'rejected']).meta({ description: '`rejected`: it stays' }),
    access: z.array(
      z.looseObject({
        connection: z.string(),
        model: z.string().optional(),
        environment: z.string().optional(),
        has: outcome,
        would: outcome.meta({ description: 'By what the directory says now' }),
      }),
    ),
  })
  .meta({ id: 'Held', description: 'Somebody whose access stays as it was' })

export const heldQuery = z.strictObject({
  alarm: text().min(1).optional().meta({ description: 'Id of the alarm' }),
  directory: text().min(1).optional().meta({ description: 'Name or id' }),
  verdict: z.enum(['open', 'rejected'], { error: 'must be `open` or `rejected`' }).optional(),
  search: text().optional().meta({ description: 'Part of the user name' }),
  ...paging,
})

export const heldPeople = z
  .looseObject({ held: z.array(held), nextCursor: z.string().optional() })
  .meta({ id: 'HeldPeople' })

export const refused = z
  .looseObject({
    user: z.object({ id: z.string(), userName: z.string() }),
    directory: z.object({ id: z.string(), name: z.string() }),
    since: instant.meta({ description: 'Since when it is just that' }),
    refused: z
      .array(
        z.looseObject({
          step: z.string().meta({ description: '`role`, `attribute` or `environment`' }),
          text: z.string(),
          role: z.string().optional(),
          attribute: z.string().optional(),
          values: z.array(z.string()).optional(),
          connection: z.string().optional(),
          rule: z.string().optional().meta({ description: 'The rule by which it would be handed out' }),
          path: z.string().optional().meta({ description: 'The SCIM attribute that it was sent in' }),
        }),
      )
      .meta({ description: 'Each as in the reasons of a decision' }),
  })
  .meta({ id: 'Refused', description: 'Somebody to whom a directory may not hand out what it would' })

export const refusedQuery = z.strictObject({
  directory: text().min(1).optional().meta({ description: 'Name or id' }),
  search: text().optional().meta({ description: 'Part of the user name, or of what is refused' }),
  ...paging,
})

export const refusedPeople = z
  .looseObject({ people: z.array(refused), nextCursor: z.string().optional() })
  .meta({ id: 'RefusedPeople' })
