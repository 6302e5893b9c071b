import { z } from 'zod'
import { instant, paging, text } from '../messages.ts'

export const OUTCOMES = ['acknowledged'] as const

const reason = text().trim().max(1000, 'must have at most 1000 characters').optional()

export const acknowledgement = z
  .strictObject({ reason: reason.meta({ description: 'What it was about, for those who read it later' }) })
  .meta({ id: 'Acknowledgement' })

export const alarm = z
  .looseObject({
    id: z.string(),
    kind: z.enum(['brake']).meta({
      description: '`brake`: too many people lost access by what a directory sent',
    }),
    directory: z.object({ id: z.string(), name: z.string() }),
    measure: z.enum(['alarm']).meta({ description: 'What became of access; `alarm`: it is gone' }),
    raisedAt: instant,
    people: z.number().int().meta({ description: 'How many people it is about' }),
    limit: z.number().int().meta({ description: 'How many there might have been' }),
    minutes: z.number().int().meta({ description: 'The length of time in which they were counted' }),
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
