import { timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Context } from '../context.ts'
import { findTokenByPrefix } from '../store/tokens.ts'

export type Scope = 'scim' | 'read' | 'admin'

/** Who a request comes from: the token it carried, and the directory when it is one of an identity provider. */
export interface Principal {
  readonly tokenId: string
  /** As it stands in logs and in the audit: `token:<prefix>`. */
  readonly actor: string
  readonly scope: Scope
  /** Id of the one directory of a `scim` token. */
  readonly directoryId: string | undefined
}

export type Authentication =
  { readonly ok: true; readonly principal: Principal } | { readonly ok: false; readonly detail: string }

/** Finds out who a bearer token belongs to. */
export interface Authenticator {
  authenticate(token: string): Promise<Authentication>
  /** Forgets what is remembered, after a token was revoked. */
  forget(): void
  /** Tokens that were used since the last call, with the moment of their last use. */
  takeUses(): ReadonlyMap<string, string>
}

/** How long an answer about a token is used again: another process's revocation is obeyed within this time. */
const REMEMBER_MS = 1000

const TOKEN = /^sb_([A-Za-z0-9]{10})_[A-Za-z0-9_-]{43}$/

/**
 * Makes the authenticator of a server.
 *
 * @param environmentToken a token with scope `admin` that stands in the environment instead of the store
 */
export function createAuthenticator(ctx: Context, environmentToken: string | undefined): Authenticator {
  const remembered = new LRUCache<string, Authentication>({ max: 1000, ttl: REMEMBER_MS })
  const environmentDigest = environmentToken === undefined ? undefined : ctx.digest(environmentToken)
  let uses = new Map<string, string>()
  let revocations = 0

  return {
    async authenticate(token) {
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
      if (known.ok && known !== ENVIRONMENT) uses.set(known.principal.tokenId, ctx.now())
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
  principal: { tokenId: 'environment', actor: 'token:environment', scope: 'admin', directoryId: undefined },
}

async function lookUp(ctx: Context, token: string, digest: string): Promise<Authentication> {
  const [, prefix] = TOKEN.exec(token) ?? []
  const row = prefix === undefined ? undefined : await findTokenByPrefix(ctx.engine.read, prefix)
  // The same words for an unknown prefix and a wrong secret: a prefix is public and confirms nothing.
  if (row === undefined || !equal(digest, row.hash)) return refuse('the bearer token is not known here')
  if (row.revokedAt !== null)
    return refuse(`the bearer token sb_${prefix} was revoked on ${row.revokedAt}; use another one`)
  if (row.expiresAt !== null && row.expiresAt <= ctx.now()) {
    return refuse(
      `the bearer token sb_${prefix} expired on ${row.expiresAt}; make a new one and enter it in the identity provider`,
    )
  }
  return {
    ok: true,
    principal: {
      tokenId: row.id,
      actor: `token:sb_${prefix}`,
      scope: row.scope,
      directoryId: row.directoryId ?? undefined,
    },
  }
}

const refuse = (detail: string): Authentication => ({ ok: false, detail })

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
