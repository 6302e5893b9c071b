import { PostgresAdapter, type Kysely } from 'kysely'
import type { Database } from '../tables.ts'
import type { Dialect } from './dialect.ts'
import { postgres } from './postgres.ts'
import { sqlite } from './sqlite.ts'

/** The dialect that a connection or a unit of work speaks. */
export function dialectOf(db: Kysely<Database>): Dialect {
  return db.getExecutor().adapter instanceof PostgresAdapter ? postgres : sqlite
}
