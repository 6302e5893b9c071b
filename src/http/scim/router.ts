import { Router, type RequestHandler } from 'express'
import type { Context } from '../../context.ts'
import type { Authenticator } from '../../provision/authenticate.ts'
import { authenticate, principalOf, requireScope } from '../authenticate.ts'
import { HttpError } from '../errors.ts'
import { standAt, type Gate } from '../gate.ts'
import { pathOf } from '../observe.ts'
import { send } from '../reply.ts'
import { bulk } from './bulk.ts'
import { scimCall, type ScimHandler } from './call.ts'
import { resourceTypeList, resourceTypeOf, schemaList, schemaOf, serviceProvider } from './discovery.ts'
import { listEverything, listResources, searchEverything, searchResources } from './lists.ts'
import { nobody } from './me.ts'
import { answerType, readBulkBody, readScimBody } from './media.ts'
import { createOne, deleteOne, patchOne, readOne, replaceOne } from './resources.ts'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** Everything below `/scim/v2`; what is not in it is 404, and another method is 405. */
const routes = (
  gate: Gate,
  maxBodyBytes: number,
): Readonly<Record<string, Partial<Record<Method, ScimHandler>>>> => ({
  '/': { get: listEverything },
  '/.search': { post: searchEverything },
  '/Users': { get: listResources('User'), post: createOne('User') },
  '/Users/.search': { post: searchResources('User') },
  '/Users/:id': {
    get: readOne('User'),
    put: replaceOne('User'),
    patch: patchOne('User'),
    delete: deleteOne('User'),
  },
  '/Groups': { get: listResources('Group'), post: createOne('Group') },
  '/Groups/.search': { post: searchResources('Group') },
  '/Groups/:id': {
    get: readOne('Group'),
    put: replaceOne('Group'),
    patch: patchOne('Group'),
    delete: deleteOne('Group'),
  },
  '/Roles': { get: listResources('Role') },
  '/Roles/.search': { post: searchResources('Role') },
  '/Roles/:id': { get: readOne('Role') },
  '/Bulk': { post: bulk(gate) },
  '/Me': { get: nobody, post: nobody, put: nobody, patch: nobody, delete: nobody },
  '/ServiceProviderConfig': { get: serviceProvider(maxBodyBytes) },
  '/ResourceTypes': { get: resourceTypeList },
  '/ResourceTypes/:id': { get: resourceTypeOf },
  '/Schemas': { get: schemaList },
  '/Schemas/:id': { get: schemaOf },
})

/** The router of the SCIM 2.0 endpoint (RFC 7644). */
export function scimRouter(
  ctx: Context,
  authenticator: Authenticator,
  gate: Gate,
  maxBodyBytes: number,
): Router {
  const router = Router({ caseSensitive: true })
  router.get('/ServiceProviderConfig', answerStrangers(ctx, maxBodyBytes))
  router.use(authenticate(authenticator), requireScope(['scim']), standAt(gate))
  for (const [path, methods] of Object.entries(routes(gate, maxBodyBytes))) {
    const route = router.route(path)
    const readBody = path === '/Bulk' ? readBulkBody(maxBodyBytes) : readScimBody(maxBodyBytes)
    for (const [method, handler] of Object.entries(methods) as [Method, ScimHandler][]) {
      route[method](...readBody, async (request, response) => {
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
    const allow = allowedOf(methods)
    route.options((_request, response) => send(response, { status: 204, headers: { allow } }))
    route.all((request) => {
      throw new HttpError(405, `\`${request.method}\` is not offered at \`${request.path}\`; use ${allow}`, {
        headers: { allow },
      })
    })
  }
  return router
}

/** Who comes without a token learns how to come with one (RFC 7643 §5); a token that is wrong is refused as anywhere. */
function answerStrangers(ctx: Context, maxBodyBytes: number): RequestHandler {
  const answer = serviceProvider(maxBodyBytes)
  return async function answerStranger(request, response, next) {
    const { url, headers } = request
    if (headers.authorization !== undefined || /[?&]access_token=/i.test(url)) return next()
    const query = new URLSearchParams(url.slice(pathOf(url).length))
    send(response, await answer({ ctx, query, type: answerType(headers.accept) }))
  }
}

/** HEAD goes wherever GET does, and OPTIONS everywhere. */
function allowedOf(methods: Partial<Record<Method, ScimHandler>>): string {
  const names = Object.keys(methods).flatMap((method) => (method === 'get' ? ['get', 'head'] : [method]))
  return [...names, 'options'].join(', ').toUpperCase()
}
