import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type JSONWebKeySet,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose'

/** Somebody who signs assertions, such as an identity provider. */
export interface Issuer {
  /** Its public keys. */
  readonly jwks: JSONWebKeySet
  /** Signs claims; they live for five minutes and have an id of their own unless they say otherwise. */
  sign(claims: Claims, header?: Partial<JWTHeaderParameters>): Promise<string>
}

/** Claims as they are signed: one that is undefined is left out. */
export type Claims = { readonly [Name in keyof JWTPayload]: JWTPayload[Name] | undefined }

/** Makes an issuer with one key of its own. */
export async function createIssuer(alg = 'ES256', kid: string = crypto.randomUUID()): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const now = Math.floor(Date.now() / 1000)
  return {
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }] },
    sign: (claims, header) =>
      new SignJWT({ iat: now, exp: now + 300, jti: crypto.randomUUID(), ...claims } as JWTPayload)
        .setProtectedHeader({ alg, kid, typ: 'JWT', ...header })
        .sign(privateKey),
  }
}
