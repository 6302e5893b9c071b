import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { z } from 'zod'
import { configSchema } from '../../schemas/config.ts'
import { problem } from '../../schemas/messages.ts'
import type { Endpoint } from './api/endpoint.ts'

/** The OpenAPI 3.1 description of `/api/v1`, made from the schemas that check its requests. */
export function describeApi(endpoints: readonly Endpoint[], publicUrl: string): object {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const one of endpoints) (paths[one.path] ??= {})[one.method] = describe(one)
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Signalbox',
      version: '1',
      description:
        'Administration of a Signalbox server and its answers: as which role, in which database environment, do a person’s queries run, and why? Identity providers use the SCIM 2.0 endpoint at `/scim/v2` instead (RFC 7644).',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${publicUrl}/api/v1` }],
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    paths: paths as ZodOpenApiPathsObject,
  })
}

function describe(one: Endpoint): ZodOpenApiOperationObject {
  const variables = [...one.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  return {
    operationId: `${one.method}${one.path.replaceAll(/[/{}-]+(\w?)/g, (_, next: string) => next.toUpperCase())}`,
    summary: one.summary,
    description: `Needs a token with the scope ${one.scopes.map((scope) => `\`${scope}\``).join(' or ')}.`,
    requestParams: {
      ...(variables.length > 0 && {
        path: z.object(Object.fromEntries(variables.map((name) => [name, z.string()]))),
      }),
      ...(one.query && { query: one.query }),
      ...(one.conditional && { header: CONDITION }),
    },
    ...(one.body && { requestBody: { required: !one.takesDocument, content: bodyOf(one) } }),
    responses: {
      [one.answer.status]: {
        description: one.answer.description,
        ...(one.answer.schema && { content: { 'application/json': { schema: one.answer.schema } } }),
      },
      '4XX': {
        description: 'What is wrong and what to do about it',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  } as ZodOpenApiOperationObject
}

const CONDITION = z.object({
  'If-Match': z.string().optional().meta({
    description: 'The `ETag` of an answer before: refuses with 412 when the configuration has changed since',
  }),
})

function bodyOf(one: Endpoint): Record<string, { schema: z.ZodType }> {
  if (!one.takesDocument) return { 'application/json': { schema: one.bodySchema ?? one.body ?? z.unknown() } }
  return { 'application/json': { schema: configSchema }, 'application/yaml': { schema: configSchema } }
}
