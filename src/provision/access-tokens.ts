import { LRUCache } from 'lru-cache'
import type { Context } from '../context.ts'
import { findClient, findSecret, touchClient, useAssertion, type StoredClient } from '../store/clients.ts'
import { insertToken } from '../store/tokens.ts'
import { UniquenessError } from '../store/uniqueness-error.ts'
import { claimedSubject, createAssertionVerifier, type Assertion, type Trust } from './assertion.ts'
import { createLoginBrake, type LoginBrake } from './login-brake.ts'
import { count, newMeter, type Meter } from './meter.ts'
import { OAuthError } from './oauth-error.ts'
import { recordQuietly } from './record.ts'
import { equal, makeSecret, prefixOf } from './secret-text.ts'

/** A token request as it came in (RFC 6749 §4.4.2, RFC 7523 §2.2); what is absent is undefined. */
export interface TokenRequest {
  /** The directory whose endpoint was asked; undefined at the one that serves all. */
  readonly directoryId: string | undefined
  readonly source: string
  readonly requestId: string
  readonly grantType: string | undefined
  readonly scope: string | undefined
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  readonly assertionType: string | undefined
  readonly assertion: string | undefined
}

/** An access token with what RFC 6749 §5.1 tells beside it. */
export interface AccessToken {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly scope: 'scim'
}

/** Gives out access tokens. */
export interface TokenIssuer {
  /** @throws OAuthError */
  issue(asked: TokenRequest): Promise<AccessToken>
}

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A client asks about once an hour; what comes more often than this is a client that forgets its tokens. */
const GRANTS = { perSecond: 1, burst: 60 } as const

/** Makes the issuer of a server. */
export function createTokenIssuer(ctx: Context, brake: LoginBrake = createLoginBrake()): TokenIssuer {
  const verifier = createAssertionVerifier(ctx)
  const meters = new LRUCache<string, Meter>({ max: 10_000 })

  return {
    async issue(asked) {
      refuseWrongRequest(asked)
      const { client, ...shown } = await authenticate(asked).catch((error: unknown) => {
        throw slowedDown(error, asked)
      })
      refuseTooMany(client)
      return grant(ctx, asked, client, shown)
    },
  }

  async function authenticate(asked: TokenRequest): Promise<Authenticated> {
    if (asked.assertion === undefined) return bySecret(ctx, asked)
    const client = await clientOf(ctx, asked, asked.clientId ?? claimedSubject(asked.assertion))
    if (client.trust === null) throw unknownClient()
    return { client, assertion: await verifier.verify(asked.assertion, JSON.parse(client.trust) as Trust) }
  }

  function slowedDown(error: unknown, { source, clientId }: TokenRequest): unknown {
    if (!(error instanceof OAuthError) || error.code !== 'invalid_client') return error
    const marks = clientId === undefined ? [] : [`client ${clientId.slice(0, 100)}`]
    const retryAfter = brake.failed([`source ${source}`, ...marks])
    return retryAfter === 0
      ? error
      : new OAuthError('slow_down', 'too many logins have failed', { retryAfter, cause: error })
  }

  function refuseTooMany({ id, tokenSeconds }: StoredClient): void {
    let meter = meters.get(id)
    if (meter === undefined) meters.set(id, (meter = newMeter()))
    const wait = count(meter, GRANTS, performance.now())
    if (wait > 0) {
      throw new OAuthError(
        'slow_down',
        `the client fetches tokens faster than it can use them; each is good for ${tokenSeconds} seconds`,
        { retryAfter: Math.ceil(wait / 1000) },
      )
    }
  }
}

/** A client that has shown who it is, and by what. */
interface Authenticated {
  readonly client: StoredClient
  readonly secretId?: string
  readonly assertion?: Assertion
}

function refuseWrongRequest({
  grantType,
  scope,
  assertionType,
  assertion,
  clientSecret,
}: TokenRequest): void {
  if (grantType === undefined) throw new OAuthError('invalid_request', 'grant_type is missing')
  if (grantType !== 'client_credentials') {
    throw new OAuthError('unsupported_grant_type', 'grant_type has to be client_credentials')
  }
  if (scope?.split(' ').some((one) => one !== '' && one !== 'scim')) {
    throw new OAuthError('invalid_scope', 'the one scope that is given here is scim')
  }
  if (
    (assertion === undefined) !== (assertionType === undefined) ||
    (assertionType ?? JWT_BEARER) !== JWT_BEARER
  ) {
    throw new OAuthError('invalid_request', `client_assertion goes with client_assertion_type ${JWT_BEARER}`)
  }
  if (assertion !== undefined && clientSecret !== undefined) {
    throw new OAuthError('invalid_request', 'a client shows either its secret or an assertion')
  }
}

async function bySecret(ctx: Context, asked: TokenRequest): Promise<Authenticated> {
  const { clientId, clientSecret } = asked
  if (clientId === undefined || clientSecret === undefined) {
    throw new OAuthError(
      'invalid_client',
      'no client credentials; send client_id with client_secret or client_assertion',
    )
  }
  const prefix = prefixOf(ctx, 'sbs', clientSecret)
  const secret = prefix === undefined ? undefined : await findSecret(ctx.engine.read, `sbs_${prefix}`)
  if (secret === undefined || secret.clientId !== clientId || !equal(ctx.digest(clientSecret), secret.hash)) {
    throw unknownClient()
  }
  const client = await clientOf(ctx, asked, clientId)
  if (secret.revokedAt !== null)
    throw new OAuthError(
      'invalid_client',
      `the client secret ${secret.id} was revoked on ${secret.revokedAt}`,
    )
  if (secret.expiresAt !== null && secret.expiresAt <= ctx.now()) {
    throw new OAuthError(
      'invalid_client',
      `the client secret ${secret.id} expired on ${secret.expiresAt}; make a new one and enter it in the identity provider`,
    )
  }
  return { client, secretId: secret.id }
}

async function clientOf(ctx: Context, asked: TokenRequest, id: string | undefined): Promise<StoredClient> {
  const client = id === undefined ? undefined : await findClient(ctx.engine.read, id)
  const elsewhere = asked.directoryId !== undefined && asked.directoryId !== client?.directoryId
  if (client === undefined || client.revokedAt !== null || elsewhere) throw unknownClient()
  return client
}

/** The same words whether the client, its directory or its secret is wrong. */
const unknownClient = (): OAuthError =>
  new OAuthError('invalid_client', 'the client is not known here, or has shown a wrong secret')

async function grant(
  ctx: Context,
  asked: TokenRequest,
  client: StoredClient,
  { secretId, assertion }: Omit<Authenticated, 'client'>,
): Promise<AccessToken> {
  const now = ctx.now()
  const id = ctx.newId()
  const { prefix, secret } = makeSecret(ctx, 'sb')
  const expiresAt = new Date(Date.parse(now) + client.tokenSeconds * 1000).toISOString()
  await ctx.engine.write(async (db) => {
    if (assertion?.jti !== undefined) {
      const used = {
        clientId: client.id,
        hash: ctx.digest(assertion.jti),
        expiresAt: assertion.acceptedUntil,
      }
      await useAssertion(db, used).catch(shownBefore)
    }
    if (!(await touchClient(db, client.id, secretId, now))) throw unknownClient()
    const { directoryId } = client
    const token = { id, prefix, hash: ctx.digest(secret), directoryId, createdAt: now, expiresAt }
    await insertToken(db, { ...token, scope: 'scim', label: client.label, clientId: client.id, secretId })
    await recordQuietly(ctx, db, {
      cause: { actor: `client:${client.id}`, requestId: asked.requestId },
      directoryId,
      kind: 'token.fetched',
      subjectId: id,
      detail: { prefix: `sb_${prefix}`, expiresAt, by: secretId ?? 'assertion' },
    })
  })
  return { access_token: secret, token_type: 'Bearer', expires_in: client.tokenSeconds, scope: 'scim' }
}

function shownBefore(error: unknown): never {
  if (!(error instanceof UniquenessError)) throw error
  throw new OAuthError('invalid_client', 'the client assertion was shown before; sign a new one')
}
