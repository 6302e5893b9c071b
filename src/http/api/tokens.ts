import { z } from 'zod'
import { issuedToken, newToken, paging, token } from '../../../schemas/messages.ts'
import { issueToken, listTokens, revokeToken } from '../../provision/tokens.ts'
import { json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

export const tokenEndpoints = [
  endpoint({
    method: 'get',
    path: '/tokens',
    scopes: ['admin'],
    summary: 'List tokens',
    query: z.strictObject({
      directory: z.string().optional().meta({ description: 'Name or id' }),
      search: z.string().optional().meta({ description: 'Part of the label or of the prefix' }),
      ...paging,
    }),
    answer: {
      status: 200,
      description: 'Tokens in order of creation, expired and revoked ones included; never the secrets',
      schema: z.looseObject({ tokens: z.array(token), nextCursor: z.string().optional() }),
    },
    handle: async ({ ctx, query }) => json(200, await listTokens(ctx, query)),
  }),
  endpoint({
    method: 'post',
    path: '/tokens',
    scopes: ['admin'],
    summary: 'Make a token',
    body: newToken,
    answer: { status: 201, description: 'The token, shown this once', schema: issuedToken },
    handle: async ({ ctx, principal, requestId, body }) =>
      json(201, await issueToken(ctx, { actor: principal.actor, requestId }, body)),
  }),
  endpoint({
    method: 'delete',
    path: '/tokens/{token}',
    scopes: ['admin'],
    summary: 'Revoke a token, by id or prefix',
    answer: { status: 204, description: 'The token is no longer accepted' },
    async handle({ ctx, authenticator, principal, requestId, path }) {
      await revokeToken(ctx, { actor: principal.actor, requestId }, path['token'] ?? '')
      authenticator.forget()
      return { status: 204 }
    },
  }),
]
