import type { Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'

/** A value that somebody else already has where each may stand once. */
export class UniquenessError extends Error {
  override readonly name = 'UniquenessError'
  readonly attribute: UniqueAttribute

  constructor(attribute: UniqueAttribute, options?: ErrorOptions) {
    super(`\`${attribute}\` is taken`, options)
    this.attribute = attribute
  }
}

export type UniqueAttribute = 'userName' | 'id' | 'name' | 'prefix' | 'assertion'

/** The attribute behind each unique index. */
const ATTRIBUTES: Readonly<Record<string, UniqueAttribute>> = {
  users_user_name_key_directory_id: 'userName',
  users_id: 'id',
  groups_id: 'id',
  directories_name_key: 'name',
  tokens_prefix: 'prefix',
  used_assertions_client_id_hash: 'assertion',
}

/** Runs a write, and turns the refusal of a unique index into a {@link UniquenessError}. */
export async function unique<T>(db: Kysely<Database>, write: Promise<T>): Promise<T> {
  try {
    return await write
  } catch (error) {
    const attribute = ATTRIBUTES[dialectOf(db).uniqueViolation(error) ?? '']
    if (attribute === undefined) throw error
    throw new UniquenessError(attribute, { cause: error })
  }
}
