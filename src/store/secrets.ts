import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'

/** A secret of a connection as it is listed. */
export interface StoredSecret {
  readonly name: string
  readonly createdAt: string
  readonly updatedAt: string
  /** Who set it last. */
  readonly updatedBy: string
}

/** A secret as it is kept: encrypted, and under which key. */
export interface SealedSecret {
  readonly sealed: string
  readonly keyId: string
}

/** Sets a secret, in the place of the one that may have the name. */
export async function upsertSecret(
  db: Kysely<Database>,
  { name, sealed, keyId, at, actor }: SealedSecret & { name: string; at: string; actor: string },
): Promise<void> {
  const set = { sealed, key_id: keyId, updated_at: at, updated_by: actor }
  await db
    .insertInto('secrets')
    .values({ name, created_at: at, ...set })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(set))
    .execute()
}

/** A secret as it is kept; undefined when none has the name. */
export function readSecret(db: Kysely<Database>, name: string): Promise<SealedSecret | undefined> {
  return db
    .selectFrom('secrets')
    .select(['sealed', 'key_id as keyId'])
    .where('name', '=', name)
    .executeTakeFirst()
}

/** Secrets in the order of their names, never what they hold. */
export async function listSecrets(
  db: Kysely<Database>,
  wanted: {
    readonly search?: string | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<StoredSecret[]> {
  let query = db.selectFrom('secrets').select(columns).orderBy('name').limit(wanted.limit)
  if (wanted.after !== undefined) query = query.where('name', '>', wanted.after)
  if (wanted.search !== undefined)
    query = query.where(dialectOf(db).contains(sql.ref('name'), sql.val(wanted.search)))
  return query.execute()
}

/** Which of these names a secret has. */
export async function namesOfSecrets(db: Kysely<Database>, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return []
  const rows = await db.selectFrom('secrets').select('name').where('name', 'in', names).execute()
  return rows.map(({ name }) => name)
}

/** Removes a secret, and tells whether there was one. */
export async function deleteSecret(db: Kysely<Database>, name: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('secrets').where('name', '=', name).executeTakeFirst()
  return numDeletedRows > 0n
}

const columns = [
  'name',
  'created_at as createdAt',
  'updated_at as updatedAt',
  'updated_by as updatedBy',
] as const
