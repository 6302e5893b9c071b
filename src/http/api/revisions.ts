import {
  revisionDetail,
  revisionQuery,
  revisions,
  rollBackQuery,
  rolledBack,
} from '../../../schemas/messages/plans.ts'
import { listRevisions, readRevision, rollBack } from '../../provision/revisions.ts'
import { Problem } from '../../provision/problem.ts'
import { etag, revisionsIn } from '../if-match.ts'
import { json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

export const revisionEndpoints = [
  endpoint({
    method: 'get',
    path: '/revisions',
    scopes: ['admin'],
    summary: 'List the configurations that are or were in force',
    query: revisionQuery,
    answer: { status: 200, description: 'The newest first', schema: revisions },
    handle: async ({ ctx, query }) => json(200, await listRevisions(ctx, query)),
  }),
  endpoint({
    method: 'get',
    path: '/revisions/{id}',
    scopes: ['admin'],
    summary: 'One revision, and what was different from the one before',
    answer: {
      status: 200,
      description: 'With its document, which can be applied again',
      schema: revisionDetail,
    },
    handle: async ({ ctx, path }) => json(200, await readRevision(ctx, revisionNumber(path['id'] ?? ''))),
  }),
  endpoint({
    method: 'post',
    path: '/revisions/{id}/rollback',
    scopes: ['admin'],
    summary: 'Make an earlier configuration the one in force again, as a new revision',
    query: rollBackQuery,
    conditional: true,
    answer: {
      status: 200,
      description: 'The new revision and what it made different',
      schema: rolledBack,
    },
    async handle({ ctx, authenticator, principal, requestId, path, query: { basedOn }, ifMatch }) {
      const cause = { actor: principal.actor, requestId }
      const applied = await rollBack(ctx, cause, revisionNumber(path['id'] ?? ''), {
        basedOn: revisionsIn(ifMatch),
        ...(basedOn !== undefined && { plannedOn: { revision: basedOn } }),
      })
      if (applied.changes.some(({ kind }) => kind === 'directory')) authenticator.forget()
      return json(200, applied, etag(applied.revision))
    },
  }),
]

/** @throws Problem 404 for what is no number of a revision */
function revisionNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new Problem(404, `there is no revision \`${text}\``)
  return Number(text)
}
