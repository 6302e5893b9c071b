import { promises as fs } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { Kysely, PostgresDialect, sql, SqliteDialect } from 'kysely'
import { FileMigrationProvider, Migrator } from 'kysely/migration'
import pg from 'pg'
import { administer } from '../support/admin.ts'
import { createPlace, engines, type Place } from '../support/engines.ts'
import { startServer } from '../support/server.ts'

const BEFORE = '2026-01-01T00:00:00.000Z'
const LAST_CHANGE = '2026-02-01T00:00:00.000Z'
const AFTER = '2026-03-01T00:00:00.000Z'

/** An installation as it was before there was history, with somebody in it. */
async function fillOldStore(url: string): Promise<void> {
  const db = new Kysely<unknown>({
    dialect: url.startsWith('sqlite:')
      ? new SqliteDialect({ database: new Sqlite(url.slice('sqlite:'.length)) })
      : new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
  })
  const files = new FileMigrationProvider({
    fs,
    path,
    migrationFolder: path.join(import.meta.dirname, '../../db/migrations'),
    import: (file) => import(pathToFileURL(file).href),
  })
  const getMigrations = async () =>
    Object.fromEntries(
      Object.entries(await files.getMigrations()).filter(([name]) => !/history/.test(name) && name < '0016'),
    )
  const { error } = await new Migrator({ db, provider: { getMigrations } }).migrateToLatest()
  if (error !== undefined) throw error
  const document = { connections: [{ name: 'lake', dialect: 'postgres' }], rules: [RULE] }
  for (const statement of [
    sql`insert into directories values ('d', 'okta', 'okta', 'okta', '{}', ${BEFORE})`,
    sql`insert into users (id, directory_id, user_name, user_name_key, active, version, created_at, modified_at, document, search)
      values ('ada', 'd', 'ada', 'ada', 1, 2, ${BEFORE}, ${LAST_CHANGE}, ${JSON.stringify({ userName: 'ada', active: true })}, '{}')`,
    sql`insert into groups (id, directory_id, display_name, display_name_key, version, created_at, modified_at, document, search)
      values ('g', 'd', 'Team', 'team', 1, ${BEFORE}, ${BEFORE}, '{"displayName":"Team"}', '{}')`,
    sql`insert into members values ('g', 'ada', 'User')`,
    sql`insert into bindings values ('d', 'team', 'g')`,
    sql`insert into revisions (created_at, actor, document) values (${BEFORE}, 'cli', ${JSON.stringify(document)})`,
    sql`insert into audit (at, actor, request_id, directory_id, action, subject_id, detail)
      values (${LAST_CHANGE}, 'token:sb_0123456789', 'request', 'd', 'user.updated', 'ada', '{"before":{"title":"A"},"after":{"title":"B"}}')`,
    sql`insert into tokens (id, prefix, hash, scope, directory_id, label, created_at)
      values ('t', '0123456789', 'hash', 'scim', 'd', 'okta production', ${BEFORE})`,
  ]) {
    await statement.execute(db)
  }
  await db.destroy()
}

const RULE = {
  name: 'team',
  group: 'Team',
  when: 'title eq "B" or active eq true',
  grant: { role: 'querier', on: 'lake' },
}

describe.each(engines)('an installation that had no history, on %s,', (engine) => {
  let place: Place
  beforeEach(async () => {
    place = await createPlace(engine)
  })
  afterEach(() => place.remove())

  it('answers for every moment since its last change, and says what it does not know', async () => {
    await fillOldStore(place.url)
    const server = await startServer({ engine, databaseUrl: place.url })
    const resolve = (more: string) =>
      administer<{ decision: string; because: { restsOn: object[] }[] }>(
        server,
        'GET',
        `/resolve?user=ada&connection=lake${more}`,
      )
    expect(await resolve(`&at=${AFTER}`)).toMatchObject({ decision: 'allow', at: AFTER })
    expect(await resolve(`&at=${LAST_CHANGE}`)).toMatchObject({ decision: 'allow' })
    await expect(resolve(`&at=${BEFORE}`)).rejects.toThrow(`answers exist from ${LAST_CHANGE} on`)
    const { because } = await resolve('&explain=true')
    expect(because[0]?.restsOn).toMatchObject([
      { fact: 'configuration', revision: 1, at: BEFORE },
      { fact: 'name', at: null },
      { fact: 'membership', at: null, text: '`ada` in `Team` for longer than history tells' },
      { fact: 'attribute', at: LAST_CHANGE, request: 'request', token: 'okta production' },
      { fact: 'attribute', at: null },
    ])
    await server.stop()
  })
})
