import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import Sqlite from 'better-sqlite3'
import type { ConnectionCheck } from '../../src/provision/check-connection.ts'
import type { TestQuery } from '../../src/provision/test-query.ts'
import { administer, issueToken } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { ACME } from '../support/example.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

describe.each(engines)('checks of connections on %s', (engine) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-checks-'))
  let server: TestServer

  /** A database whose file is its environment: the others are wrong, each in its way. */
  const broken: Record<string, [dialect: string, url: string | undefined, problem: RegExp]> = {
    no_url: ['sqlite', undefined, /^it has no `url` in the configuration$/],
    no_variable: [
      'sqlite',
      'env:NOT_SET_HERE',
      /^the environment variable `NOT_SET_HERE` is not set in this process$/,
    ],
    no_file: ['sqlite', `file:${folder}/nothing`, /^the file `.*nothing` cannot be read: ENOENT$/],
    a_folder: ['sqlite', `file:${folder}`, /is no file that could hold a URL$/],
    a_device: ['sqlite', 'file:/dev/zero', /^`\/dev\/zero` is no file that could hold a URL$/],
    no_secret: ['sqlite', 'secret:none', /^there is no secret `none`; set it with/],
    another_secret: ['sqlite', `file:${folder}/token`, /^what its `url` refers to is no database URL/],
    another_engine: [
      'sqlite',
      `file:${folder}/postgres`,
      /^its URL is one of a `postgres` database, and its dialect/,
    ],
    no_database: ['sqlite', `file:${folder}/gone`, /^unable to open database file$/],
  }

  beforeAll(async () => {
    for (const name of ['shop', 'analyst']) {
      const database = new Sqlite(path.join(folder, `${name}.db`))
      database.exec('create table orders (id); insert into orders values (1), (2)')
      if (name === 'shop') database.exec('create table payroll (id)')
      database.close()
      writeFileSync(path.join(folder, `${name}.url`), `sqlite:${path.join(folder, name)}.db\n`)
    }
    writeFileSync(path.join(folder, 'token'), 'sk-live-4711')
    writeFileSync(path.join(folder, 'postgres'), 'postgres://u:4711@127.0.0.1/x')
    writeFileSync(path.join(folder, 'gone'), `sqlite:${folder}/gone.db`)
    server = await startServer({ engine })
    await administer(server, 'POST', '/apply', {
      directories: [{ name: 'okta', provider: 'okta' }],
      extensions: [{ urn: ACME, attributes: [{ name: 'dbRole' }] }],
      userAttributes: [{ reference: 'db_role', from: `${ACME}:dbRole` }],
      connections: [
        {
          name: 'warehouse',
          dialect: 'sqlite',
          url: `file:${folder}/shop.url`,
          baseRole: 'querier',
          environmentAttribute: 'db_role',
          values: ['admin'],
          environments: [
            { connection: 'analyst', values: ['analyst'] },
            ...Object.keys(broken).map((name) => ({ connection: name, values: [name] })),
          ],
        },
        { name: 'analyst', dialect: 'sqlite', url: `file:${folder}/analyst.url` },
        ...Object.entries(broken).map(([name, [dialect, url]]) => ({ name, dialect, url })),
        { name: 'snow', dialect: 'snowflake', url: 'env:PATH' },
      ],
      models: [
        { name: 'pay', connection: 'warehouse', objects: ['orders', 'main.payroll'] },
        { name: 'elsewhere', connection: 'analyst', objects: ['nothing'] },
      ],
    })
    const token = await issueToken(server, { scope: 'scim', directory: 'okta' })
    for (const [name, dbRole] of Object.entries({
      ida: 'admin',
      ben: 'analyst',
      cleo: 'Analyst',
      dan: 'no_file',
    })) {
      const { status } = await send(server.url, {
        method: 'POST',
        path: '/scim/v2/Users',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
        body: {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
          userName: `${name}@example.com`,
          [ACME]: { dbRole },
        },
      })
      expect(status).toBe(201)
    }
  })
  afterAll(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })

  const post = <T>(place: string, body: object = {}) =>
    administer<T>(server, 'POST', `/connections/${place}`, body)
  const queryAs = (user: string, other: object = {}) =>
    post<TestQuery>('warehouse/test-query', { user: `${user}@example.com`, ...other })

  it('tell what cannot be opened, each for itself, and go on with the others', async () => {
    const check = await post<ConnectionCheck>('warehouse/check')
    expect(check.places.map(({ connection }) => connection)).toEqual([
      'warehouse',
      'analyst',
      ...Object.keys(broken),
    ])
    const [primary, analyst, ...others] = check.places
    expect(primary).toMatchObject({ problem: null, values: ['admin'], user: null, differences: [] })
    expect(analyst).toMatchObject({ problem: null, differences: [{ object: 'main.payroll', missing: true }] })
    for (const { connection, problem } of others)
      expect(problem).toMatch(broken[connection]?.[2] ?? /nothing/)
    expect(check.models).toEqual([
      { model: 'pay', object: 'orders', failsOn: [] },
      { model: 'pay', object: 'main.payroll', failsOn: ['analyst'] },
    ])
    expect(check.ok).toBe(false)
    expect(JSON.stringify(check)).not.toContain('4711')
  })

  it('show the tables and views that were asked for, and look at all', async () => {
    const { places, models } = await post<ConnectionCheck>('warehouse/check', { objects: '*.PAY*' })
    expect(places[0]).toMatchObject({ objects: [{ name: 'payroll' }], readable: 2 })
    expect(models.map(({ failsOn }) => failsOn)).toEqual([[], ['analyst']])
  })

  it('name a dialect that cannot be opened', async () => {
    expect(await post('snow/check')).toMatchObject({
      ok: false,
      findings: [
        {
          code: 'unreachable',
          text: 'cannot be used: databases of the dialect `snowflake` cannot be opened from here, only postgres and sqlite',
        },
      ],
    })
  })

  it('run a query where the decision leads, and give none of its rows', async () => {
    expect(await queryAs('ida', { query: 'select * from orders' })).toEqual({
      decision: expect.objectContaining({ decision: 'allow' }),
      ran: {
        connection: 'warehouse',
        query: 'select * from orders',
        user: null,
        database: path.join(folder, 'shop.db'),
        server: expect.stringMatching(/^SQLite /),
        rows: 2,
        milliseconds: expect.any(Number),
      },
      problem: null,
    })
    expect((await queryAs('ben')).ran).toMatchObject({ connection: 'analyst', query: 'select 1', rows: 1 })
  })

  it('open nothing for somebody who is denied, and say why', async () => {
    for (const [user, reason] of [
      ['cleo', 'unmatched'],
      ['nobody', 'unknown_user'],
    ] as const)
      expect(await queryAs(user)).toEqual({
        decision: expect.objectContaining({ decision: 'deny', reason, environment: null }),
        ran: null,
        problem: null,
      })
  })

  it('say what stopped a query', async () => {
    expect(await queryAs('ben', { query: 'delete from orders' })).toMatchObject({
      ran: { connection: 'analyst', rows: null, milliseconds: null },
      problem: '`analyst`: a test query is one statement that reads: select, with or values',
    })
    expect(await queryAs('dan')).toMatchObject({
      ran: null,
      problem: expect.stringMatching(/^`no_file`: .*ENOENT$/),
    })
    const endless = 'with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n'
    expect(await queryAs('ben', { query: endless, timeoutSeconds: 0.5 })).toMatchObject({
      problem: '`analyst`: it took longer than 0.5 s and was stopped',
    })
  })

  it('record who ran what as whom, before it ran, and no row', async () => {
    await queryAs('ben', { query: 'select id, 4711 from orders' })
    const rows = await server.ctx.engine.read
      .selectFrom('audit')
      .select(['actor', 'subject_id', 'detail'])
      .where('action', '=', 'connection.queried')
      .orderBy('seq', 'desc')
      .limit(1)
      .execute()
    expect(rows.map(({ detail, ...row }) => ({ ...row, ...JSON.parse(detail) }))).toEqual([
      {
        actor: 'token:environment',
        subject_id: 'analyst',
        as: 'ben@example.com',
        on: 'warehouse',
        query: 'select id, 4711 from orders',
      },
    ])
  })

  it('are for administrators', async () => {
    const token = await issueToken(server, { scope: 'read' })
    for (const place of ['connections/warehouse/check', 'connections/warehouse/test-query', 'secrets']) {
      const { status } = await send(server.url, {
        method: place === 'secrets' ? 'GET' : 'POST',
        path: `/api/v1/${place}`,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: place === 'secrets' ? undefined : { user: 'ida@example.com' },
      })
      expect([place, status]).toEqual([place, 403])
    }
  })

  it.each<[string, object, string]>([
    ['nowhere/check', {}, 'answered 404'],
    ['nowhere/test-query', { user: 'ida@example.com' }, 'answered 404'],
    ['warehouse/check', { timeoutSeconds: 0 }, 'answered 422'],
    ['warehouse/check', { timeoutSeconds: 1000 }, 'answered 422'],
    ['warehouse/test-query', {}, 'answered 422'],
    ['warehouse/test-query', { user: 'x', query: '' }, 'answered 422'],
    ['warehouse/test-query', { user: 'x', query: 'select \0' }, 'answered 422'],
    ['warehouse/test-query', { user: 'x', rows: 5 }, 'answered 422'],
  ])('refuse what they do not understand: %s %j', async (place, body, says) => {
    await expect(post(place, body)).rejects.toThrow(says)
  })
})
