import { auditEntries, auditQuery, checkpoint } from '../../../schemas/messages/audit.ts'
import { currentCheckpoint, listAuditEntries } from '../../provision/audit.ts'
import { Problem } from '../../provision/problem.ts'
import { json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

export const auditEndpoints = [
  endpoint({
    method: 'get',
    path: '/audit',
    scopes: ['admin'],
    summary: 'Who changed what',
    query: auditQuery,
    answer: { status: 200, description: 'Entries, the newest first', schema: auditEntries },
    handle: async ({ ctx, query }) => json(200, await listAuditEntries(ctx, query)),
  }),
  endpoint({
    method: 'get',
    path: '/audit/checkpoint',
    scopes: ['read', 'admin'],
    summary: 'The end of the audit, signed: kept elsewhere, it proves later what was there',
    answer: {
      status: 200,
      description: 'A line for `signalbox verify-audit --checkpoints`',
      schema: checkpoint,
    },
    async handle({ ctx }) {
      const found = await currentCheckpoint(ctx)
      if (found === undefined) throw new Problem(404, 'there is no entry in the audit yet')
      return json(200, found)
    },
  }),
]
