import type { Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'

export { Unavailable } from '../../db/unavailable.ts'

/** A connection to the store, or the unit of work that is running on one. */
export type Db = Kysely<Database>
