import { findings } from '../../../schemas/messages/plans.ts'
import { lintInForce } from '../../provision/lint.ts'
import { json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

export const lintEndpoints = [
  endpoint({
    method: 'get',
    path: '/lint',
    scopes: ['read', 'admin'],
    summary: 'What of the configuration in force may not be meant',
    answer: { status: 200, description: 'Each finding with its place and what to do', schema: findings },
    handle: async ({ ctx }) => json(200, await lintInForce(ctx)),
  }),
]
