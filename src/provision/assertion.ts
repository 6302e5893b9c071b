import { createLocalJWKSet, decodeJwt, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose'
import type { Context } from '../context.ts'
import { createKeySource, KeysUnavailable } from './issuer-keys.ts'
import { OAuthError } from './oauth-error.ts'
import { SIGNATURES } from './oauth-issuer.ts'

/** Whose assertions a client may show (RFC 7523 §3): who signs them, about whom, for whom, and with which keys. */
export interface Trust {
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  readonly jwksUrl?: string | undefined
  readonly jwks?: { readonly keys: readonly object[] } | undefined
}

/** An assertion that holds. */
export interface Assertion {
  /** By which it is recognised when it is shown again; undefined when its issuer gives none. */
  readonly jti: string | undefined
  /** Until when it would be accepted. */
  readonly acceptedUntil: string
}

export interface AssertionVerifier {
  /** @throws OAuthError `invalid_client`, or `temporarily_unavailable` when the issuer's keys cannot be fetched */
  verify(assertion: string, trust: Trust): Promise<Assertion>
}

/** How far the clocks of an issuer and of this server may differ. */
const SKEW_SECONDS = 60

/** An assertion that lives for longer is a password in disguise. */
const LONGEST_LIFE_SECONDS = 24 * 60 * 60

/** Identity providers' assertions have one to two thousand characters. */
const LONGEST = 16 * 1024

/** `JWT`, or the type that assertions of clients get by RFC 7523bis. Access tokens and the like have others. */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'client-authentication+jwt'])

/**
 * Makes the verifier of a server.
 *
 * All cryptography is jose's. What a token says of its own keys (`jku`, `x5u`, `jwk`) is never looked at.
 */
export function createAssertionVerifier(ctx: Pick<Context, 'now'>): AssertionVerifier {
  const keysAt = createKeySource()
  return {
    async verify(assertion, trust) {
      if (assertion.length > LONGEST) throw refuse(`is longer than ${LONGEST} characters`)
      const keys =
        trust.jwksUrl === undefined
          ? createLocalJWKSet((trust.jwks ?? { keys: [] }) as JSONWebKeySet)
          : keysAt(trust.jwksUrl)
      const now = new Date(ctx.now())
      const { payload, protectedHeader } = await jwtVerify(assertion, keys, {
        algorithms: [...SIGNATURES],
        issuer: trust.issuer,
        subject: trust.subject,
        audience: trust.audience,
        requiredClaims: ['exp'],
        clockTolerance: SKEW_SECONDS,
        currentDate: now,
      }).catch((error: unknown) => {
        throw explain(error, trust)
      })
      const type = (protectedHeader.typ ?? 'JWT').toLowerCase().replace(/^application\//, '')
      if (!TYPES.has(type)) throw refuse(`is a \`${type}\` and no assertion of a client`)
      return check(payload, Math.floor(now.getTime() / 1000))
    },
  }
}

/** The subject that an assertion names, before anything of it is believed; undefined when it cannot be read. */
export function claimedSubject(assertion: string): string | undefined {
  if (assertion.length > LONGEST) return undefined
  try {
    return decodeJwt(assertion).sub
  } catch {
    return undefined
  }
}

/** What jose leaves to its caller: a sole audience (RFC 7523bis §4), a birth in the past, a bounded life. */
function check({ aud, exp = 0, iat, jti }: JWTPayload, now: number): Assertion {
  if (typeof aud !== 'string') throw refuse('names its audience in a list; it has to be for us alone')
  if (iat !== undefined && iat > now + SKEW_SECONDS) throw refuse('was issued in the future')
  if (exp - Math.min(iat ?? now, now) > LONGEST_LIFE_SECONDS + SKEW_SECONDS) {
    throw refuse('lives for more than a day')
  }
  if (jti !== undefined && (typeof jti !== 'string' || jti === ''))
    throw refuse('has a `jti` that is no text')
  return { jti, acceptedUntil: new Date((exp + SKEW_SECONDS) * 1000).toISOString() }
}

/** Which claim is wrong is told, since claims are only looked at under a good signature. */
function explain(error: unknown, trust: Trust): OAuthError {
  if (error instanceof KeysUnavailable) {
    return new OAuthError('temporarily_unavailable', error.message, { retryAfter: 10, cause: error })
  }
  if (error instanceof errors.JWTExpired) return refuse('has expired')
  if (error instanceof errors.JWTClaimValidationFailed) return refuse(claimFault(error, trust))
  if (error instanceof errors.JOSEAlgNotAllowed) return refuse('is signed in a way that is not accepted')
  if (error instanceof errors.JWKSNoMatchingKey)
    return refuse('is signed with a key that its issuer does not show')
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return refuse('does not say which key it is signed with')
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return refuse('has a signature that does not fit')
  return refuse('cannot be read or verified', error)
}

function claimFault({ claim, reason }: errors.JWTClaimValidationFailed, trust: Trust): string {
  if (reason === 'missing') return `has no \`${claim}\``
  const wanted = { iss: trust.issuer, sub: trust.subject, aud: trust.audience }[claim]
  if (wanted !== undefined) return `has another \`${claim}\` than the configured one, \`${wanted}\``
  return claim === 'nbf' ? 'is not valid yet' : `has a \`${claim}\` that is not as it should be`
}

const refuse = (fault: string, cause?: unknown): OAuthError =>
  new OAuthError('invalid_client', `the client assertion ${fault}`, { cause })
