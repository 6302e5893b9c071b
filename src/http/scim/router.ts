import { Router } from 'express'
import type { Context } from '../../context.ts'
import type { Authenticator } from '../../provision/authenticate.ts'
import { authenticate, principalOf, requireScope } from '../authenticate.ts'
import { HttpError } from '../errors.ts'
import { standAt, type Gate } from '../gate.ts'
import { pathOf } from '../observe.ts'
import { send } from '../reply.ts'
import { scimCall, type ScimHandler } from './call.ts'
import { resourceTypeList, resourceTypeOf, schemaList, schemaOf, serviceProvider } from './discovery.ts'
import { readScimBody } from './media.ts'
import { createOne, deleteOne, listResources, patchOne, readOne, replaceOne } from './resources.ts'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** Everything below `/scim/v2`; what is not in it is 404, and another method is 405. */
const ROUTES: Readonly<Record<string, Partial<Record<Method, ScimHandler>>>> = {
  '/Users': { get: listResources('User'), post: createOne('User') },
  '/Users/:id': {
    get: readOne('User'),
    put: replaceOne('User'),
    patch: patchOne('User'),
    delete: deleteOne('User'),
  },
  '/Groups': { get: listResources('Group'), post: createOne('Group') },
  '/Groups/:id': {
    get: readOne('Group'),
    put: replaceOne('Group'),
    patch: patchOne('Group'),
    delete: deleteOne('Group'),
  },
  '/ServiceProviderConfig': { get: serviceProvider },
  '/ResourceTypes': { get: resourceTypeList },
  '/ResourceTypes/:id': { get: resourceTypeOf },
  '/Schemas': { get: schemaList },
  '/Schemas/:id': { get: schemaOf },
}

/** The router of the SCIM 2.0 endpoint (RFC 7644). */
export function scimRouter(
  ctx: Context,
  authenticator: Authenticator,
  gate: Gate,
  maxBodyBytes: number,
): Router {
  const router = Router({ caseSensitive: true })
  router.use(authenticate(authenticator), requireScope(['scim']), standAt(gate))
  for (const [path, methods] of Object.entries(ROUTES)) {
    const route = router.route(path)
    for (const [method, handler] of Object.entries(methods) as [Method, ScimHandler][]) {
      route[method](...readScimBody(maxBodyBytes), async (request, response) => {
        const { url } = request
        const reply = await handler(
          scimCall({
            ctx,
            principal: principalOf(response),
            requestId: String(response.locals['requestId']),
            query: new URLSearchParams(url.slice(pathOf(url).length)),
            headers: request.headers,
            id: String(request.params['id'] ?? ''),
            body: request.body,
          }),
        )
        send(response, reply)
      })
    }
    const allowed = Object.keys(methods).join(', ').toUpperCase()
    route.all((request) => {
      throw new HttpError(
        405,
        `\`${request.method}\` is not offered at \`${request.path}\`; use ${allowed}`,
        {
          headers: { allow: allowed },
        },
      )
    })
  }
  return router
}
