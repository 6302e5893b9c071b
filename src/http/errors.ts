import { OAuthError, type OAuthCode } from '../provision/oauth-error.ts'
import { Problem, type Fault } from '../provision/problem.ts'
import { Unavailable } from '../provision/unavailable.ts'
import { ScimError, type ScimType } from '../scim/error.ts'
import type { Logger } from '../log.ts'
import type { Principal } from '../provision/authenticate.ts'
import { JSON_TYPE, PROBLEM_JSON, SCIM_JSON, type Reply } from './reply.ts'

/** An error of the boundary itself: no such path, no such method, no valid token, an unreadable body. */
export class HttpError extends Error {
  override name = 'HttpError'
  readonly status: number
  readonly scimType: ScimType | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    detail: string,
    options: { scimType?: ScimType; headers?: Record<string, string> } = {},
  ) {
    super(detail)
    this.status = status
    this.scimType = options.scimType
    this.headers = options.headers ?? {}
  }
}

/** What was asked and by whom, as far as an error's answer and the log need it. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly requestId: string
  readonly principal: Principal | undefined
}

/**
 * The answer to an error, whatever raised it: what OAuth says at a token endpoint (RFC 6749 §5.2), a SCIM error below
 * `/scim` (RFC 7644 §3.12), problem details elsewhere (RFC 9457). The log has it too, since identity providers keep no
 * record of what they were told. What nobody foresaw is answered as a 500 that tells the request's id alone.
 */
export function replyTo(error: unknown, asked: Asked, log: Logger): Reply {
  const known = describe(error)
  const { principal, ...request } = asked
  const who = { actor: principal?.actor, directoryId: principal?.directoryId }
  if (known === undefined || error instanceof Unavailable) {
    log.error({ ...request, ...who, err: error }, 'request failed')
  } else {
    const { status, scimType, detail, errors } = known
    log.warn({ ...request, ...who, status, scimType, detail, errors }, 'request refused')
  }
  const described = known ?? {
    status: 500,
    detail: `something went wrong on our side; the log has more under request id ${asked.requestId}`,
  }
  if (TOKEN_ENDPOINT.test(asked.path)) return oauthError(described)
  return /^\/scim(\/|$)/i.test(asked.path) ? scimError(described) : problemDetails(described)
}

const TOKEN_ENDPOINT = /^\/(?:scim(?:\/v2)?\/oauth2|oauth2\/[^/]+)\/token$/

interface Described {
  readonly status: number
  readonly code?: OAuthCode
  readonly detail: string
  readonly scimType?: ScimType | undefined
  readonly errors?: readonly Fault[] | undefined
  readonly headers?: Readonly<Record<string, string>>
}

function describe(error: unknown): Described | undefined {
  if (error instanceof ScimError) return describeScim(error)
  if (error instanceof Problem) return error
  if (error instanceof HttpError) {
    return { status: error.status, detail: error.message, scimType: error.scimType, headers: error.headers }
  }
  if (error instanceof OAuthError) return describeOAuth(error)
  if (error instanceof Unavailable) return UNAVAILABLE
  return describeExpress(error)
}

function describeScim({ status, message, scimType, retryAfter }: ScimError): Described {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
  return { status, detail: message, scimType, headers }
}

function describeOAuth({ code, message, retryAfter }: OAuthError): Described {
  const headers = {
    ...(code === 'invalid_client' && { 'www-authenticate': 'Basic realm="signalbox"' }),
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  }
  return { status: OAUTH_STATUS[code], code, detail: message, headers }
}

const OAUTH_STATUS: Readonly<Record<OAuthCode, number>> = {
  invalid_request: 400,
  invalid_client: 401,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  temporarily_unavailable: 503,
  slow_down: 429,
}

const UNAVAILABLE: Described = {
  status: 503,
  code: 'temporarily_unavailable',
  detail: 'the database lets nobody in at the moment, so nothing was done; try again in a few seconds',
  headers: { 'retry-after': '5' },
}

/** Express and its body parser mark their errors with a `type` or a `status` (the `http-errors` convention). */
function describeExpress(error: unknown): Described | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { type, status, limit } = error as { type?: unknown; status?: unknown; limit?: unknown }
  switch (type) {
    case 'entity.parse.failed':
      return { status: 400, detail: 'the body is not valid JSON', scimType: 'invalidSyntax' }
    case 'entity.too.large':
      return {
        status: 413,
        detail: `the body is larger than ${String(limit)} bytes; send fewer values at a time or raise MAX_BODY_BYTES`,
      }
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return {
        status: 415,
        detail: 'the body has to be JSON in UTF-8, plain or compressed with gzip, deflate or br',
      }
    case 'request.size.invalid':
    case 'request.aborted':
      return { status: 400, detail: 'the body ended before it was complete', scimType: 'invalidSyntax' }
    default:
      break
  }
  if (error instanceof URIError || status === 400) {
    return { status: 400, detail: 'the request cannot be read', scimType: 'invalidSyntax' }
  }
  return undefined
}

function scimError(described: Described): Reply {
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(described.status),
    ...(described.scimType && { scimType: described.scimType }),
    detail: described.detail,
  }
  return {
    status: described.status,
    type: SCIM_JSON,
    body: JSON.stringify(body),
    headers: { ...described.headers },
  }
}

/** The description is plain ASCII without quotes and backslashes (RFC 6749 §5.2). */
function oauthError({ status, code, detail, headers }: Described): Reply {
  const error = code ?? (status >= 500 ? 'server_error' : 'invalid_request')
  const error_description = detail.replaceAll('`', "'").replaceAll(/[^\x20-\x7e]|["\\]/g, '?')
  return {
    status,
    type: JSON_TYPE,
    body: JSON.stringify({ error, error_description }),
    headers: { pragma: 'no-cache', ...headers },
  }
}

function problemDetails(described: Described): Reply {
  const body = {
    status: described.status,
    title: TITLES[described.status] ?? 'Error',
    detail: described.detail,
    ...(described.errors && { errors: described.errors }),
  }
  return {
    status: described.status,
    type: PROBLEM_JSON,
    body: JSON.stringify(body),
    headers: { ...described.headers },
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Not acceptable as it is',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available at the moment',
}
