import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { createGroupCommit } from '../../db/group-commit.ts'
import { openStore } from '../../db/open.ts'
import { assertPragmas, connect, newHandle } from '../../db/sqlite-engine.ts'
import { openTestEngine, type TestEngine } from '../support/engines.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'signalbox-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a SQLite connection', () => {
  it('is durable, checks references and reads beside the writer', () => {
    const connection = connect(path.join(folder, 'settings.db'), 'write')
    expect(connection.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(connection.pragma('synchronous', { simple: true })).toBe(2)
    expect(connection.pragma('foreign_keys', { simple: true })).toBe(1)
    connection.close()
  })

  it('keeps its file to whoever started it', async () => {
    const file = path.join(folder, 'new', 'private.db')
    const engine = await openStore(`sqlite:${file}`)
    await engine.migrate()
    const modes = [path.dirname(file), file, `${file}-wal`].map((name) =>
      (statSync(name).mode & 0o777).toString(8),
    )
    expect(modes).toEqual(['700', '600', '600'])
    await engine.close()
  })

  it('is refused when a setting does not hold', () => {
    const connection = new Sqlite(path.join(folder, 'plain.db'))
    expect(() => assertPragmas(connection)).toThrow(/SQLite keeps `\w+` at `\w+` where `\w+` is needed/)
    connection.close()
    expect(() => connect(':memory:', 'write')).toThrow(
      'SQLite keeps `journal_mode` at `memory` where `wal` is needed',
    )
  })

  it('creates the folders of its file', async () => {
    const engine = await openStore(`sqlite:${path.join(folder, 'a/b/store.db')}`)
    expect(await engine.migrate()).toContain('0001-tables')
    await engine.close()
  })
})

describe('reads of one turn of the event loop', () => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine('sqlite')
  })
  afterAll(() => test.drop())

  const stored = async (db = test.engine.read) =>
    (await db.selectFrom('settings').select('key').execute()).map(({ key }) => key)

  it('see a write that was acknowledged in this very turn', async () => {
    let isOver = false
    await test.engine.write(async (db) => {
      setImmediate(() => (isOver = true))
      expect(await stored()).toEqual([])
      await db.insertInto('settings').values({ key: 'k', value: '' }).execute()
      expect(await stored()).toEqual([])
    })
    expect(await stored()).toEqual(['k'])
    expect(isOver).toBe(false)
  })

  it('see what another process had written before the turn began', async () => {
    const other = await openStore(test.url)
    await stored(other.read)
    await test.engine.write((db) => db.deleteFrom('settings').execute())
    await new Promise(setImmediate)
    expect(await stored(other.read)).toEqual([])
    await other.close()
  })

  it('keep no log from being used anew', async () => {
    const megabyte = 'x'.repeat(1_000_000)
    for (let i = 0; i < 30; i += 1) {
      await test.engine.write(async (db) => {
        await Promise.all([stored(), stored()])
        await db
          .insertInto('settings')
          .values({ key: `${i}`, value: megabyte })
          .execute()
      })
    }
    expect(statSync(`${test.url.slice('sqlite:'.length)}-wal`).size).toBeLessThan(10_000_000)
  })
})

describe('group commit', () => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine('sqlite')
  })
  afterAll(() => test.drop())

  const put = (key: string) =>
    test.engine.write((db) => db.insertInto('settings').values({ key, value: '' }).execute())
  const stored = async () =>
    (await test.engine.read.selectFrom('settings').select('key').execute()).map(({ key }) => key)

  it('answers nobody before all that share the commit are stored', async () => {
    const seen: string[][] = []
    await Promise.all(['a', 'b', 'c'].map((key) => put(key).then(async () => seen.push(await stored()))))
    expect(seen).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ])
  })

  it('fails everybody who shares a commit that fails', async () => {
    const failing = test.engine.write(async (db) => {
      await sql`pragma defer_foreign_keys = on`.execute(db)
      await db
        .insertInto('bindings')
        .values({ directory_id: 'none', name_key: 'x', group_id: 'none', since: '' })
        .execute()
    })
    const outcomes = await Promise.allSettled([put('d'), failing, put('e')])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(await stored()).toEqual(['a', 'b', 'c'])
    await put('f')
    expect(await stored()).toContain('f')
  })

  it('cuts off a unit of work that never ends, and goes on with the others', async () => {
    const connection = connect(path.join(folder, 'ill.db'), 'write')
    connection.exec('create table settings (key text primary key, value text)')
    const commits = createGroupCommit(connection, () => newHandle(connection), { longestWorkMs: 50 })
    let late: (() => Promise<unknown>) | undefined
    const ill = commits.write(async (db) => {
      await db.insertInto('settings').values({ key: 'ill', value: '' }).execute()
      late = () => db.insertInto('settings').values({ key: 'late', value: '' }).execute()
      await new Promise(() => {})
    })
    const sound = commits.write((db) =>
      db.insertInto('settings').values({ key: 'sound', value: '' }).execute(),
    )
    await expect(ill).rejects.toThrow('did not end within 50 ms')
    await sound
    const briefer = commits.write(() => new Promise(() => {}), { longestMs: 7 })
    await expect(briefer).rejects.toThrow('did not end within 7 ms')
    await expect(late?.()).rejects.toThrow('its unit of work had ended')
    await commits.close()
    expect(connection.prepare('select key from settings').pluck().all()).toEqual(['sound'])
    connection.close()
  })

  it('takes no work after it was closed, and finishes what it took', async () => {
    const { engine, drop } = await openTestEngine('sqlite')
    const taken = engine.write((db) => db.insertInto('settings').values({ key: 'k', value: '' }).execute())
    const closed = engine.close()
    await expect(engine.write(async () => 1)).rejects.toThrow('the store has been closed')
    await Promise.all([taken, closed])
    await drop().catch(() => {})
  })
})
