import type { Context } from '../context.ts'

/**
 * The name of a directory as an OAuth 2.0 authorization server (RFC 8414 §2): what stands as `aud` in the assertions
 * that are shown to it. It goes by the directory's id, so that a new name breaks no client.
 */
export const issuerOf = ({ publicUrl }: Pick<Context, 'publicUrl'>, directoryId: string): string =>
  `${publicUrl}/oauth2/${directoryId}`

/** The token endpoint of a directory: what an administrator enters in the identity provider. */
export const tokenUrlOf = (ctx: Pick<Context, 'publicUrl'>, directoryId: string): string =>
  `${issuerOf(ctx, directoryId)}/token`

/** What a directory says of itself as an authorization server (RFC 8414 §3.2). */
export function issuerMetadata(ctx: Pick<Context, 'publicUrl'>, directoryId: string): object {
  return {
    issuer: issuerOf(ctx, directoryId),
    token_endpoint: tokenUrlOf(ctx, directoryId),
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    scopes_supported: ['scim'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: SIGNATURES,
  }
}

/** The signatures that assertions may have: asymmetric ones alone (RFC 8725 §3.1). */
export const SIGNATURES: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
