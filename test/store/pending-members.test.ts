import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sql } from 'kysely'
import type { Db } from '../../src/store/db.ts'
import { readGroupForUpdate } from '../../src/store/groups.ts'
import { applyMembers, listMembers } from '../../src/store/members.ts'
import { addPending, bindPending, listPending } from '../../src/store/pending-members.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { addDirectory, addGroup, addUser, NOW } from './support.ts'

describe.each(engines)('pending members on %s', (name) => {
  let test: TestEngine
  beforeEach(async () => {
    test = await openTestEngine(name)
    await test.engine.write(async (db) => {
      await addDirectory(db, 'okta')
      await addGroup(db, 'okta', 'tours')
    })
  })
  afterEach(() => test.drop())

  /** Names somebody as a member, and keeps the name where nobody has it. */
  const nameMember = async (db: Db): Promise<void> => {
    await readGroupForUpdate(db, 'okta', 'tours')
    const { unknown } = await applyMembers(
      db,
      'okta',
      'tours',
      [{ kind: 'add', members: [{ value: 'x' }] }],
      NOW,
    )
    await addPending(db, 'okta', 'tours', unknown, NOW)
  }
  const arrive = async (db: Db): Promise<void> => {
    await addUser(db, 'okta', 'ada', { externalId: 'x' })
    await bindPending(db, 'okta', { id: 'ada', type: 'User', externalId: 'x' }, NOW)
  }

  /** Resolves when the other unit of work has ended, or waits for this one. SQLite runs one after the other anyway. */
  const waitsOrEnds = async (db: Db, hasEnded: () => boolean): Promise<void> => {
    while (name === 'postgres' && !hasEnded()) {
      const { rows } = await sql`
        select 1 from pg_locks where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())`.execute(db)
      if (rows.length > 0) return
    }
  }

  it.each([
    ['name', nameMember, arrive],
    ['arrival', arrive, nameMember],
  ])('are bound although the other one does not see the %s yet', async (_, first, second) => {
    let other: Promise<void> | undefined
    let ended = false
    await test.engine.write(async (db) => {
      await first(db)
      other ??= test.engine.write(second).finally(() => (ended = true))
      await waitsOrEnds(db, () => ended)
    })
    await other
    expect(await listMembers(test.engine.read, 'tours', { limit: 10 })).toEqual([{ id: 'ada', type: 'User' }])
    expect(await listPending(test.engine.read, { limit: 10 })).toEqual([])
  })
})
