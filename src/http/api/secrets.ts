import { z } from 'zod'
import { paging } from '../../../schemas/messages.ts'
import { newSecret, secret, secretName } from '../../../schemas/messages/secrets.ts'
import { listSecrets, removeSecret, setSecret } from '../../provision/secrets.ts'
import { json } from '../reply.ts'
import { check, endpoint } from './endpoint.ts'

const ONE = '/secrets/{name}'

export const secretEndpoints = [
  endpoint({
    method: 'get',
    path: '/secrets',
    scopes: ['admin'],
    summary: 'List the secrets of connections',
    query: z.strictObject({
      search: z.string().optional().meta({ description: 'Part of the name' }),
      ...paging,
    }),
    answer: {
      status: 200,
      description: 'Secrets in the order of their names; never what they hold',
      schema: z.looseObject({ secrets: z.array(secret), nextCursor: z.string().optional() }),
    },
    handle: async ({ ctx, query }) => json(200, await listSecrets(ctx, query)),
  }),
  endpoint({
    method: 'put',
    path: ONE,
    scopes: ['admin'],
    summary: 'Set a secret, in the place of the one that may have the name',
    body: newSecret,
    answer: { status: 204, description: 'It is kept encrypted and never shown again' },
    async handle({ ctx, principal, requestId, path, body }) {
      const { name } = check(z.object({ name: secretName }), path, 400)
      await setSecret(ctx, { actor: principal.actor, requestId }, name, body.value)
      return { status: 204 }
    },
  }),
  endpoint({
    method: 'delete',
    path: ONE,
    scopes: ['admin'],
    summary: 'Remove a secret that no connection refers to',
    answer: { status: 204, description: 'It is gone' },
    async handle({ ctx, principal, requestId, path }) {
      await removeSecret(ctx, { actor: principal.actor, requestId }, path['name'] ?? '')
      return { status: 204 }
    },
  }),
]
