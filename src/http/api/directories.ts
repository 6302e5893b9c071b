import { z } from 'zod'
import {
  directory,
  directoryChange,
  newDirectory,
  paging,
  pendingMember,
  quirk,
} from '../../../schemas/messages.ts'
import {
  changeDirectory,
  createDirectory,
  listDirectories,
  readDirectory,
  removeDirectory,
} from '../../provision/directories.ts'
import { listPendingMembers } from '../../provision/pending-members.ts'
import { listQuirks } from '../../provision/quirks.ts'
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
    method: 'patch',
    path: '/directories/{directory}',
    scopes: ['admin'],
    summary: 'Change how a directory is treated',
    body: directoryChange,
    answer: { status: 200, description: 'The directory as it is now', schema: directory },
    async handle({ ctx, authenticator, principal, requestId, path, body }) {
      const cause = { actor: principal.actor, requestId }
      const changed = await changeDirectory(ctx, cause, path['directory'] ?? '', body)
      // What is remembered of a token holds the settings of its directory.
      authenticator.forget()
      return json(200, changed)
    },
  }),
  endpoint({
    method: 'get',
    path: '/directories/{directory}/quirks',
    scopes: ['read', 'admin'],
    summary: 'Which habits of a directory’s client were made allowance for, and how often',
    query: z.strictObject({
      search: z.string().optional().meta({ description: 'Part of the name or of what it does' }),
      ...paging,
    }),
    answer: {
      status: 200,
      description: 'Attributes that no schema knows, then habits; never a value',
      schema: z.looseObject({ quirks: z.array(quirk), nextCursor: z.string().optional() }),
    },
    handle: async ({ ctx, path, query }) => json(200, await listQuirks(ctx, path['directory'] ?? '', query)),
  }),
  endpoint({
    method: 'get',
    path: '/pending-members',
    scopes: ['read', 'admin'],
    summary: 'List members of groups that were sent and are not here yet',
    query: z.strictObject({
      directory: z.string().optional().meta({ description: 'Name or id' }),
      group: z.string().optional().meta({ description: 'Name or id' }),
      search: z.string().optional().meta({ description: 'Part of the value' }),
      ...paging,
    }),
    answer: {
      status: 200,
      description: 'Pending members, those of one group together',
      schema: z.looseObject({ pendingMembers: z.array(pendingMember), nextCursor: z.string().optional() }),
    },
    handle: async ({ ctx, query }) => json(200, await listPendingMembers(ctx, query)),
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
