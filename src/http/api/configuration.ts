import { stringify } from 'yaml'
import { z } from 'zod'
import { applied } from '../../../schemas/messages.ts'
import { configSchema } from '../../../schemas/config.ts'
import { applyConfiguration, exportConfiguration } from '../../provision/configuration.ts'
import { readDocument } from '../../provision/document-text.ts'
import { json } from '../reply.ts'
import { endpoint } from './endpoint.ts'

export const configurationEndpoints = [
  endpoint({
    method: 'post',
    path: '/apply',
    scopes: ['admin'],
    summary: 'Apply a configuration document, as JSON or YAML',
    body: z.unknown(),
    answer: {
      status: 200,
      description:
        'The revision now in force and what is different from the one before; nothing when nothing is',
      schema: applied,
    },
    async handle({ ctx, authenticator, principal, requestId, body }) {
      const cause = { actor: principal.actor, requestId }
      const applied = await applyConfiguration(
        ctx,
        cause,
        typeof body === 'string' ? readDocument(body) : body,
      )
      // What is remembered of a token holds the settings of its directory.
      if (applied.changes.some(({ kind }) => kind === 'directory')) authenticator.forget()
      return json(200, applied)
    },
  }),
  endpoint({
    method: 'get',
    path: '/export',
    scopes: ['admin'],
    summary: 'The configuration in force, as JSON, or as YAML with `Accept: application/yaml`',
    answer: { status: 200, description: 'A document that can be applied again', schema: configSchema },
    async handle({ ctx, accept }) {
      const document = await exportConfiguration(ctx)
      return accept?.includes('yaml')
        ? { status: 200, type: 'application/yaml; charset=utf-8', body: stringify(document) }
        : json(200, document)
    },
  }),
]
