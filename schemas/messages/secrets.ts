import { z } from 'zod'
import { instant } from '../messages.ts'

export const secretName = z
  .string()
  .max(100, 'must have at most 100 characters')
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be letters, digits, `.`, `_` and `-`')

export const newSecret = z
  .strictObject({
    value: z
      .string()
      .min(1, 'must not be empty')
      .max(8192, 'must have at most 8192 characters')
      .regex(/^\P{Cc}*$/u, 'must be one line without control characters')
      .meta({ description: 'The secret itself, such as the URL of a database: never shown again' }),
  })
  .meta({ id: 'NewSecret' })

export const secret = z
  .looseObject({
    name: z.string().meta({ description: 'As the configuration refers to it: `secret:<name>`' }),
    createdAt: instant,
    updatedAt: instant,
    updatedBy: z.string().meta({ description: 'Who set it last' }),
    usedBy: z.array(z.string()).meta({ description: 'Connections whose `url` refers to it' }),
  })
  .meta({ id: 'Secret' })
