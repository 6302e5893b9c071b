import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sql, type Kysely } from 'kysely'
import { openStore } from '../../db/open.ts'
import type { Database } from '../../db/tables.ts'
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

  it('let people who were there before be looked up by their employee numbers', async () => {
    const engine = await openStore(place.url)
    const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
    const numbers = ['e-1', '', 'x'.repeat(513), undefined]
    await engine.write(async (db) => {
      for (const name of all.filter((each) => each < '0006')) await run(name, db)
      await sql`
        insert into directories (id, name, name_key, provider, settings, created_at)
        values ('okta', 'okta', 'okta', 'okta', '{}', '')`.execute(db)
      for (const [i, employeeNumber] of numbers.entries()) {
        const search = JSON.stringify({ [urn]: { ...(employeeNumber !== undefined && { employeeNumber }) } })
        await sql`
          insert into users (id, directory_id, user_name, user_name_key, active, version, created_at, modified_at, document, search)
          values (${`u${i}`}, 'okta', ${`u${i}`}, ${`u${i}`}, 1, 1, '', '', '{}', ${search})`.execute(db)
      }
      await run('0006-matching', db)
    })
    const rows = await engine.read.selectFrom('user_values').selectAll().execute()
    expect(rows).toEqual([
      { user_seq: 1, directory_id: 'okta', attribute: `${urn}:employeeNumber`, value: 'e-1', is_unique: 0 },
    ])
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
