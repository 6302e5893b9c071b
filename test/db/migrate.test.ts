import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sql, type Kysely } from 'kysely'
import { openStore } from '../../db/open.ts'
import type { Database } from '../../db/tables.ts'
import { parseConfig } from '../../schemas/config.ts'
import { compile } from '../../src/provision/in-force.ts'
import { pathName } from '../../src/scim/path/path.ts'
import { indexedPaths, lookUpKey } from '../../src/scim/resource/search.ts'
import { createPlace, engines, type Place } from '../support/engines.ts'

const all = readdirSync(path.join(import.meta.dirname, '../../db/migrations'))
  .map((file) => file.replace(/\.ts$/, ''))
  .toSorted()

describe.each(engines)('migrations on %s', (name) => {
  let place: Place
  beforeEach(async () => {
    place = await createPlace(name)
  })
  afterEach(() => place.remove())

  it('run once', async () => {
    const engine = await openStore(place.url)
    expect(await engine.migrate()).toEqual(all)
    expect(await engine.migrate()).toEqual([])
    await engine.close()
  })

  it('come behind those that installations have run already', () => {
    expect(all.slice(0, 5)).toEqual([
      '0001-tables',
      '0003-directory-life',
      '0004-clients',
      '0005-user-bindings',
      '0014-managers',
    ])
  })

  it('let people who were there before be looked up by their employee numbers', async () => {
    const engine = await openStore(place.url)
    const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
    const numbers = ['e-1', '', 'x'.repeat(513), undefined]
    await engine.write(async (db) => {
      for (const name of all.filter((each) => each < '0015')) await run(name, db)
      await sql`
        insert into directories (id, name, name_key, provider, settings, created_at)
        values ('okta', 'okta', 'okta', 'okta', '{}', '')`.execute(db)
      for (const [i, employeeNumber] of numbers.entries()) {
        const search = JSON.stringify({ [urn]: { ...(employeeNumber !== undefined && { employeeNumber }) } })
        await sql`
          insert into users (id, directory_id, user_name, user_name_key, active, version, created_at, modified_at, document, search)
          values (${`u${i}`}, 'okta', ${`u${i}`}, ${`u${i}`}, 1, 1, '', '', '{}', ${search})`.execute(db)
      }
      await run('0015-matching', db)
    })
    const rows = await engine.read.selectFrom('user_values').selectAll().execute()
    expect(rows).toEqual([
      { user_seq: 1, directory_id: 'okta', attribute: `${urn}:employeeNumber`, value: 'e-1', is_unique: 0 },
    ])
    await engine.close()
  })

  it('keep people found by the attributes that the configuration in force declares', async () => {
    const engine = await openStore(place.url)
    const urn = 'urn:example:staff:2.0:User'
    const alias = 'urn:example:alias:2.0:UserAttribute'
    const document = {
      extensions: [
        {
          urn,
          attributes: [
            { name: 'room', matching: true },
            { name: 'badge', uniqueness: 'server' },
            { name: 'page', type: 'reference', referenceTypes: ['uri'], matching: true },
            { name: 'levels', type: 'integer', multiValued: true, matching: true },
          ],
        },
      ],
      userAttributes: [
        { reference: 'staff_id', type: 'number', matching: true },
        { reference: 'teams', multiple: true, matching: true },
      ],
      userAttributeAliases: [alias],
    }
    const parsed = parseConfig(document)
    if (!parsed.ok) throw new Error('the configuration is wrong')
    const type = compile(parsed.config, document).registry.resourceType('User')
    const paths = indexedPaths(type).map(pathName)
    expect(paths).toContain(`${alias}:teams`)
    await engine.write(async (db) => {
      for (const name of all.filter((each) => each < '0022')) await run(name, db)
      await sql`
        insert into directories (id, name, name_key, provider, settings, created_at)
        values ('okta', 'okta', 'okta', 'okta', '{}', '')`.execute(db)
      await sql`
        insert into users (id, directory_id, user_name, user_name_key, active, version, created_at, modified_at, document, search)
        values ('ada', 'okta', 'ada', 'ada', 1, 1, '', '', '{}', '{}')`.execute(db)
      for (const written of [{}, document]) {
        await sql`
          insert into revisions (created_at, actor, document) values ('', 'cli', ${JSON.stringify(written)})`.execute(
          db,
        )
      }
      for (const attribute of paths) {
        await sql`
          insert into user_values (user_seq, directory_id, attribute, value)
          values (1, 'okta', ${attribute}, ${attribute})`.execute(db)
      }
      await run('0022-look-up-keys', db)
    })
    const rows = await engine.read.selectFrom('user_values').select(['value', 'attribute']).execute()
    const keys = indexedPaths(type).map((path) => ({ value: pathName(path), attribute: lookUpKey(path) }))
    expect(rows).toHaveLength(keys.length)
    expect(rows).toEqual(expect.arrayContaining(keys))
    await engine.close()
  })
})

async function run(name: string, db: Kysely<Database>): Promise<void> {
  const { up } = (await import(`../../db/migrations/${name}.ts`)) as {
    up(db: Kysely<Database>): Promise<void>
  }
  await up(db)
}

describe('migrations on postgres', () => {
  it('run once when many processes start at once', async () => {
    const place = await createPlace('postgres')
    const starters = await Promise.all(Array.from({ length: 4 }, () => openStore(place.url)))
    const ran = await Promise.all(starters.map((engine) => engine.migrate()))
    await Promise.all(starters.map((engine) => engine.close()))
    await place.remove()
    expect(ran.flat()).toEqual(all)
  })
})
