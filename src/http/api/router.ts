import express, { Router } from 'express'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import type { Authenticator } from '../../provision/authenticate.ts'
import { repeatsName } from '../../scim/repeated-name.ts'
import { checkTextShape } from '../../scim/resource/shape.ts'
import { authenticate, principalOf, requireScope } from '../authenticate.ts'
import { HttpError } from '../errors.ts'
import { send } from '../reply.ts'
import { auditEndpoints } from './audit.ts'
import { checkEndpoints } from './checks.ts'
import { clientEndpoints } from './clients.ts'
import { configurationEndpoints } from './configuration.ts'
import { directoryEndpoints } from './directories.ts'
import { check, parametersOf, type Endpoint } from './endpoint.ts'
import { extraModelEndpoints } from './extra-models.ts'
import { guardEndpoints } from './guard.ts'
import { lintEndpoints } from './lint.ts'
import { planEndpoints } from './plans.ts'
import { resolveEndpoints } from './resolve.ts'
import { revisionEndpoints } from './revisions.ts'
import { roleEndpoints } from './roles.ts'
import { secretEndpoints } from './secrets.ts'
import { sectionEndpoints } from './sections.ts'
import { statusEndpoints } from './status.ts'
import { tokenEndpoints } from './tokens.ts'

/** Everything below `/api/v1`: the routes and `/openapi.json` are both made from this table. */
export const endpoints: readonly Endpoint[] = [
  ...resolveEndpoints,
  ...directoryEndpoints,
  ...tokenEndpoints,
  ...clientEndpoints,
  ...configurationEndpoints,
  ...planEndpoints,
  ...lintEndpoints,
  ...revisionEndpoints,
  ...secretEndpoints,
  ...checkEndpoints,
  ...auditEndpoints,
  ...roleEndpoints,
  ...extraModelEndpoints,
  ...sectionEndpoints,
  ...guardEndpoints,
  ...statusEndpoints,
]

/** An endpoint that takes no parameters refuses them: `?dryRun=true` would otherwise be done in earnest. */
const NO_PARAMETERS = z.strictObject({})

/** The router of the administration and resolving interface. */
export function apiRouter(ctx: Context, authenticator: Authenticator, maxBodyBytes: number): Router {
  const router = Router()
  router.use(authenticate(authenticator))
  const readText = express.text({ type: () => true, limit: maxBodyBytes })
  const paths = byPath(endpoints)
  for (const [path, methods] of paths) {
    const route = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'))
    for (const one of methods) {
      route[one.method](requireScope(one.scopes), readText, async (request, response) => {
        const reply = await one.handle({
          ctx,
          authenticator,
          principal: principalOf(response),
          requestId: String(response.locals['requestId']),
          path: request.params as Record<string, string>,
          query: check(one.query ?? NO_PARAMETERS, queryOf(request.url), 400),
          body: one.body && check(one.body, readBody(one, request.body), 422),
          accept: request.headers.accept,
          ifMatch: conditionOf(one, request.headers['if-match']),
        })
        send(response, reply)
      })
    }
    // Other methods may be meant for an entry of that name.
    if (isAlsoName(path, [...paths.keys()])) continue
    const allowed = methods.map((one) => one.method.toUpperCase()).join(', ')
    route.all((request) => {
      throw new HttpError(405, `\`${request.method}\` is not offered here; use ${allowed}`, {
        headers: { allow: allowed },
      })
    })
  }
  return router
}

function byPath(all: readonly Endpoint[]): Map<string, Endpoint[]> {
  return Map.groupBy(all, (one) => one.path)
}

/** Whether a path is also what another one becomes with a name in it. */
const isAlsoName = (path: string, others: readonly string[]): boolean =>
  others.some((other) => other !== path && other.replace(/\{\w+\}$/, path.split('/').at(-1) ?? '') === path)

const queryOf = (url: string): Record<string, string> =>
  parametersOf(new URL(url, 'http://localhost').searchParams)

/** A client that asks for a condition would otherwise take for granted that it was kept. */
function conditionOf(one: Endpoint, ifMatch: string | undefined): string | undefined {
  if (ifMatch === undefined || one.conditional || one.method === 'get') return ifMatch
  throw new HttpError(400, '`If-Match` is not understood here; leave it out')
}

/** Who takes a configuration document reads YAML too and does its own parsing; everything else is JSON. */
function readBody(one: Endpoint, body: unknown): unknown {
  if (one.takesDocument || typeof body !== 'string') return body
  checkTextShape(body)
  const parsed = jsonOf(body)
  if (repeatsName(body, parsed)) throw new HttpError(400, 'an object in the body has one name twice')
  return parsed
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new HttpError(400, 'the body is not valid JSON')
  }
}
