import type { RequestListener } from 'node:http'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import type { Context } from './context.ts'
import { apiRouter, endpoints } from './http/api/router.ts'
import { replyTo } from './http/errors.ts'
import { HttpError } from './http/errors.ts'
import { createGate } from './http/gate.ts'
import { oauthRouter } from './http/oauth.ts'
import { observe, pathOf } from './http/observe.ts'
import { describeApi } from './http/openapi.ts'
import { operationRouter } from './http/operation.ts'
import { json, send } from './http/reply.ts'
import { answerReads } from './http/reads.ts'
import { scimRouter } from './http/scim/router.ts'
import type { Authenticator, Principal } from './provision/authenticate.ts'
import type { TokenIssuer } from './provision/access-tokens.ts'
import type { Rate } from './provision/meter.ts'

/** What a server is made of beside its context. */
export interface AppOptions {
  readonly authenticator: Authenticator
  readonly tokenIssuer: TokenIssuer
  readonly maxBodyBytes: number
  /** How often a directory may ask when its settings say nothing; undefined: as often as it likes. */
  readonly rate: Rate | undefined
}

/**
 * The whole of HTTP, in the order in which a request meets it.
 *
 * Reads of resources and decisions need neither a body nor a session: they are answered before Express, whose layers
 * cost more than the look-up itself.
 */
export function createApp(ctx: Context, options: AppOptions): RequestListener {
  const { authenticator, tokenIssuer, maxBodyBytes, rate } = options
  const gate = createGate({ rate, connections: ctx.engine.connections })
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('query parser', false)

  app.use(identify(ctx))
  app.use(refuseZeroCharacter)
  app.use(operationRouter(ctx))
  const description = json(200, describeApi(endpoints, ctx.publicUrl))
  app.get('/openapi.json', (_request, response) => send(response, description))
  app.use(oauthRouter(ctx, tokenIssuer))
  app.use('/scim', refuseOtherVersion)
  app.use(['/scim/v2', '/scim'], scimRouter(ctx, authenticator, gate, maxBodyBytes))
  app.use('/api/v1', apiRouter(ctx, authenticator, maxBodyBytes))
  app.use(unknownPath)
  app.use(answerErrors(ctx))

  const reads = answerReads(ctx, authenticator, gate)
  return (request, response) => {
    if (hasZeroCharacter(request.url) || !reads(request, response)) app(request, response)
  }
}

function identify(ctx: Context): RequestHandler {
  return function identifyRequest(request, response, next) {
    response.locals['requestId'] = observe(ctx, request, response)
    next()
  }
}

/** PostgreSQL cannot even be asked for a text with U+0000, and nothing that is stored has one. */
const refuseZeroCharacter: RequestHandler = (request, _response, next) => {
  if (hasZeroCharacter(request.url)) {
    throw new HttpError(400, 'the address has the character U+0000, which no id, name or value has', {
      scimType: 'invalidValue',
    })
  }
  next()
}

const hasZeroCharacter = (url: string | undefined): boolean => url?.includes('%00') ?? false

/** RFC 7644 §3.13: a path without a version means the newest one, and there is but one. */
const refuseOtherVersion: RequestHandler = (request, _response, next) => {
  const [, version] = /^\/(v\d[^/]*)/i.exec(request.path) ?? []
  if (version !== undefined && version !== 'v2') {
    throw new HttpError(400, `\`${version}\` of SCIM is not spoken here; use \`/scim/v2\``, {
      scimType: 'invalidVers',
    })
  }
  next()
}

const unknownPath: RequestHandler = (request) => {
  throw new HttpError(
    404,
    `there is nothing at \`${request.path}\`; SCIM is at /scim/v2 with /Users, /Groups, /Roles, /Schemas, /ResourceTypes and /ServiceProviderConfig, written just so, and everything else at /api/v1`,
  )
}

function answerErrors(ctx: Context): ErrorRequestHandler {
  return function answerError(error, request, response, next) {
    if (response.headersSent) return next(error)
    const asked = {
      method: request.method,
      path: pathOf(request.originalUrl),
      requestId: String(response.locals['requestId']),
      principal: response.locals['principal'] as Principal | undefined,
    }
    send(response, replyTo(error, asked, ctx.log))
  }
}
