import { timingSafeEqual } from 'node:crypto'
import type { Context } from '../context.ts'

/** What a secret is for: `sb` a bearer token, `sbs` the secret of an OAuth client. */
export type SecretKind = 'sb' | 'sbs'

/** Characters of the seal at the end of a secret: 36 bits. */
const SEAL = 6

/**
 * Makes a secret: `<kind>_<public part>_<222 random bits and a seal>`.
 *
 * The seal is a part of a keyed hash over what stands before it. A made-up secret is recognised by arithmetic alone
 * and never reaches the store; whoever finds a text of this form in a log or a repository knows whose it is.
 */
export function makeSecret(
  ctx: Pick<Context, 'newSecret' | 'digest'>,
  kind: SecretKind,
): { readonly prefix: string; readonly secret: string } {
  const prefix = newPrefix(ctx)
  const open = `${kind}_${prefix}_${ctx.newSecret().slice(0, -SEAL)}`
  return { prefix, secret: open + sealOf(ctx, open) }
}

/** A public part: ten letters and digits. */
export const newPrefix = (ctx: Pick<Context, 'newSecret'>): string =>
  ctx.newSecret().replaceAll(/[-_]/g, '').slice(0, 10).padEnd(10, '0')

/** The public part of a secret that was made here; undefined for any other text. */
export function prefixOf(ctx: Pick<Context, 'digest'>, kind: SecretKind, text: string): string | undefined {
  const [, given, prefix] = FORM.exec(text) ?? []
  if (given !== kind) return undefined
  return equal(sealOf(ctx, text.slice(0, -SEAL)), text.slice(-SEAL)) ? prefix : undefined
}

/** The public part of a text that has the form of a secret, whoever made it: for counting and for telling. */
export const publicPart = (text: string): string | undefined => FORM.exec(text)?.[2]

/** Whether two texts are equal, in a time that tells nothing but their lengths. */
export function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

const FORM = /^(sbs?)_([A-Za-z0-9]{10})_[A-Za-z0-9_-]{43}$/

const sealOf = (ctx: Pick<Context, 'digest'>, open: string): string =>
  Buffer.from(ctx.digest(`seal ${open}`), 'hex')
    .toString('base64url')
    .slice(0, SEAL)
