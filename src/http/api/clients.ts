import { z } from 'zod'
import {
  client,
  createdClient,
  issuedClientSecret,
  newClient,
  newClientSecret,
  paging,
} from '../../../schemas/messages.ts'
import {
  addSecret,
  createClient,
  listClients,
  readClient,
  revokeClient,
  revokeSecret,
} from '../../provision/clients.ts'
import { json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

const OF_DIRECTORY = '/directories/{directory}/clients'
const ONE = `${OF_DIRECTORY}/{client}`

export const clientEndpoints = [
  endpoint({
    method: 'get',
    path: OF_DIRECTORY,
    scopes: ['admin'],
    summary: 'List the OAuth clients of a directory',
    query: z.strictObject(paging),
    answer: {
      status: 200,
      description: 'Clients in order of creation, revoked ones included; never the secrets',
      schema: z.looseObject({ clients: z.array(client), nextCursor: z.string().optional() }),
    },
    handle: async ({ ctx, path, query }) => json(200, await listClients(ctx, path['directory'] ?? '', query)),
  }),
  endpoint({
    method: 'post',
    path: OF_DIRECTORY,
    scopes: ['admin'],
    summary: 'Add an OAuth client that fetches its own tokens',
    body: newClient,
    answer: {
      status: 201,
      description: 'The client; with its first secret, shown this once, unless it shows assertions',
      schema: createdClient,
    },
    async handle({ ctx, principal, requestId, path, body }) {
      const cause = { actor: principal.actor, requestId }
      const created = await createClient(ctx, cause, path['directory'] ?? '', body)
      const location = `${ctx.publicUrl}/api/v1/directories/${created.directory}/clients/${created.id}`
      return json(201, created, { location })
    },
  }),
  endpoint({
    method: 'get',
    path: ONE,
    scopes: ['admin'],
    summary: 'Read one OAuth client',
    answer: { status: 200, description: 'The client with its secrets, never their text', schema: client },
    handle: async ({ ctx, path }) =>
      json(200, await readClient(ctx, path['directory'] ?? '', path['client'] ?? '')),
  }),
  endpoint({
    method: 'delete',
    path: ONE,
    scopes: ['admin'],
    summary: 'Revoke an OAuth client',
    answer: { status: 204, description: 'Neither the client nor a token that it has is accepted any longer' },
    async handle({ ctx, authenticator, principal, requestId, path }) {
      const cause = { actor: principal.actor, requestId }
      await revokeClient(ctx, cause, path['directory'] ?? '', path['client'] ?? '')
      authenticator.forget()
      return { status: 204 }
    },
  }),
  endpoint({
    method: 'post',
    path: `${ONE}/secrets`,
    scopes: ['admin'],
    summary: 'Make a further secret for an OAuth client',
    body: newClientSecret,
    answer: { status: 201, description: 'The secret, shown this once', schema: issuedClientSecret },
    async handle({ ctx, principal, requestId, path, body }) {
      const cause = { actor: principal.actor, requestId }
      return json(201, await addSecret(ctx, cause, path['directory'] ?? '', path['client'] ?? '', body))
    },
  }),
  endpoint({
    method: 'delete',
    path: `${ONE}/secrets/{secret}`,
    scopes: ['admin'],
    summary: 'Revoke a secret of an OAuth client',
    answer: {
      status: 204,
      description: 'Neither the secret nor a token that was fetched with it is accepted any longer',
    },
    async handle({ ctx, authenticator, principal, requestId, path }) {
      const { directory = '', client: id = '', secret = '' } = path
      await revokeSecret(ctx, { actor: principal.actor, requestId }, directory, id, secret)
      authenticator.forget()
      return { status: 204 }
    },
  }),
]
