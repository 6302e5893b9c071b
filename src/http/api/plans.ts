import { z } from 'zod'
import {
  effectQuery,
  effects,
  plan,
  planListQuery,
  planQuery,
  plans,
} from '../../../schemas/messages/plans.ts'
import { listPlanEffects, listPlans, readPlan } from '../../provision/plan.ts'
import { documentToRestore } from '../../provision/revisions.ts'
import { json } from '../reply.ts'
import { documentIn, refuseBody } from './document.ts'
import { endpoint } from './endpoint.ts'
import { planInTime } from './plan-in-time.ts'

export const planEndpoints = [
  endpoint({
    method: 'post',
    path: '/plan',
    scopes: ['admin'],
    summary: 'Compute what a configuration document would change, for the configuration and for everybody',
    query: planQuery,
    body: z.unknown(),
    takesDocument: true,
    answer: {
      status: 201,
      description:
        'The plan; while its `state` is `running`, ask again at its `Location`. Nothing is changed',
      schema: plan,
    },
    async handle({ ctx, principal, requestId, query, body }) {
      if (query.revision !== undefined) refuseBody(body, 'revision')
      const document =
        query.revision === undefined
          ? documentIn(body)
          : (await documentToRestore(ctx, query.revision)).document
      const plan = await planInTime(ctx, { actor: principal.actor, requestId }, document, query.wait)
      return json(201, plan, { location: `${ctx.publicUrl}/api/v1/plans/${plan.id}` })
    },
  }),
  endpoint({
    method: 'get',
    path: '/plans',
    scopes: ['admin'],
    summary: 'List plans',
    query: planListQuery,
    answer: { status: 200, description: 'The newest first', schema: plans },
    handle: async ({ ctx, query }) => json(200, await listPlans(ctx, query)),
  }),
  endpoint({
    method: 'get',
    path: '/plans/{id}',
    scopes: ['admin'],
    summary: 'One plan, as far as it is',
    answer: { status: 200, description: 'Differences, and the effect in numbers', schema: plan },
    handle: async ({ ctx, path }) => json(200, await readPlan(ctx, path['id'] ?? '')),
  }),
  endpoint({
    method: 'get',
    path: '/plans/{id}/effects',
    scopes: ['admin'],
    summary: 'Whom a plan affects, and how',
    query: effectQuery,
    answer: {
      status: 200,
      description: 'One entry per person and connection, the gravest first',
      schema: effects,
    },
    handle: async ({ ctx, path, query }) => json(200, await listPlanEffects(ctx, path['id'] ?? '', query)),
  }),
]
