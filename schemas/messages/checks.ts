import { z } from 'zod'
import { decision, instant, text } from '../messages.ts'

/** How long opening a database, and each statement there, may take. */
export const timeoutSeconds = z
  .number('must be a number')
  .min(0.1, 'must be at least 0.1')
  .max(120, 'must be at most 120')
  .default(10)
  .meta({ description: 'How long opening a database, and each statement there, may take' })

export const checkOptions = z
  .strictObject({
    objects: z
      .string()
      .max(256, 'must have at most 256 characters')
      .optional()
      .meta({ description: 'Tables and views to show; all are looked at', example: 'sales.*' }),
    timeoutSeconds,
  })
  .meta({ id: 'CheckOptions' })

const databaseObject = z
  .looseObject({
    schema: z.string(),
    name: z.string(),
    kind: z.string().meta({ example: 'table' }),
    unqualified: z.boolean().meta({ description: 'Whether a query finds it without naming its schema' }),
    privileges: z.array(z.enum(['select', 'insert', 'update', 'delete', 'truncate'])),
    columns: z.array(z.string()).meta({ description: 'Columns that may be read' }),
    hiddenColumns: z.array(z.string()).meta({ description: 'Columns that may not be read' }),
    policies: z.enum(['none', 'hold', 'bypassed']).meta({
      description:
        'Row-level security: not switched on; holds for this user; is switched on and does not hold',
    }),
  })
  .meta({ id: 'DatabaseObject' })

const difference = z
  .looseObject({
    object: z.string(),
    missing: z.boolean().meta({ description: 'It is not here at all' }),
    less: z.array(z.string()).meta({ description: 'What the primary may do with it and this one may not' }),
    more: z.array(z.string()).meta({ description: 'What this one may do with it and the primary may not' }),
    lessColumns: z.array(z.string()),
    moreColumns: z.array(z.string()),
  })
  .meta({ id: 'ObjectDifference' })

export const connectionCheck = z
  .looseObject({
    connection: z.string(),
    dialect: z.string(),
    at: instant,
    ok: z.boolean().meta({ description: 'Nothing is wrong; there may be warnings' }),
    places: z
      .array(
        z.looseObject({
          connection: z.string(),
          values: z
            .array(z.union([z.string(), z.number()]))
            .meta({ description: 'The attribute values that lead here' }),
          problem: z.string().nullable().meta({ description: 'Why it could not be opened' }),
          milliseconds: z.number(),
          user: z.string().nullable().meta({ description: 'The database user' }),
          database: z.string().nullable(),
          server: z.string().nullable().meta({ example: 'PostgreSQL 18.4' }),
          readable: z.number().int().nullable().meta({ description: 'Tables and views that may be read' }),
          objects: z.array(databaseObject),
          differences: z.array(difference).meta({ description: 'Held against the primary' }),
        }),
      )
      .meta({ description: 'The primary connection first, then its environments' }),
    models: z.array(
      z.looseObject({
        model: z.string(),
        object: z.string(),
        failsOn: z.array(z.string()).meta({ description: 'Connections on which a query for it would fail' }),
      }),
    ),
    findings: z.array(
      z.looseObject({
        severity: z.enum(['error', 'warning']),
        code: z.string().meta({ example: 'bypasses_policies' }),
        connection: z.string(),
        text: z.string(),
      }),
    ),
  })
  .meta({ id: 'ConnectionCheck', description: 'A look at the databases behind a primary connection' })

export const newTestQuery = z
  .strictObject({
    user: text().min(1).meta({ description: 'Id, user name, external id or e-mail address' }),
    directory: text()
      .min(1)
      .optional()
      .meta({ description: 'Name or id, where the user alone is not enough' }),
    model: text().min(1).optional(),
    environment: text().min(1).optional().meta({ description: 'The environment that was picked' }),
    query: text()
      .min(1)
      .max(100_000, 'must have at most 100000 characters')
      .optional()
      .meta({ description: 'One statement that reads; default: one that asks the database who we are' }),
    timeoutSeconds,
  })
  .meta({ id: 'NewTestQuery' })

export const testQuery = z
  .looseObject({
    decision,
    ran: z
      .looseObject({
        connection: z.string(),
        query: z.string(),
        user: z.string().nullable().meta({ description: 'The database user that ran it' }),
        database: z.string(),
        server: z.string(),
        rows: z.number().int().nullable(),
        milliseconds: z.number().nullable(),
      })
      .nullable()
      .meta({ description: 'Null when nothing was opened' }),
    problem: z.string().nullable().meta({ description: 'Why it was not run, or not to its end' }),
  })
  .meta({ id: 'TestQuery', description: 'How a query went that was run as somebody; none of its rows' })
