/** What a token endpoint says is wrong (RFC 6749 §5.2, and §4.1.2.1 and RFC 8628 §3.5 for the last two). */
export type OAuthCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'temporarily_unavailable'
  | 'slow_down'

/** A token request that is refused. */
export class OAuthError extends Error {
  override name = 'OAuthError'
  readonly code: OAuthCode
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined

  constructor(code: OAuthCode, description: string, options: { retryAfter?: number; cause?: unknown } = {}) {
    super(description, { cause: options.cause })
    this.code = code
    this.retryAfter = options.retryAfter
  }
}
