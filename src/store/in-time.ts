import type { Kysely } from 'kysely'
import type { Engine } from '../../db/dialects/dialect.ts'
import type { Database } from '../../db/tables.ts'
import { TookTooLong } from '../../db/time-limit.ts'
import { tooMany } from '../scim/error.ts'

/**
 * Reads a list that no index leads to, as long as that does not take too long.
 *
 * @throws {ScimError} `tooMany` (RFC 7644 §3.4.2.1)
 */
export async function readInTime<T>(engine: Engine, read: (db: Kysely<Database>) => Promise<T>): Promise<T> {
  try {
    return await engine.bounded(read)
  } catch (error) {
    if (!(error instanceof TookTooLong)) throw error
    throw tooMany(
      `the query took more than ${error.longestMs / 1000} s; narrow the filter by \`userName\`, \`externalId\`, \`emails.value\` or another attribute that users are looked up by, and sort less`,
    )
  }
}
