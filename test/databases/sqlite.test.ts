import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import type { Database } from '../../src/databases/database.ts'
import { openDatabase } from '../../src/databases/open.ts'

describe('a SQLite file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-sqlite-'))
  const file = path.join(folder, 'shop.db')
  let database: Database

  beforeAll(async () => {
    const made = new Sqlite(file)
    made.exec(`create table orders (id integer, amount integer);
      insert into orders values (1, 120), (2, 80);
      create view big as select * from orders where amount > 100;
      create view broken as select * from gone;`)
    made.close()
    database = await openDatabase('sqlite', `sqlite:${file}`, 5000)
  })
  afterAll(async () => {
    await database.close()
    rmSync(folder, { recursive: true })
  })

  it('says what it is; it knows no users', async () => {
    expect(await database.identify()).toMatchObject({
      user: null,
      database: file,
      server: expect.stringMatching(/^SQLite 3\./),
    })
  })

  it('tells its tables and views, and that one of them cannot be read', async () => {
    const { objects, complete } = await database.catalogue([])
    expect(complete).toBe(true)
    expect(objects.map(({ name, kind, privileges, columns }) => [name, kind, privileges, columns])).toEqual([
      ['big', 'view', ['select'], ['id', 'amount']],
      ['broken', 'view', [], []],
      ['orders', 'table', ['select'], ['id', 'amount']],
    ])
  })

  it('counts rows', async () => {
    expect(await database.count('select * from big')).toEqual({
      user: null,
      rows: 1,
      milliseconds: expect.any(Number),
    })
  })

  it.each([
    ['insert into orders values (3, 1)', 'one statement that reads'],
    ['insert into orders values (3, 1) returning id', 'one statement that reads'],
    ['select 1; delete from orders', 'more than one statement'],
    ['pragma query_only = off', 'one statement that reads'],
    [`attach database '${folder}/other.db' as other`, 'one statement that reads'],
    [`vacuum into '${folder}/copy.db'`, 'one statement that reads'],
    ['commit', 'one statement that reads'],
    ["select load_extension('x')", 'not authorized'],
  ])('runs nothing but what reads: %s', async (statement, says) => {
    await expect(database.count(statement)).rejects.toThrow(says)
    expect((await database.count('select * from orders')).rows).toBe(2)
    expect(['other.db', 'copy.db'].filter((name) => existsSync(path.join(folder, name)))).toEqual([])
  })

  it('stops a statement that takes too long, and holds nothing up meanwhile', async () => {
    const impatient = await openDatabase('sqlite', `sqlite:${file}`, 1000)
    const endless = 'with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n'
    const refused = expect(impatient.count(endless)).rejects.toThrow(
      'it took longer than 1 s and was stopped',
    )
    expect((await database.count('select 1')).rows).toBe(1)
    await refused
    await impatient.close()
  })

  it('is not made when it is not there, and is told from other files', async () => {
    const open = (name: string) => openDatabase('sqlite', `sqlite:${path.join(folder, name)}`, 5000)
    await expect(open('nothing.db')).rejects.toThrow('unable to open database file')
    expect(existsSync(path.join(folder, 'nothing.db'))).toBe(false)
    writeFileSync(
      path.join(folder, 'notes.txt'),
      'this is no database, but a text that is long enough to be one',
    )
    await expect(open('notes.txt')).rejects.toThrow('file is not a database')
  })
})
