import { status } from '../../../schemas/messages.ts'
import { readStatus } from '../../provision/status.ts'
import { json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

export const statusEndpoints = [
  endpoint({
    method: 'get',
    path: '/status',
    scopes: ['read', 'admin'],
    summary: 'What is here, and what is still being worked off',
    answer: {
      status: 200,
      description: 'Directories with their numbers, revision, position, recomputations',
      schema: status,
    },
    handle: async ({ ctx }) => json(200, await readStatus(ctx)),
  }),
]
