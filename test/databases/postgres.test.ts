import { existsSync } from 'node:fs'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import path from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import type { Database, DatabaseObject } from '../../src/databases/database.ts'
import { openDatabase } from '../../src/databases/open.ts'
import { makeWarehouse, type Warehouse } from '../support/warehouse.ts'

let warehouse: Warehouse
let deputy: string
let name: Record<'admin' | 'analyst' | 'finance', string>

beforeAll(async () => {
  warehouse = await makeWarehouse(process.env['TEST_PG_URL'] ?? '')
  const { admin, analyst, finance } = warehouse.roles
  deputy = `${analyst.name}_deputy`
  name = { admin: admin.name, analyst: analyst.name, finance: finance.name }
  await warehouse.run(`
    create table shop.staff (id int, name text, salary int);
    grant select, insert, truncate on shop.staff to ${name.admin};
    grant select (id, name) on shop.staff to ${name.analyst};
    create table shop.owned (id int);
    alter table shop.owned enable row level security, owner to ${name.finance};
    create schema closed;
    create table closed.vault (id int);
    grant select on closed.vault to ${name.analyst};
    create table public."Odd name" (id int);
    grant select on public."Odd name" to ${name.analyst};
    create view shop.all_orders as select * from shop.orders;
    create view shop.own_orders with (security_invoker = true) as select * from shop.orders;
    create view shop.via as select * from shop.own_orders;
    create view shop.above with (security_invoker = on) as select * from shop.all_orders;
    create materialized view shop.kept as select * from shop.orders;
    create view shop.plain as select 1 as one;
    grant select on all tables in schema shop to ${name.analyst};
    revoke select on shop.staff, shop.owned from ${name.analyst};
    grant select (id, name) on shop.staff to ${name.analyst};
    create table shop.notes (text text);
    grant all on shop.notes to ${name.analyst};
    create sequence shop.numbers;
    grant usage on shop.numbers to ${name.analyst};
    create function shop.write_note() returns int language sql as $$ insert into shop.notes values ('x') returning 1 $$;
    create function shop.fail() returns int language plpgsql as $$ begin raise exception 'sorry'; end $$;
    create role ${deputy};
    grant ${deputy} to ${name.analyst};
  `)
})
afterAll(async () => {
  await warehouse.run(`drop role ${deputy}`)
  await warehouse.remove()
})

const as = async <T>(url: string, work: (database: Database) => Promise<T>, timeoutMs = 5000): Promise<T> => {
  const database = await openDatabase('postgres', url, timeoutMs)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
const analyst = <T>(work: (database: Database) => Promise<T>, timeoutMs?: number) =>
  as(warehouse.roles.analyst.url, work, timeoutMs)
const objectsOf = async (url: string): Promise<Map<string, DatabaseObject>> =>
  new Map(
    (await as(url, (database) => database.catalogue([]))).objects.map((one) => [
      `${one.schema}.${one.name}`,
      one,
    ]),
  )

describe('a PostgreSQL database', () => {
  it('says whom it takes us for, and whom we may become', async () => {
    expect(await analyst((database) => database.identify())).toEqual({
      user: name.analyst,
      database: new URL(warehouse.url).pathname.slice(1),
      server: expect.stringMatching(/^PostgreSQL \d+/),
      superuser: false,
      bypassesPolicies: false,
      mayBecome: [{ user: deputy, bypassesPolicies: false }],
    })
    expect(await as(warehouse.url, (database) => database.identify())).toMatchObject({
      superuser: true,
      bypassesPolicies: true,
      mayBecome: [],
    })
  })

  it('tells what its user may do with each table, and with which columns', async () => {
    const objects = await objectsOf(warehouse.roles.analyst.url)
    const may = (object: string) => [objects.get(object)?.privileges, objects.get(object)?.columns]
    expect(may('shop.orders')).toEqual([['select'], ['id', 'region', 'department', 'amount']])
    expect(may('shop.staff')).toEqual([[], ['id', 'name']])
    expect(objects.get('shop.staff')?.hiddenColumns).toEqual(['salary'])
    expect(may('shop.notes')[0]).toEqual(['select', 'insert', 'update', 'delete', 'truncate'])
    expect(may('public.Odd name')).toEqual([['select'], ['id']])
    // Granted, but behind a schema that is closed to it.
    expect(may('closed.vault')).toEqual([[], []])
    expect([...objects.values()].filter((one) => one.unqualified).map((one) => one.name)).toEqual([
      'Odd name',
    ])
    expect((await objectsOf(warehouse.roles.admin.url)).get('shop.staff')?.privileges).toEqual([
      'select',
      'insert',
      'truncate',
    ])
  })

  it('tells for each table whether row policies hold for its user, through views too', async () => {
    const policies = async (url: string) =>
      Object.fromEntries([...(await objectsOf(url))].map(([object, one]) => [object, one.policies]))
    expect(await policies(warehouse.roles.analyst.url)).toMatchObject({
      'shop.orders': 'hold',
      'shop.notes': 'none',
      'shop.plain': 'none',
      'shop.own_orders': 'hold',
      // Read as the superuser who made them.
      'shop.all_orders': 'bypassed',
      'shop.via': 'hold',
      'shop.above': 'bypassed',
      'shop.kept': 'bypassed',
    })
    expect(await policies(warehouse.roles.finance.url)).toMatchObject({ 'shop.owned': 'bypassed' })
    expect(await policies(warehouse.url)).toMatchObject({
      'shop.orders': 'bypassed',
      'shop.own_orders': 'bypassed',
    })
  })

  it('reads past no policy where the views say so, as the reader finds it', async () => {
    const rows = (view: string) => analyst((database) => database.count(`select * from shop.${view}`))
    expect((await rows('own_orders')).rows).toBe(3)
    expect((await rows('all_orders')).rows).toBe(5)
    expect((await rows('via')).rows).toBe(3)
    expect((await rows('above')).rows).toBe(5)
  })

  it('counts the rows of a statement, and says who ran it and how long it took', async () => {
    for (const statement of [
      'select * from shop.orders',
      'with o as (select * from shop.orders) select * from o -- as usual',
      'table shop.orders;',
      'values (1), (2), (3)',
    ])
      expect(await analyst((database) => database.count(statement))).toEqual({
        user: name.analyst,
        rows: 3,
        milliseconds: expect.any(Number),
      })
  })

  it('counts a result that would fill the memory', async () => {
    const before = process.memoryUsage().rss
    const counted = await analyst(
      (database) => database.count("select repeat('x', 10000) from generate_series(1, 200000)"),
      20_000,
    )
    expect(counted.rows).toBe(200_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 ** 2)
  })

  const trace = path.join(tmpdir(), 'signalbox-copied-by-a-test')
  it.each([
    ['insert into shop.notes values (1)', 'syntax error at or near "insert"'],
    ['with w as (insert into shop.notes values (1) returning 1) select * from w', 'data-modifying'],
    ['select shop.write_note()', 'cannot execute INSERT in a read-only transaction'],
    ["select nextval('shop.numbers')", 'cannot execute nextval() in a read-only transaction'],
    ['select * from shop.orders for update', 'FOR UPDATE'],
    ['select * into shop.copied from shop.orders', 'INTO'],
    ['commit', 'syntax error at or near "commit"'],
    ['select 1; commit; insert into shop.notes values (1)', 'multiple commands'],
    ['select 1; select 2', 'multiple commands'],
    ['set role none', 'syntax error at or near "set"'],
    ['reset role', 'syntax error at or near "reset"'],
    [
      "select set_config('transaction_read_only', 'off', true), shop.write_note()",
      'must be set before any query',
    ],
    [`copy shop.orders to program 'cat > ${trace}'`, 'syntax error at or near "copy"'],
    ['do $$ begin perform 1; end $$', 'syntax error at or near "do"'],
    ['lock table shop.notes', 'syntax error at or near "lock"'],
    ['explain analyze insert into shop.notes values (1)', 'syntax error at or near "explain"'],
    ['select shop.fail()', 'sorry'],
    ['select salary from shop.staff', 'permission denied'],
    ['select $1::int', 'requires 1'],
    ['', 'syntax error'],
  ])('runs nothing but what reads: %s', async (statement, says) => {
    // As the analyst and as a superuser: the database refuses it to both.
    for (const url of [warehouse.roles.analyst.url, warehouse.url]) {
      const refused = as(url, (database) => database.count(statement))
      if (url === warehouse.url && says === 'permission denied') await refused
      else await expect(refused).rejects.toThrow(says)
    }
    const left = await as(warehouse.url, (database) =>
      database.count(
        "select 1 from shop.notes union all select 1 where to_regclass('shop.copied') is not null",
      ),
    )
    expect(left.rows).toBe(0)
    expect(existsSync(trace)).toBe(false)
  })

  it('leaves no role behind that a statement took on', async () => {
    const query = `select set_config('role', '${deputy}', false)`
    await analyst(async (database) => {
      expect((await database.count(query)).user).toBe(name.analyst)
      expect((await database.count('select 1')).user).toBe(name.analyst)
    })
  })

  it('stops a statement that takes too long', async () => {
    await expect(analyst((database) => database.count('select pg_sleep(30)'), 300)).rejects.toThrow(
      'it took longer than 0.3 s and was stopped',
    )
  })
})

describe('a PostgreSQL database that cannot be opened', () => {
  let silent: Server
  const sockets: Socket[] = []
  beforeAll(async () => {
    silent = createServer((socket) => sockets.push(socket))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => silent.close(resolve))
  })

  const wrong = (change: (url: URL) => void) => () => {
    const url = new URL(warehouse.roles.analyst.url)
    change(url)
    return url.href
  }
  it.each([
    ['a wrong password', wrong((url) => (url.password = 'a wrong one')), /^password authentication failed/],
    [
      'no password',
      wrong((url) => (url.password = '')),
      /^the server asks for a password, and its URL has none$/,
    ],
    ['no user', wrong((url) => (url.username = url.password = '')), /^its URL names no database user$/],
    [
      'an unknown database',
      wrong((url) => (url.pathname = '/nothing')),
      /^database "nothing" does not exist$/,
    ],
    ['an unknown host', wrong((url) => (url.hostname = 'nowhere.invalid')), /host.*nowhere\.invalid/],
    ['a closed port', wrong((url) => (url.port = '1')), /^nobody listens there/],
    [
      'a server that says nothing',
      wrong((url) => (url.port = String((silent.address() as AddressInfo).port))),
      /^there is no answer within 1 s/,
    ],
    ['a password that is not encoded', () => 'postgres://u:p%ss@127.0.0.1/x', /^its URL cannot be read/],
    ['something else', () => 'sk-live-4711', /^what its `url` refers to is no database URL/],
    ['the URL of another engine', () => 'mysql://u:p@127.0.0.1/x', /^its URL is one of a `mysql` database/],
  ])('says so: %s', async (_, url, says) => {
    const refused = await openDatabase('postgres', url(), 1000).catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'DatabaseError', message: expect.stringMatching(says) })
    expect((refused as Error).cause).toBeUndefined()
  })

  it('takes no password from the environment of the process', async () => {
    const { password } = warehouse.roles.analyst
    process.env['PGPASSWORD'] = password
    try {
      const url = wrong((one) => (one.password = ''))()
      await expect(openDatabase('postgres', url, 1000)).rejects.toThrow(/password/)
    } finally {
      delete process.env['PGPASSWORD']
    }
  })

  it('names a dialect that cannot be opened', async () => {
    await expect(openDatabase('snowflake', 'postgres://u:p@h/d', 1000)).rejects.toThrow(
      'dialect is `snowflake`',
    )
    await expect(openDatabase('snowflake', 'snowflake://u:p@h/d', 1000)).rejects.toThrow(
      'databases of the dialect `snowflake` cannot be opened from here, only postgres and sqlite',
    )
    await expect(openDatabase('constructor', 'x', 1000)).rejects.toThrow('cannot be opened')
  })

  it('keeps the password out of what a database says', async () => {
    const { url, password } = warehouse.roles.analyst
    const database = await openDatabase('postgres', url, 1000)
    const say = (text: string) =>
      database.count(`select '${text}'::int`).catch((error: Error) => error.message)
    expect(await say(`the password is ${password}`)).toBe(
      'invalid input syntax for type integer: "the password is …"',
    )
    expect(await say(url)).not.toContain(password)
    await database.close()
  })
})

it('is talked to over a connection that reads only', async () => {
  const database = await openDatabase('postgres', warehouse.url, 1000)
  const watcher = new pg.Client({ connectionString: warehouse.url })
  await watcher.connect()
  const { rows } = await watcher.query(
    "select count(*)::int as open from pg_stat_activity where application_name = 'signalbox check' and datname = current_database()",
  )
  expect(rows).toEqual([{ open: 1 }])
  await database.close()
  await watcher.end()
})
