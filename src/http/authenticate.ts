import type { IncomingMessage } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'
import { Passport } from 'passport'
import { Strategy } from 'passport-http-bearer'
import type { Authenticator, Principal, Refusal, Scope } from '../provision/authenticate.ts'
import { HttpError } from './errors.ts'
import { sourceOf } from './source.ts'

/**
 * Express middleware that lets a request pass when its bearer token is one of ours.
 *
 * The principal is in `response.locals.principal` afterwards. passport-http-bearer is used in its callback form, so
 * that a failed login reaches the error handler and becomes a SCIM error like any other.
 */
export function authenticate(authenticator: Authenticator): RequestHandler {
  const passport = new Passport()
  passport.use(
    new Strategy({ passReqToCallback: true }, (request: Request, token: string, done: Done) => {
      authenticator.authenticate(token, sourceOf(request)).then(
        (found) => {
          if (found.ok) return done(null, found.principal)
          if (found.retryAfter !== undefined) return done(slowDown(found))
          done(null, false, found.detail)
        },
        (error: unknown) => done(error),
      )
    }),
  )
  return function authenticateBearer(request, response, next) {
    refuseTokenInQuery(request.url)
    const finish = (error: unknown, principal?: Principal | false, info?: unknown, status?: number): void => {
      if (error) return next(error)
      if (!principal) return next(status === 400 ? malformed() : unauthenticated(request, refusalIn(info)))
      response.locals['principal'] = principal
      next()
    }
    ;(passport.authenticate('bearer', { session: false }, finish) as RequestHandler)(request, response, next)
  }
}

/** How passport is told who a token belongs to, or why it belongs to nobody. */
type Done = (error: unknown, principal?: Principal | false, refusal?: string) => void

/** Express middleware, after `authenticate`, that asks for one of the scopes. */
export function requireScope(scopes: readonly Scope[]): RequestHandler {
  return function requireScopeOf(_request, response, next) {
    const refusal = refuseScope(principalOf(response), scopes)
    if (refusal) throw refusal
    next()
  }
}

/** Who a request comes from, once `authenticate` has let it pass. */
export const principalOf = (response: Response): Principal => response.locals['principal'] as Principal

/** The same judgement without Express, for requests that are answered before it. */
export async function authenticateDirectly(
  authenticator: Authenticator,
  request: IncomingMessage,
  scopes: readonly Scope[],
): Promise<Principal> {
  refuseTokenInQuery(request.url ?? '')
  const [, token] = /^Bearer +([^ ]+)$/i.exec(request.headers.authorization ?? '') ?? []
  if (token === undefined) throw unauthenticated(request, undefined)
  const found = await authenticator.authenticate(token, sourceOf(request))
  if (!found.ok)
    throw found.retryAfter === undefined ? unauthenticated(request, found.detail) : slowDown(found)
  const refusal = refuseScope(found.principal, scopes)
  if (refusal) throw refusal
  return found.principal
}

/** RFC 6750 §2.3 allows a token in the address, from where it would get into every log. */
function refuseTokenInQuery(url: string): void {
  if (/[?&]access_token=/i.test(url)) {
    throw new HttpError(
      400,
      'a token in the address ends up in logs; send it in the `Authorization: Bearer` header',
      {
        scimType: 'invalidSyntax',
      },
    )
  }
}

/** What passport hands back when a login failed: its challenge, in which the refusal's own words stand. */
function refusalIn(info: unknown): string | undefined {
  return typeof info === 'string' ? /error_description="([^"]*)"/.exec(info)?.[1] : undefined
}

function unauthenticated(request: IncomingMessage, refusal: string | undefined): HttpError {
  const given = request.headers.authorization !== undefined
  const challenge = given ? 'Bearer realm="signalbox", error="invalid_token"' : 'Bearer realm="signalbox"'
  return new HttpError(401, refusal ?? 'no bearer token; send `Authorization: Bearer <token>`', {
    headers: { 'www-authenticate': challenge },
  })
}

const slowDown = ({ detail, retryAfter = 1 }: Refusal): HttpError =>
  new HttpError(429, `${detail}; try again in ${retryAfter} s`, {
    headers: { 'retry-after': String(retryAfter) },
  })

const malformed = (): HttpError =>
  new HttpError(400, 'the `Authorization` header has to be `Bearer <token>`, with one token', {
    scimType: 'invalidSyntax',
  })

function refuseScope(principal: Principal, scopes: readonly Scope[]): HttpError | undefined {
  if (scopes.includes(principal.scope)) return undefined
  return new HttpError(
    403,
    `this token has the scope \`${principal.scope}\`; this path needs ${scopes.map((scope) => `\`${scope}\``).join(' or ')}`,
    { headers: { 'www-authenticate': `Bearer realm="signalbox", error="insufficient_scope"` } },
  )
}
