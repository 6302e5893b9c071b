import { promises as fs } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Kysely } from 'kysely'
import { FileMigrationProvider, Migrator } from 'kysely/migration'
import type { Database } from './tables.ts'

/**
 * Runs the migrations that have not run yet, each whole or not at all, and returns their names.
 *
 * @throws what stopped a migration, with its name in the message
 */
export async function migrate(db: Kysely<Database>): Promise<readonly string[]> {
  const migrator = new Migrator({
    db,
    provider: new FileMigrationProvider({
      fs,
      path,
      migrationFolder: path.join(import.meta.dirname, 'migrations'),
      import: (file) => import(pathToFileURL(file).href),
    }),
  })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error !== undefined) {
    const failed = results.find((result) => result.status === 'Error')
    throw new Error(`migration \`${failed?.migrationName ?? 'unknown'}\` failed`, { cause: error })
  }
  return results.map((result) => result.migrationName)
}
