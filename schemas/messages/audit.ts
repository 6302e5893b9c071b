import { z } from 'zod'
import { paging } from '../messages.ts'

/** What `/api/v1/audit` takes and answers. */

const instant = z.string().meta({ description: 'ISO 8601 in UTC', example: '2026-11-22T04:00:00.000Z' })

/** A moment, or a day, which is taken for its beginning in UTC. */
const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'must be a moment or a day in ISO 8601, such as 2026-11-22T04:00:00Z or 2026-11-22',
  })
  .transform((text) => new Date(text).toISOString())

export const auditQuery = z.strictObject({
  directory: z.string().optional().meta({ description: 'Name or id' }),
  subject: z.string().optional().meta({
    description:
      'What was changed: id, or name of a user, a group, a directory or an entry of the configuration',
  }),
  actor: z
    .string()
    .optional()
    .meta({ description: 'Who changed it, as entries show it', example: 'token:sb_Xb4kQ9w2Lm' }),
  action: z.string().optional().meta({ example: 'user.updated' }),
  request: z
    .string()
    .optional()
    .meta({ description: 'The header `X-Request-Id` of the answer to a request' }),
  from: moment.optional().meta({ description: 'Not before this moment' }),
  until: moment.optional().meta({ description: 'Not after this moment' }),
  search: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Part of the action, or of the id or name of what was changed' }),
  ...paging,
})

export const auditEntry = z
  .looseObject({
    entry: z.int().meta({ description: 'Number of the entry' }),
    at: instant,
    actor: z
      .object({ id: z.string(), label: z.string().nullable() })
      .meta({ description: 'Who changed it: a token or a client with its label, `cli`, or `system`' }),
    requestId: z.string(),
    directory: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
    action: z.string().meta({ example: 'user.updated' }),
    subject: z
      .object({ id: z.string(), name: z.string().nullable() })
      .meta({ description: 'What was changed, with the name that it has now, or had when it was deleted' }),
    detail: z.record(z.string(), z.unknown()).meta({
      description:
        'What was there before and after; members added and removed; whose access changed. Private values stand as salted hashes',
    }),
    sealed: z.boolean().meta({ description: 'Whether it is part of the signed chain already' }),
  })
  .meta({ id: 'AuditEntry', description: 'Who changed what' })

export const auditEntries = z.looseObject({
  entries: z.array(auditEntry),
  nextCursor: z.string().optional().meta({
    description: 'Absent on the last page; one that is searched through may have few entries, or none',
  }),
})

export const checkpoint = z
  .looseObject({
    block: z.int(),
    lastSeq: z.int().meta({ description: 'Number of the last entry' }),
    entries: z.int().meta({ description: 'How many entries there are up to it' }),
    head: z.string().meta({ description: 'Hash of the chain up to it' }),
    at: instant,
    publicKey: z.string().meta({ description: 'Ed25519, base64url' }),
    signature: z.string().meta({ description: 'Ed25519, base64url' }),
  })
  .meta({ id: 'AuditCheckpoint', description: 'The end of the audit at a moment, signed' })
