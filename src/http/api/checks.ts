import { checkOptions, connectionCheck, newTestQuery, testQuery } from '../../../schemas/messages/checks.ts'
import { checkConnection } from '../../provision/check-connection.ts'
import { runTestQuery } from '../../provision/test-query.ts'
import { json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

const ONE = '/connections/{connection}'

export const checkEndpoints = [
  endpoint({
    method: 'post',
    path: `${ONE}/check`,
    scopes: ['admin'],
    summary: 'Look at the databases behind a connection and its environments',
    body: checkOptions,
    answer: { status: 200, description: 'What was found, well or not', schema: connectionCheck },
    async handle({ ctx, path, body }) {
      const { objects, timeoutSeconds } = body
      const options = { objects, timeoutMs: timeoutSeconds * 1000 }
      return json(200, await checkConnection(ctx, path['connection'] ?? '', options))
    },
  }),
  endpoint({
    method: 'post',
    path: `${ONE}/test-query`,
    scopes: ['admin'],
    summary: 'Run a query that reads as the database user that a person’s queries run as',
    body: newTestQuery,
    answer: {
      status: 200,
      description: 'The decision, and how the query went; a deny opens nothing',
      schema: testQuery,
    },
    async handle({ ctx, principal, requestId, path, body }) {
      const { query, timeoutSeconds, ...who } = body
      const asked = { ...who, connection: path['connection'] ?? '' }
      const cause = { actor: principal.actor, requestId }
      return json(200, await runTestQuery(ctx, cause, asked, { query, timeoutMs: timeoutSeconds * 1000 }))
    },
  }),
]
