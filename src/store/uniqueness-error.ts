import type { Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'

/** A value that somebody else already has where each may stand once. */
export class UniquenessError extends Error {
  override readonly name = 'UniquenessError'
  /** Its name; of an attribute that the schemas hold unique its path. */
  readonly attribute: string
  /** What is taken, prepared for comparison, where the attribute is one of the schemas'. */
  readonly value: string | undefined

  constructor(attribute: string, { value, ...options }: ErrorOptions & { value?: string } = {}) {
    super(`\`${attribute}\` is taken`, options)
    this.attribute = attribute
    this.value = value
  }
}

/** The attribute behind each unique index. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
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
