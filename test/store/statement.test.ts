import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sql } from 'kysely'
import { statementAmong } from '../../src/store/statement.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'

const byKey = statementAmong<string, { value: string }, { key: string }>('text', ({ db, value }, among) =>
  db
    .selectFrom('settings')
    .select('key')
    .where(sql<boolean>`key ${among}`)
    .where('value', '=', value('value'))
    .orderBy('key'),
)

const byNumber = statementAmong<number, object, { number: number }>(
  'integer',
  (_, among) =>
    sql`select number from (select 1 as number union all select 2) as numbers where number ${among}`,
)

describe.each(engines)('a statement about everything among a list on %s', (name) => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
    await test.engine.write(async (db) => {
      for (const key of ['a', 'b', '"']) await db.insertInto('settings').values({ key, value: 'v' }).execute()
    })
  })
  afterAll(() => test.drop())

  it.each([[[]], [['a']], [['"']], [['none']], [['b', 'none', 'a', 'b']]])(
    'finds what is in %j',
    async (keys) => {
      const rows = await byKey.all(test.engine.read, keys, { value: 'v' })
      const expected = ['"', 'a', 'b'].filter((key) => (keys as string[]).includes(key))
      expect(rows.map(({ key }) => key)).toEqual(expected)
      expect(await byKey.all(test.engine.read, keys, { value: 'other' })).toEqual([])
    },
  )

  it('compares numbers as numbers', async () => {
    expect(await byNumber.all(test.engine.read, [2], {})).toEqual([{ number: 2 }])
    expect(await byNumber.all(test.engine.read, [3, 1], {})).toEqual([{ number: 1 }])
  })
})
