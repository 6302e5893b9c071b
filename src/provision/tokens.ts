import type { z } from 'zod'
import type { newToken } from '../../schemas/messages.ts'
import type { Context } from '../context.ts'
import { insertActor } from '../store/actors.ts'
import { listDirectories, lockDirectory } from '../store/directories.ts'
import {
  countLiveTokens,
  findToken,
  insertToken,
  listTokens as listRows,
  revokeToken as revokeRow,
  type StoredToken,
} from '../store/tokens.ts'
import { tokenActor } from './actor.ts'
import type { Scope } from './authenticate.ts'
import type { Cause } from './cause.ts'
import { findDirectory } from './directories.ts'
import { readCursor, toPage } from './page.ts'
import { Problem } from './problem.ts'
import { record } from './record.ts'
import { makeSecret } from './secret-text.ts'

export interface TokenView {
  readonly id: string
  readonly prefix: string
  readonly scope: Scope
  /** Id of the directory of a `scim` token. */
  readonly directory: string | null
  readonly directoryName: string | null
  /** Whether it is accepted now, and if not, why. */
  readonly state: 'valid' | 'expired' | 'revoked'
  readonly label: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
}

/** How many tokens of one directory may be valid at a time: the one in use and its successor. */
const ALIVE_PER_DIRECTORY = 2

const ONE_YEAR_MS = 365 * 24 * 60 * 60 * 1000

/**
 * Makes a token. Only a keyed hash of it is stored: it is shown this once.
 *
 * @throws Problem 422 when scope and directory do not go together, 409 when the directory has two valid ones
 */
export async function issueToken(
  ctx: Context,
  cause: Cause,
  wanted: z.input<typeof newToken>,
): Promise<TokenView & { token: string }> {
  const directoryId = await directoryOf(ctx, wanted)
  const now = ctx.now()
  const { prefix, secret } = makeSecret(ctx, 'sb')
  const row: StoredToken = {
    id: ctx.newId(),
    prefix,
    scope: wanted.scope,
    directoryId,
    label: wanted.label ?? '',
    createdAt: now,
    expiresAt: expiryOf('token', wanted.expiresAt, now),
    revokedAt: null,
    lastUsedAt: null,
  }
  await ctx.engine.write(async (db) => {
    if (directoryId !== null) {
      // Held until the end, so that two requests cannot both find one place free.
      await lockDirectory(db, directoryId)
      if ((await countLiveTokens(db, directoryId, now)) >= ALIVE_PER_DIRECTORY) {
        throw new Problem(
          409,
          `the directory has ${ALIVE_PER_DIRECTORY} valid tokens already; revoke the one that is no longer used`,
        )
      }
    }
    await insertToken(db, { ...row, hash: ctx.digest(secret) })
    await insertActor(db, tokenActor(prefix), row.label)
    await record(ctx, db, {
      cause,
      directoryId,
      kind: 'token.created',
      subjectId: row.id,
      detail: { after: { prefix, scope: row.scope, label: row.label, expiresAt: row.expiresAt } },
    })
  })
  return { ...(await viewer(ctx))(row), token: secret }
}

/** One page of tokens in order of creation. */
export async function listTokens(
  ctx: Context,
  page: {
    limit: number
    cursor?: string | undefined
    directory?: string | undefined
    search?: string | undefined
  },
): Promise<{ tokens: TokenView[]; nextCursor?: string }> {
  const directoryId =
    page.directory === undefined ? undefined : (await findDirectory(ctx.engine.read, page.directory)).id
  const after = readCursor(page.cursor, ['string', 'string'])
  const found = await listRows(ctx.engine.read, {
    directoryId,
    search: page.search,
    after: after && { createdAt: after[0], id: after[1] },
    limit: page.limit + 1,
  })
  const { rows, nextCursor } = toPage(found, page.limit, (row) => [row.createdAt, row.id])
  return { tokens: rows.map(await viewer(ctx)), ...(nextCursor !== undefined && { nextCursor }) }
}

/**
 * Ends a token. Ending it twice is no error.
 *
 * @throws Problem 404
 */
export async function revokeToken(ctx: Context, cause: Cause, idOrPrefix: string): Promise<void> {
  await ctx.engine.write(async (db) => {
    // Whoever pastes the whole token means it too, and it is not said again.
    const [, prefix] = /^sb_([A-Za-z0-9]{10})(?:_|$)/.exec(idOrPrefix) ?? []
    const token = await findToken(db, prefix ?? idOrPrefix)
    if (token === undefined) {
      throw new Problem(404, `there is no token \`${prefix === undefined ? idOrPrefix : `sb_${prefix}`}\``)
    }
    if (token.revokedAt !== null) return
    await revokeRow(db, token.id, ctx.now())
    await record(ctx, db, {
      cause,
      directoryId: token.directoryId,
      kind: 'token.revoked',
      subjectId: token.id,
      detail: { before: { prefix: token.prefix, scope: token.scope, label: token.label } },
    })
  })
}

/** The administrator's token of a first start; undefined when there has been one before. */
export async function firstAdminToken(ctx: Context): Promise<string | undefined> {
  const tokens = await listRows(ctx.engine.read, { limit: 1, scope: 'admin' })
  if (tokens.length > 0) return undefined
  const cause = { actor: 'system', requestId: ctx.newRequestId() }
  return (await issueToken(ctx, cause, { scope: 'admin', label: 'first start', expiresAt: null })).token
}

async function directoryOf(ctx: Context, wanted: z.input<typeof newToken>): Promise<string | null> {
  if (wanted.scope === 'scim') {
    if (wanted.directory === undefined) {
      throw new Problem(422, 'a token of scope `scim` belongs to one directory; name it', [
        { path: 'directory', message: 'is missing: should be the name or id of a directory' },
      ])
    }
    return (await findDirectory(ctx.engine.read, wanted.directory)).id
  }
  if (wanted.directory !== undefined) {
    throw new Problem(422, `a token of scope \`${wanted.scope}\` belongs to no directory`, [
      { path: 'directory', message: 'should be absent for this scope' },
    ])
  }
  return null
}

/**
 * The moment at which a token or a secret is to expire; in one year where nothing is said.
 *
 * @throws Problem 422 when it has passed
 */
export function expiryOf(what: string, wanted: string | null | undefined, now: string): string | null {
  if (wanted === null) return null
  if (wanted === undefined) return new Date(Date.parse(now) + ONE_YEAR_MS).toISOString()
  const moment = new Date(wanted)
  if (Number.isNaN(moment.getTime()) || moment.toISOString() <= now) {
    throw new Problem(422, `a ${what} has to expire in the future`, [
      { path: 'expiresAt', message: 'should be a moment in the future, such as 2027-01-31T00:00:00Z' },
    ])
  }
  return moment.toISOString()
}

/** Makes what is shown of a token, never the secret. */
async function viewer(ctx: Context): Promise<(token: StoredToken) => TokenView> {
  const now = ctx.now()
  const names = new Map((await listDirectories(ctx.engine.read)).map(({ id, name }) => [id, name]))
  return ({ directoryId, prefix, ...rest }) => ({
    ...rest,
    prefix: `sb_${prefix}`,
    directory: directoryId,
    directoryName: directoryId === null ? null : (names.get(directoryId) ?? null),
    state: stateOf(rest, now),
  })
}

function stateOf(
  { revokedAt, expiresAt }: Pick<StoredToken, 'revokedAt' | 'expiresAt'>,
  now: string,
): TokenView['state'] {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'valid'
}
