import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { statement } from './statement.ts'
import { unique } from './uniqueness-error.ts'

/** A token as it is stored; the token itself is not. */
export interface StoredToken {
  readonly id: string
  /** The public part, by which a token is found and shown. */
  readonly prefix: string
  readonly scope: 'scim' | 'read' | 'admin'
  /** The one directory of a `scim` token. */
  readonly directoryId: string | null
  readonly label: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
}

/** A token as it is found when somebody shows it. */
export interface ShownToken extends StoredToken {
  readonly hash: string
  /** The OAuth client that an access token was given to. */
  readonly clientId: string | null
  /** The settings of its directory. */
  readonly settings: string | null
}

/**
 * Adds a token.
 *
 * @param token.hash keyed hash of the whole token
 * @throws {UniquenessError} when another token has this prefix
 */
export async function insertToken(
  db: Kysely<Database>,
  token: Omit<StoredToken, 'revokedAt' | 'lastUsedAt'> & {
    readonly hash: string
    readonly clientId?: string | undefined
    readonly secretId?: string | undefined
  },
): Promise<void> {
  await unique(
    db,
    db
      .insertInto('tokens')
      .values({
        id: token.id,
        prefix: token.prefix,
        hash: token.hash,
        scope: token.scope,
        directory_id: token.directoryId,
        label: token.label,
        created_at: token.createdAt,
        expires_at: token.expiresAt,
        revoked_at: null,
        last_used_at: null,
        client_id: token.clientId ?? null,
        secret_id: token.secretId ?? null,
      })
      .execute(),
  )
}

/** Finds a token by its public part, with the hash that a bearer has to match; revoked and expired ones too. */
export function findTokenByPrefix(db: Kysely<Database>, prefix: string): Promise<ShownToken | undefined> {
  return byPrefix.first(db, { prefix })
}

const byPrefix = statement<{ prefix: string }, ShownToken>(({ db, value }) =>
  db
    .selectFrom('tokens')
    .leftJoin('directories', 'directories.id', 'tokens.directory_id')
    .select([...columns, 'hash', 'client_id as clientId', 'directories.settings'])
    .where('prefix', '=', value('prefix')),
)

/** Finds a token by its id or its public part. */
export async function findToken(db: Kysely<Database>, idOrPrefix: string): Promise<StoredToken | undefined> {
  return db
    .selectFrom('tokens')
    .select(columns)
    .where(({ or, eb }) => or([eb('id', '=', idOrPrefix), eb('prefix', '=', idOrPrefix)]))
    .executeTakeFirst()
}

/** Which tokens to list. */
export interface TokenQuery {
  readonly directoryId?: string | undefined
  readonly scope?: StoredToken['scope'] | undefined
  /** Part of the label or of the prefix. */
  readonly search?: string | undefined
  /** The last token of the page before. */
  readonly after?: { readonly createdAt: string; readonly id: string } | undefined
  readonly limit: number
}

/** Tokens in the order of their creation; access tokens of clients come and go by themselves and are not listed. */
export async function listTokens(db: Kysely<Database>, wanted: TokenQuery): Promise<StoredToken[]> {
  const { directoryId, scope, search, after, limit } = wanted
  let query = db
    .selectFrom('tokens')
    .select(columns)
    .where('client_id', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit)
  if (directoryId !== undefined) query = query.where('directory_id', '=', directoryId)
  if (scope !== undefined) query = query.where('scope', '=', scope)
  if (search !== undefined) {
    const { contains } = dialectOf(db)
    query = query.where(({ or }) =>
      or([contains(sql.ref('label'), sql.val(search)), contains(sql.ref('prefix'), sql.val(search))]),
    )
  }
  if (after !== undefined) {
    query = query.where(({ or, and, eb }) =>
      or([
        eb('created_at', '>', after.createdAt),
        and([eb('created_at', '=', after.createdAt), eb('id', '>', after.id)]),
      ]),
    )
  }
  return query.execute()
}

/**
 * How many tokens of a directory are neither revoked nor expired, but for access tokens of clients; null counts those
 * that belong to none.
 */
export async function countLiveTokens(
  db: Kysely<Database>,
  directoryId: string | null,
  now: string,
): Promise<number> {
  const { live } = await db
    .selectFrom('tokens')
    .select(({ fn }) => fn.countAll<number>().as('live'))
    .where('directory_id', directoryId === null ? 'is' : '=', directoryId)
    .where('revoked_at', 'is', null)
    .where('client_id', 'is', null)
    .where(({ or, eb }) => or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .executeTakeFirstOrThrow()
  return live
}

/** Ends a token, and returns it; undefined when there is none with this id, or it was revoked before. */
export async function revokeToken(
  db: Kysely<Database>,
  id: string,
  revokedAt: string,
): Promise<StoredToken | undefined> {
  return db
    .updateTable('tokens')
    .set({ revoked_at: revokedAt })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning(columns)
    .executeTakeFirst()
}

/** Notes when tokens, by their ids, were used last. */
export async function touchTokens(db: Kysely<Database>, uses: ReadonlyMap<string, string>): Promise<void> {
  if (uses.size === 0) return
  const rows = dialectOf(db).rowsOf(JSON.stringify([...uses]), { id: 'text', at: 'text' })
  await sql`
    update tokens set last_used_at = u.at from ${rows} as u
    where tokens.id = u.id and (tokens.last_used_at is null or tokens.last_used_at < u.at)`.execute(db)
}

const columns = [
  'tokens.id',
  'tokens.prefix',
  'tokens.scope',
  'tokens.directory_id as directoryId',
  'tokens.label',
  'tokens.created_at as createdAt',
  'tokens.expires_at as expiresAt',
  'tokens.revoked_at as revokedAt',
  'tokens.last_used_at as lastUsedAt',
] as const
