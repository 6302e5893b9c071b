import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { connect } from '../../src/cli/simulate/connection.ts'
import { acmeExtension, headersOf, providers } from '../../src/cli/simulate/simulate.ts'
import type { ConnectionCheck } from '../../src/provision/check-connection.ts'
import type { TestQuery } from '../../src/provision/test-query.ts'
import type { Decision } from '../../src/resolve/decision.ts'
import { warehouseStory } from '../demo/warehouse-story.ts'
import { administer, issueToken } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { queryAs } from '../support/query-service.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  CONNECTIONS,
  makeWarehouse,
  warehouseConfiguration,
  type Role,
  type Warehouse,
} from '../support/warehouse.ts'

describe.each(engines)('people of an identity provider at a real PostgreSQL, decided on %s', (engine) => {
  /** The database that people query: its log says who did. */
  let postgres: PostgresServer
  let log = ''
  let warehouse: Warehouse
  let server: TestServer
  let story: ReturnType<typeof warehouseStory>

  beforeAll(async () => {
    postgres = await startPostgres(
      { log_statement: 'all', log_line_prefix: 'user=%u app=%a: ', log_connections: 'on' },
      (text) => {
        log += text
      },
    )
    warehouse = await makeWarehouse(postgres.url, '')
    const { admin, analyst, finance } = warehouse.roles
    server = await startServer({ engine })
    // Each kind of reference once.
    process.env['WAREHOUSE_OF_A_TEST'] = admin.url
    const file = path.join(postgres.folder, 'analyst.url')
    writeFileSync(file, `${analyst.url}\n`, { mode: 0o600 })
    await administer(server, 'PUT', '/secrets/finance', { value: finance.url })
    const urls = { admin: 'env:WAREHOUSE_OF_A_TEST', analyst: `file:${file}`, finance: 'secret:finance' }
    await administer(server, 'POST', '/apply', warehouseConfiguration(urls))
    const token = await issueToken(server, { scope: 'scim', directory: 'okta' })
    const okta = connect(`${server.url}/scim/v2`, token, headersOf('okta'))
    story = warehouseStory(providers.okta(okta, acmeExtension))
  })
  afterAll(async () => {
    delete process.env['WAREHOUSE_OF_A_TEST']
    await server.stop()
    await postgres.stop()
  })

  const resolve = (role: Role) =>
    administer<Decision>(
      server,
      'GET',
      `/resolve?${new URLSearchParams({ user: story.people[role].userName, connection: 'warehouse' }).toString()}`,
    )
  /** What a service that asks where to go sees for somebody: the ids of orders. */
  const seenBy = async (role: Role) => {
    const urls = Object.fromEntries(
      Object.entries(CONNECTIONS).map(([one, connection]) => [connection, warehouse.roles[one as Role].url]),
    )
    const { userName } = story.people[role]
    const query = `select id from shop.orders order by id -- for ${userName}`
    const seen = await queryAs(await resolve(role), urls, query)
    return seen && [seen.user, ...seen.rows.map(({ id }) => id)]
  }
  const testQuery = (role: Role, query?: string) =>
    administer<TestQuery>(server, 'POST', '/connections/warehouse/test-query', {
      user: story.people[role].userName,
      query,
    })
  /** The lines of the server's log that hold a text, as soon as there is one: user and what was said. */
  const logged = async (text: string): Promise<string[]> => {
    const found = () =>
      [...log.matchAll(/^user=(\S*) app=.*?: LOG: {2}(?:statement: |execute \S+: )?(.*)$/gm)]
        .map(([, user, said]) => `${user}: ${said}`)
        .filter((line) => line.includes(text))
    const until = Date.now() + 10_000
    while (found().length === 0) {
      if (Date.now() > until) throw new Error(`the log has no \`${text}\`: ${log.slice(-2000)}`)
      await new Promise(setImmediate)
    }
    return found()
  }

  it('are let in as three roles and see three sets of rows', async () => {
    await story.moments[0]?.happens()
    expect(await seenBy('admin')).toEqual(['wh_admin', 1, 2, 3, 4, 5])
    expect(await seenBy('analyst')).toEqual(['wh_analyst', 1, 2, 3])
    expect(await seenBy('finance')).toEqual(['wh_finance', 1, 2, 4, 5])
  })

  it('are named by their roles in the log of the database', async () => {
    for (const role of ['admin', 'analyst', 'finance'] as const) {
      const { userName } = story.people[role]
      expect(await logged(`for ${userName}`)).toEqual([
        `wh_${role}: select id from shop.orders order by id -- for ${userName}`,
      ])
    }
  })

  it('are checked: each role sees its table by its policies, and nothing is wrong', async () => {
    const check = await administer<ConnectionCheck>(server, 'POST', '/connections/warehouse/check', {})
    expect(check).toMatchObject({
      ok: true,
      findings: [],
      models: [{ model: 'sales', object: 'shop.orders', failsOn: [] }],
      places: [
        { connection: 'warehouse', user: 'wh_admin', values: ['admin'], differences: [] },
        {
          connection: 'warehouse_analyst',
          user: 'wh_analyst',
          problem: null,
          objects: [{ name: 'orders', privileges: ['select'], policies: 'hold' }],
          differences: [{ object: 'shop.orders', less: ['insert', 'update', 'delete'], more: [] }],
        },
        { connection: 'warehouse_finance', user: 'wh_finance' },
      ],
    })
  })

  it('are stood in for by an administrator, who learns as whom and how many', async () => {
    for (const [role, rows] of [
      ['admin', 5],
      ['analyst', 3],
      ['finance', 4],
    ] as const) {
      const { ran, problem } = await testQuery(role, `select * from shop.orders -- tried as ${role}`)
      expect(problem).toBeNull()
      expect(ran).toMatchObject({ user: `wh_${role}`, connection: CONNECTIONS[role], rows })
      expect(await logged(`tried as ${role}`)).toEqual([
        `wh_${role}: declare checked no scroll cursor for select * from shop.orders -- tried as ${role}`,
      ])
    }
    expect((await testQuery('analyst')).ran).toMatchObject({ query: 'select current_user', rows: 1 })
  })

  it('see other rows the moment after they have moved', async () => {
    await story.moments[1]?.happens()
    expect(await seenBy('analyst')).toEqual(['wh_finance', 1, 2, 4, 5])
    expect((await testQuery('analyst', 'select 1 -- after the move')).ran).toMatchObject({
      user: 'wh_finance',
    })
    expect(await logged('after the move')).toEqual([expect.stringMatching(/^wh_finance: /)])
  })

  it('have no connection once they are deactivated, and nobody knocks for them', async () => {
    await story.moments[2]?.happens()
    expect(await resolve('analyst')).toMatchObject({
      decision: 'deny',
      reason: 'inactive',
      environment: null,
    })
    expect(await seenBy('analyst')).toBeUndefined()
    const before = (await logged('connection authorized')).length
    expect(await testQuery('analyst', 'select 1 -- after the end')).toEqual({
      decision: expect.objectContaining({ decision: 'deny', reason: 'inactive' }),
      ran: null,
      problem: null,
    })
    await testQuery('finance', 'select 1 -- by somebody else')
    await logged('by somebody else')
    expect(log).not.toContain('after the end')
    expect((await logged('connection authorized')).length).toBe(before + 1)
    // The others are where they were.
    expect(await seenBy('admin')).toEqual(['wh_admin', 1, 2, 3, 4, 5])
    expect(await seenBy('finance')).toEqual(['wh_finance', 1, 2, 4, 5])
  })

  it('are refused on the command line, too, with the reason and an exit code of its own', async () => {
    const script = fileURLToPath(new URL('../../src/cli/signalbox.js', import.meta.url))
    const args = [script, 'check', 'warehouse', '--as', story.people.analyst.userName]
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: server.databaseUrl,
      SIGNALBOX_SECRET_KEY: 'a key that only tests have, 32 characters and more',
    }
    const { code, out } = await new Promise<{ code: unknown; out: string }>((done) => {
      execFile(process.execPath, args, { env }, (error, out) => done({ code: error?.code, out }))
    })
    expect(code).toBe(3)
    expect(out).toMatch(/^DENY .*: inactive\n[^]*no connection was opened/)
  })
})
