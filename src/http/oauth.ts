import express, { Router, type Request, type RequestHandler } from 'express'
import type { Context } from '../context.ts'
import type { TokenIssuer, TokenRequest } from '../provision/access-tokens.ts'
import { OAuthError } from '../provision/oauth-error.ts'
import { issuerMetadata } from '../provision/oauth-issuer.ts'
import { HttpError } from './errors.ts'
import { json, send } from './reply.ts'
import { sourceOf } from './source.ts'

/** A token request is a form of a few short fields and an assertion. */
const LARGEST_FORM = 64 * 1024

const FORM = 'application/x-www-form-urlencoded'

/**
 * The OAuth 2.0 token endpoint (RFC 6749 §3.2), twice: one below the SCIM base URL, where connectors look that are
 * given that URL alone, and one for each directory, which serves no client of another one.
 */
export function oauthRouter(ctx: Context, issuer: TokenIssuer): Router {
  const router = Router({ caseSensitive: true })
  const answerToken: RequestHandler = async (request, response) => {
    const token = await issuer.issue(readRequest(request, String(response.locals['requestId'])))
    send(response, json(200, token, { pragma: 'no-cache' }))
  }
  for (const path of ['/scim/v2/oauth2/token', '/scim/oauth2/token', '/oauth2/:directory/token']) {
    router.post(path, express.raw({ type: FORM, limit: LARGEST_FORM }), answerToken)
    router.all(path, (request) => {
      throw new HttpError(405, `\`${request.method}\` is not offered here; use POST`, {
        headers: { allow: 'POST' },
      })
    })
  }
  // RFC 8414 §3: the well-known part stands before the path of the issuer.
  router.get('/.well-known/oauth-authorization-server/oauth2/:directory', (request, response) => {
    send(response, json(200, issuerMetadata(ctx, encodeURIComponent(request.params.directory))))
  })
  return router
}

function readRequest(request: Request, requestId: string): TokenRequest {
  const fields = readForm(request)
  const basic = readBasic(request.headers.authorization)
  const field = (name: string): string | undefined => fields.get(name) || undefined
  if (basic !== undefined && (field('client_secret') ?? field('client_assertion')) !== undefined) {
    throw new OAuthError(
      'invalid_request',
      'client credentials stand in the header and in the body; send them once',
    )
  }
  if (basic !== undefined && (field('client_id') ?? basic.id) !== basic.id) {
    throw new OAuthError('invalid_request', 'the header and the body name different clients')
  }
  const { directory } = request.params
  return {
    directoryId: typeof directory === 'string' ? directory : undefined,
    source: sourceOf(request),
    requestId,
    grantType: field('grant_type'),
    scope: field('scope'),
    clientId: basic?.id ?? field('client_id'),
    clientSecret: basic?.secret ?? field('client_secret'),
    assertionType: field('client_assertion_type'),
    assertion: field('client_assertion'),
  }
}

/** @throws OAuthError when the body is no form, or has a field twice (RFC 6749 §3.2) */
function readForm({ body }: Request): URLSearchParams {
  const bytes: unknown = body
  if (!Buffer.isBuffer(bytes)) throw new OAuthError('invalid_request', `the body has to be ${FORM}`)
  const fields = new URLSearchParams(bytes.toString())
  const names = [...fields.keys()]
  const twice = names.some((name, at) => names.indexOf(name) !== at)
  if (twice) throw new OAuthError('invalid_request', 'a parameter stands in the body twice')
  return fields
}

/**
 * The client credentials of a Basic header, each encoded like a form field (RFC 6749 §2.3.1); undefined without one.
 *
 * @throws OAuthError for another scheme, or what cannot be read
 */
function readBasic(header: string | undefined): { readonly id: string; readonly secret: string } | undefined {
  if (header === undefined) return undefined
  const [, encoded] = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(header) ?? []
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? []
  if (id === undefined || secret === undefined) {
    throw new OAuthError(
      'invalid_client',
      'the Authorization header has to be Basic with client id and secret',
    )
  }
  return { id: formDecoded(id), secret: formDecoded(secret) }
}

const formDecoded = (text: string): string =>
  new URLSearchParams(`x=${text.replaceAll('&', '%26')}`).get('x') ?? ''
