import type { Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { statement } from './statement.ts'
import { unique } from './uniqueness-error.ts'

/** An OAuth client as it is stored. */
export interface StoredClient {
  /** The public client id. */
  readonly id: string
  readonly directoryId: string
  readonly label: string
  readonly tokenSeconds: number
  /** JSON text: whose assertions it may show instead of a secret. */
  readonly trust: string | null
  readonly createdAt: string
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
}

/** A secret of a client as it is stored; the secret itself is not. */
export interface StoredSecret {
  /** The public part, by which a secret is found and shown. */
  readonly id: string
  readonly clientId: string
  readonly label: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
}

/** Adds a client. */
export async function insertClient(
  db: Kysely<Database>,
  client: Omit<StoredClient, 'revokedAt' | 'lastUsedAt'>,
): Promise<void> {
  await db
    .insertInto('clients')
    .values({
      id: client.id,
      directory_id: client.directoryId,
      label: client.label,
      token_seconds: client.tokenSeconds,
      trust: client.trust,
      created_at: client.createdAt,
      revoked_at: null,
      last_used_at: null,
    })
    .execute()
}

/** Finds a client by its id; a revoked one too. */
export function findClient(db: Kysely<Database>, id: string): Promise<StoredClient | undefined> {
  return clientById.first(db, { id })
}

const clientById = statement<{ id: string }, StoredClient>(({ db, value }) =>
  db.selectFrom('clients').select(clientColumns).where('id', '=', value('id')),
)

/** Clients of a directory in the order of their creation. */
export async function listClients(
  db: Kysely<Database>,
  directoryId: string,
  page: { readonly after?: { readonly createdAt: string; readonly id: string } | undefined; limit: number },
): Promise<StoredClient[]> {
  const { after, limit } = page
  let query = db
    .selectFrom('clients')
    .select(clientColumns)
    .where('directory_id', '=', directoryId)
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit)
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

/** Ends a client with every access token it has, and tells whether it was alive. */
export async function revokeClient(db: Kysely<Database>, id: string, revokedAt: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('clients')
    .set({ revoked_at: revokedAt })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  await db.deleteFrom('tokens').where('client_id', '=', id).execute()
  return numUpdatedRows > 0n
}

/** Adds a secret. @param secret.hash keyed hash of the whole secret */
export async function insertSecret(
  db: Kysely<Database>,
  secret: Omit<StoredSecret, 'revokedAt' | 'lastUsedAt'> & { readonly hash: string },
): Promise<void> {
  await db
    .insertInto('client_secrets')
    .values({
      id: secret.id,
      client_id: secret.clientId,
      hash: secret.hash,
      label: secret.label,
      created_at: secret.createdAt,
      expires_at: secret.expiresAt,
      revoked_at: null,
      last_used_at: null,
    })
    .execute()
}

/** Finds a secret by its public part, with the hash that a client has to match; revoked and expired ones too. */
export function findSecret(
  db: Kysely<Database>,
  id: string,
): Promise<(StoredSecret & { readonly hash: string }) | undefined> {
  return secretById.first(db, { id })
}

const secretById = statement<{ id: string }, StoredSecret & { hash: string }>(({ db, value }) =>
  db
    .selectFrom('client_secrets')
    .select([...secretColumns, 'hash'])
    .where('id', '=', value('id')),
)

/** The secrets of clients in the order of their creation. */
export async function listSecrets(
  db: Kysely<Database>,
  clientIds: readonly string[],
): Promise<StoredSecret[]> {
  if (clientIds.length === 0) return []
  return db
    .selectFrom('client_secrets')
    .select(secretColumns)
    .where('client_id', 'in', [...clientIds])
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

/** Ends a secret with every access token that was given for it, and tells whether it was alive. */
export async function revokeSecret(db: Kysely<Database>, id: string, revokedAt: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('client_secrets')
    .set({ revoked_at: revokedAt })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  await db.deleteFrom('tokens').where('secret_id', '=', id).execute()
  return numUpdatedRows > 0n
}

/**
 * Notes that a client came, and with which secret; false when client or secret has been revoked meanwhile.
 *
 * Whoever revokes either waits until this unit of work has ended, and then finds what it gave out.
 */
export async function touchClient(
  db: Kysely<Database>,
  clientId: string,
  secretId: string | undefined,
  at: string,
): Promise<boolean> {
  const client = await db
    .updateTable('clients')
    .set({ last_used_at: at })
    .where('id', '=', clientId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (client.numUpdatedRows === 0n || secretId === undefined) return client.numUpdatedRows > 0n
  const secret = await db
    .updateTable('client_secrets')
    .set({ last_used_at: at })
    .where('id', '=', secretId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return secret.numUpdatedRows > 0n
}

/**
 * Notes that an assertion was shown.
 *
 * @throws {UniquenessError} when it was shown before
 */
export async function useAssertion(
  db: Kysely<Database>,
  used: { readonly clientId: string; readonly hash: string; readonly expiresAt: string },
): Promise<void> {
  await unique(
    db,
    db
      .insertInto('used_assertions')
      .values({ client_id: used.clientId, hash: used.hash, expires_at: used.expiresAt })
      .execute(),
  )
}

/** Whether there is something that {@link forgetExpired} would take away. */
export async function hasExpired(db: Kysely<Database>, before: string): Promise<boolean> {
  const token = await db
    .selectFrom('tokens')
    .select('id')
    .where('client_id', 'is not', null)
    .where('expires_at', '<', before)
    .limit(1)
    .executeTakeFirst()
  if (token !== undefined) return true
  const used = await db
    .selectFrom('used_assertions')
    .select('hash')
    .where('expires_at', '<', before)
    .limit(1)
    .executeTakeFirst()
  return used !== undefined
}

/** Takes away access tokens and used assertions that ended before a moment. */
export async function forgetExpired(db: Kysely<Database>, before: string): Promise<string[]> {
  const tokens = await db
    .deleteFrom('tokens')
    .where('client_id', 'is not', null)
    .where('expires_at', '<', before)
    .returning('id')
    .execute()
  await db.deleteFrom('used_assertions').where('expires_at', '<', before).execute()
  return tokens.map(({ id }) => id)
}

const clientColumns = [
  'id',
  'directory_id as directoryId',
  'label',
  'token_seconds as tokenSeconds',
  'trust',
  'created_at as createdAt',
  'revoked_at as revokedAt',
  'last_used_at as lastUsedAt',
] as const

const secretColumns = [
  'id',
  'client_id as clientId',
  'label',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'revoked_at as revokedAt',
  'last_used_at as lastUsedAt',
] as const
