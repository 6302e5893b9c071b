import { LRUCache } from 'lru-cache'
import type { Context } from '../context.ts'
import { findTokenByPrefix, type ShownToken } from '../store/tokens.ts'
import { clientActor, ENVIRONMENT_ACTOR, tokenActor } from './actor.ts'
import { directorySettings } from './directory-settings.ts'
import { createLoginBrake, type LoginBrake } from './login-brake.ts'
import type { Rate } from './meter.ts'
import { equal, prefixOf, publicPart } from './secret-text.ts'

export type Scope = 'scim' | 'read' | 'admin'

/** Who a request comes from: the token it carried, and the directory when it is one of an identity provider. */
export interface Principal {
  readonly tokenId: string
  /** As it stands in logs and in the audit: `token:<prefix>`, or `client:<id>` for an access token. */
  readonly actor: string
  readonly scope: Scope
  /** Id of the one directory of a `scim` token. */
  readonly directoryId: string | undefined
  /** How often its directory may ask, where its settings say so. */
  readonly rate: Rate | undefined
}

export type Authentication = { readonly ok: true; readonly principal: Principal } | Refusal

export interface Refusal {
  readonly ok: false
  readonly detail: string
  /** Whether the token is one of ours that has ended; nobody guesses those. */
  readonly ended?: true
  /** Seconds to wait, for whoever has failed too often. */
  readonly retryAfter?: number
}

/** Finds out who a bearer token belongs to. */
export interface Authenticator {
  /** @param source where the request came from */
  authenticate(token: string, source: string): Promise<Authentication>
  /** Forgets what is remembered, after a token was revoked. */
  forget(): void
  /** Tokens that were used since the last call, with the moment of their last use. */
  takeUses(): ReadonlyMap<string, string>
}

/** How long an answer about a token is used again: another process's revocation is obeyed within this time. */
const REMEMBER_MS = 1000

/**
 * Makes the authenticator of a server.
 *
 * @param environmentToken a token with scope `admin` that stands in the environment instead of the store
 */
export function createAuthenticator(
  ctx: Context,
  environmentToken: string | undefined,
  brake: LoginBrake = createLoginBrake(),
): Authenticator {
  const remembered = new LRUCache<string, Authentication>({ max: 1000, ttl: REMEMBER_MS })
  const environmentDigest = environmentToken === undefined ? undefined : ctx.digest(environmentToken)
  let uses = new Map<string, string>()
  let revocations = 0

  return {
    async authenticate(token, source) {
      const digest = ctx.digest(token)
      let known = remembered.get(digest)
      if (known === undefined) {
        const before = revocations
        known =
          environmentDigest !== undefined && equal(digest, environmentDigest)
            ? ENVIRONMENT
            : await lookUp(ctx, token, digest)
        // Not when a token was revoked while this one was looked up: it may be the one.
        if (known.ok && before === revocations) remembered.set(digest, known)
      }
      if (!known.ok) return known.ended ? known : slowedDown(brake, known, token, source)
      if (known !== ENVIRONMENT) uses.set(known.principal.tokenId, ctx.now())
      return known
    },
    forget() {
      revocations += 1
      remembered.clear()
    },
    takeUses() {
      const taken = uses
      uses = new Map()
      return taken
    },
  }
}

const ENVIRONMENT: Authentication = {
  ok: true,
  principal: {
    tokenId: 'environment',
    actor: ENVIRONMENT_ACTOR,
    scope: 'admin',
    directoryId: undefined,
    rate: undefined,
  },
}

async function lookUp(ctx: Context, token: string, digest: string): Promise<Authentication> {
  const prefix = prefixOf(ctx, 'sb', token)
  const row = prefix === undefined ? undefined : await findTokenByPrefix(ctx.engine.read, prefix)
  // The same words for an unknown prefix and a wrong secret: a prefix is public and confirms nothing.
  if (row === undefined || !equal(digest, row.hash)) return refuse('the bearer token is not known here')
  if (row.revokedAt !== null)
    return ended(`the bearer token sb_${prefix} was revoked on ${row.revokedAt}; use another one`)
  if (row.expiresAt !== null && row.expiresAt <= ctx.now()) {
    return ended(
      row.clientId === null
        ? `the bearer token sb_${prefix} expired on ${row.expiresAt}; make a new one and enter it in the identity provider`
        : `the access token sb_${prefix} expired on ${row.expiresAt}; fetch another one from the token endpoint`,
    )
  }
  return { ok: true, principal: principalOf(row) }
}

const principalOf = (row: ShownToken): Principal => ({
  tokenId: row.id,
  actor: row.clientId === null ? tokenActor(row.prefix) : clientActor(row.clientId),
  scope: row.scope,
  directoryId: row.directoryId ?? undefined,
  rate: row.settings === null ? undefined : directorySettings(row.settings).rateLimit,
})

const refuse = (detail: string): Refusal => ({ ok: false, detail })

const ended = (detail: string): Refusal => ({ ok: false, detail, ended: true })

function slowedDown(brake: LoginBrake, refusal: Refusal, token: string, source: string): Refusal {
  const prefix = publicPart(token)
  const retryAfter = brake.failed([`source ${source}`, ...(prefix === undefined ? [] : [`token ${prefix}`])])
  return retryAfter === 0 ? refusal : { ...refuse('too many tokens that are not known here'), retryAfter }
}
