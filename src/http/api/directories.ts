import { z } from 'zod'
import { directory, newDirectory, paging } from '../../../schemas/messages.ts'
import {
  createDirectory,
  listDirectories,
  readDirectory,
  removeDirectory,
} from '../../provision/directories.ts'
import { json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

export const directoryEndpoints = [
  endpoint({
    method: 'get',
    path: '/directories',
    scopes: ['read', 'admin'],
    summary: 'List directories',
    query: z.strictObject({
      search: z.string().optional().meta({ description: 'Part of the name' }),
      ...paging,
    }),
    answer: {
      status: 200,
      description: 'Directories in order of creation',
      schema: z.looseObject({ directories: z.array(directory), nextCursor: z.string().optional() }),
    },
    handle: async ({ ctx, query }) => json(200, await listDirectories(ctx, query)),
  }),
  endpoint({
    method: 'post',
    path: '/directories',
    scopes: ['admin'],
    summary: 'Add a directory',
    body: newDirectory,
    answer: {
      status: 201,
      description: 'The directory, with the address to enter in the identity provider',
      schema: directory,
    },
    async handle({ ctx, principal, requestId, body }) {
      const created = await createDirectory(ctx, { actor: principal.actor, requestId }, body)
      return json(201, created, { location: `${ctx.publicUrl}/api/v1/directories/${created.id}` })
    },
  }),
  endpoint({
    method: 'get',
    path: '/directories/{directory}',
    scopes: ['read', 'admin'],
    summary: 'Read one directory, by name or id',
    answer: {
      status: 200,
      description: 'The directory with the number of its users and groups',
      schema: directory,
    },
    handle: async ({ ctx, path }) => json(200, await readDirectory(ctx, path['directory'] ?? '')),
  }),
  endpoint({
    method: 'delete',
    path: '/directories/{directory}',
    scopes: ['admin'],
    summary: 'Remove a directory with everything it owns',
    query: z.strictObject({
      confirm: z.string().optional().meta({ description: 'The name of the directory' }),
    }),
    answer: { status: 204, description: 'Its users, groups, tokens and decisions are gone' },
    async handle({ ctx, authenticator, principal, requestId, path, query }) {
      const cause = { actor: principal.actor, requestId }
      await removeDirectory(ctx, cause, path['directory'] ?? '', query.confirm)
      authenticator.forget()
      return { status: 204 }
    },
  }),
]
