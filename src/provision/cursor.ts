import type { Context } from '../context.ts'
import { quote, ScimError } from '../scim/error.ts'
import { NONCE, seal, unseal } from './sealed.ts'

/** How long a cursor is good for, in seconds from the page that it came with (RFC 9865 §4, `cursorTimeout`). */
export const CURSOR_SECONDS = 3600

/** What a cursor holds. */
export interface Position<Place> {
  /** The size of the pages, which does not change on the way. */
  readonly count: number
  readonly place: Place
}

/**
 * Makes a cursor (RFC 9865 §2). Nothing is kept for it here, so nothing runs out when a client makes many.
 *
 * It is encrypted, since the place tells how many resources other directories have, and it opens for the same `bound`
 * alone. It grants nothing: whoever sends it is judged as if it came with the first page.
 *
 * @param bound the directory and everything of the query that must be the same on each page
 */
export function sealCursor<Place>(ctx: Context, bound: string, { count, place }: Position<Place>): string {
  const text = JSON.stringify([Date.parse(ctx.now()), count, place])
  // Made of what it encrypts, a nonce never serves for two texts.
  const nonce = hash(ctx, `nonce\n${bound}\n${text}`).subarray(0, NONCE)
  return seal(keyOf(ctx), nonce, bound, text)
}

/** Opens a cursor. @throws ScimError `invalidCursor` for any that was not made for this, `expiredCursor` */
export function openCursor<Place>(ctx: Context, bound: string, cursor: string): Position<Place> {
  const text = cursor.length <= LONGEST ? unseal(keyOf(ctx), bound, cursor) : undefined
  if (text === undefined) {
    throw new ScimError(
      400,
      `the cursor ${quote(cursor)} does not belong to this query; begin again with an empty one`,
      'invalidCursor',
    )
  }
  const [madeAt, count, place] = JSON.parse(text) as [number, number, Place]
  if (Date.parse(ctx.now()) - madeAt > CURSOR_SECONDS * 1000) {
    throw new ScimError(
      400,
      `the cursor is older than ${CURSOR_SECONDS} seconds; begin again with an empty one`,
      'expiredCursor',
    )
  }
  return { count, place }
}

const LONGEST = 8192

const keyOf = (ctx: Context): Buffer => hash(ctx, 'key')

/** Tokens are hashed under the same key; no token looks like what is hashed here. */
const hash = (ctx: Context, text: string): Buffer => Buffer.from(ctx.digest(`cursor\n${text}`), 'hex')
