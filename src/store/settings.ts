import type { Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'

/** The address of the server that was started last: what the command line shows. */
export const PUBLIC_URL_SETTING = 'public_url'

/** Reads a setting of the installation. */
export async function readSetting(db: Kysely<Database>, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst()
  return row?.value
}

/** Writes a setting of the installation. */
export async function writeSetting(db: Kysely<Database>, key: string, value: string): Promise<void> {
  await db
    .insertInto('settings')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

/** Writes a setting that has no value yet; a value that stands stays. */
export async function writeSettingOnce(db: Kysely<Database>, key: string, value: string): Promise<void> {
  await db
    .insertInto('settings')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
}
