import { stringify } from 'yaml'
import { z } from 'zod'
import { applied } from '../../../schemas/messages.ts'
import { applyQuery } from '../../../schemas/messages/plans.ts'
import { asWritten } from '../../../schemas/messages/as-written.ts'
import { configSchema } from '../../../schemas/config.ts'
import { applyConfiguration, exportConfiguration } from '../../provision/configuration.ts'
import { applyPlan } from '../../provision/plan.ts'
import { etag, revisionsIn } from '../if-match.ts'
import { json } from '../reply.ts'
import { documentIn, refuseBody } from './document.ts'
import { endpoint } from './endpoint.ts'

export const configurationEndpoints = [
  endpoint({
    method: 'post',
    path: '/apply',
    scopes: ['admin'],
    summary: 'Apply a configuration document, as JSON or YAML, or a plan',
    query: applyQuery,
    body: z.unknown(),
    takesDocument: true,
    answer: {
      status: 200,
      description:
        'The revision now in force and what is different from the one before; nothing when nothing is',
      schema: applied,
    },
    conditional: true,
    async handle({ ctx, authenticator, principal, requestId, query, body, ifMatch }) {
      const cause = { actor: principal.actor, requestId }
      const { plan, basedOn } = query
      const options = { basedOn: revisionsIn(ifMatch) }
      if (plan !== undefined) refuseBody(body, 'plan')
      const applied =
        plan === undefined
          ? await applyConfiguration(ctx, cause, documentIn(body), {
              ...options,
              plannedOn: basedOn === undefined ? undefined : { revision: basedOn },
            })
          : await applyPlan(ctx, cause, plan, options)
      // What is remembered of a token holds the settings of its directory.
      if (applied.changes.some(({ kind }) => kind === 'directory')) authenticator.forget()
      return json(200, applied, etag(applied.revision))
    },
  }),
  endpoint({
    method: 'get',
    path: '/export',
    scopes: ['admin'],
    summary: 'The configuration in force, as JSON, or as YAML with `Accept: application/yaml`',
    answer: {
      status: 200,
      description: 'A document that can be applied again',
      schema: asWritten(configSchema),
    },
    async handle({ ctx, accept }) {
      const { revision, document } = await exportConfiguration(ctx)
      return accept?.includes('yaml')
        ? {
            status: 200,
            type: 'application/yaml; charset=utf-8',
            body: stringify(document),
            headers: etag(revision),
          }
        : json(200, document, etag(revision))
    },
  }),
]
