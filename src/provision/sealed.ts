import { createCipheriv, createDecipheriv } from 'node:crypto'

/** Bytes of a nonce. */
export const NONCE = 12
const TAG = 16

/**
 * Encrypts a text with AES-256-GCM, as base64url of nonce, ciphertext and tag.
 *
 * @param bound opens with the same text alone: what the sealed one belongs to
 */
export function seal(key: Buffer, nonce: Buffer, bound: string, text: string): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound))
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  )
}

/** Opens what {@link seal} made; undefined for anything else. */
export function unseal(key: Buffer, bound: string, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  // The last letter has bits that mean nothing: one text is sealed in one way.
  if (bytes.length <= NONCE + TAG || bytes.toString('base64url') !== sealed) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(-TAG))
  const text = decipher.update(bytes.subarray(NONCE, -TAG))
  try {
    return Buffer.concat([text, decipher.final()]).toString()
  } catch {
    return undefined
  }
}
