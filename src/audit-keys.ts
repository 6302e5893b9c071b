import { createHmac, createPrivateKey, createPublicKey, createSecretKey, sign, verify } from 'node:crypto'

/** What the audit is marked and sealed with. */
export interface AuditKeys {
  /** The mark of an entry: HMAC-SHA-256 of its text, as base64url, cut to 128 bits. */
  mark(text: string): string
  /** An Ed25519 signature, as base64url. */
  sign(text: string): string
  /** By which others can tell what was signed here: the 32 bytes of an Ed25519 key, as base64url. */
  readonly publicKey: string
}

/**
 * The keys of an installation: all processes of it have the same, and the database has none.
 *
 * @param deriveKey makes a key of 256 bits for a purpose of the key of the installation
 */
export function createAuditKeys(deriveKey: (purpose: string) => Buffer): AuditKeys {
  const marking = createSecretKey(deriveKey('audit mark'))
  const signing = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, deriveKey('audit seal')]),
    format: 'der',
    type: 'pkcs8',
  })
  return {
    mark: (text) => createHmac('sha256', marking).update(text).digest('base64url').slice(0, MARK),
    sign: (text) => sign(null, Buffer.from(text), signing).toString('base64url'),
    publicKey: createPublicKey(signing).export({ format: 'jwk' }).x ?? '',
  }
}

/** Whether a text was signed with the private half of a public key; false for what is no key and no signature. */
export function createSignatureCheck(publicKey: string): (text: string, signature: string) => boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' })
    return (text, signature) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))
  } catch {
    return () => false
  }
}

/** Whether a text can be a public key at all: 32 bytes, as `x` of RFC 8037 writes them. */
export const isPublicKey = (text: string): boolean => /^[\w-]{43}$/.test(text)

/** What stands before the 32 bytes of a private key (RFC 8410 §7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

const MARK = 22
