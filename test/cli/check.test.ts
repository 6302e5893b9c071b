import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { administer, issueToken } from '../support/admin.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { makeWarehouse, warehouseConfiguration, type Warehouse } from '../support/warehouse.ts'
import { ACME } from '../support/example.ts'
import { send } from '../support/wire.ts'

describe('`signalbox check` and `signalbox secret`', () => {
  let warehouse: Warehouse
  let server: TestServer

  beforeAll(async () => {
    warehouse = await makeWarehouse(process.env['TEST_PG_URL'] ?? '')
    const { analyst, finance } = warehouse.roles
    await warehouse.run(`
      create table shop.payroll (id int, name text, salary int);
      grant all on shop.payroll to ${warehouse.roles.admin.name};
      grant select (id, name) on shop.payroll to ${finance.name};
      create table shop.drafts (id int);
      grant select on shop.drafts to ${analyst.name}`)
    server = await startServer()
    const { models: _, ...configuration } = warehouseConfiguration({
      admin: 'secret:admin',
      analyst: 'env:ANALYST_URL',
      finance: 'secret:finance',
    })
    const models = [{ name: 'pay', connection: 'warehouse', objects: ['shop.orders', 'shop.payroll'] }]
    await administer(server, 'POST', '/apply', { ...configuration, models })
    const token = await issueToken(server, { scope: 'scim', directory: 'okta' })
    for (const [userName, dbRole] of [
      ['ada@example.com', 'analyst'],
      ['bob@example.com', 'Analyst'],
    ]) {
      await send(server.url, {
        method: 'POST',
        path: '/scim/v2/Users',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
        body: {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
          userName,
          [ACME]: { dbRole },
        },
      })
    }
  })
  afterAll(async () => {
    await server.stop()
    await warehouse.remove()
  })

  /** Runs a command with an input, over the installation of this test. */
  const run = (args: string[], input = ''): Promise<{ code: number | null; out: string; err: string }> =>
    new Promise((resolve) => {
      const script = fileURLToPath(new URL('../../src/cli/signalbox.js', import.meta.url))
      const child = spawn(process.execPath, [script, ...args], {
        env: {
          PATH: process.env['PATH'],
          DATABASE_URL: server.databaseUrl,
          SIGNALBOX_SECRET_KEY: 'a key that only tests have, 32 characters and more',
          ANALYST_URL: warehouse.roles.analyst.url,
        },
      })
      let [out, err] = ['', '']
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
      child.on('close', (code) => resolve({ code, out, err }))
      child.stdin.end(input)
    })

  it('keeps secrets that it reads from standard input, and shows them no more', async () => {
    const { admin, finance } = warehouse.roles
    expect(await run(['secret', 'set', 'admin'], `${admin.url}\n`)).toEqual({
      code: 0,
      out: 'set admin; refer to it by url: secret:admin\n',
      err: '',
    })
    await administer(server, 'PUT', '/secrets/finance', { value: finance.url })
    const { out } = await run(['secret', 'list'])
    expect(out).toMatch(
      /^NAME +SET +BY +USED BY\nadmin +\S+Z +cli +warehouse\nfinance +\S+Z +token:environment +warehouse_finance\n$/,
    )
    expect(await run(['secret', 'set', 'empty'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('must not be empty'),
    })
  })

  it('shows side by side what each environment may do, what models need, and what is wrong', async () => {
    const { code, out, err } = await run(['check', 'warehouse'])
    const { admin, analyst, finance } = warehouse.roles
    expect({ code, err }).toEqual({ code: 1, err: '' })
    const lines = out.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))
    expect(lines.filter((line) => !/ms \| /.test(line))).toEqual([
      'warehouse (postgres), 2 environments',
      'CONNECTION | VALUES | OPENED | USER | DATABASE | SERVER | READABLE',
      '',
      'OBJECT | KIND | warehouse | warehouse_analyst | warehouse_finance',
      'shop.drafts | table | - | select | -',
      'shop.orders | table | select insert update delete, by policies | select, by policies | select, by policies',
      'shop.payroll | table | select insert update delete truncate | - | select 2 of 3 columns',
      '',
      'MODEL | REFERS TO | warehouse | warehouse_analyst | warehouse_finance',
      'pay | shop.orders | ok | ok | ok',
      'pay | shop.payroll | ok | FAILS | ok',
      '',
      `error | warehouse_analyst: the model \`pay\` refers to \`shop.payroll\`, which \`${analyst.name}\` may not read`,
      'warning | warehouse_analyst: may do more with `shop.drafts` than `warehouse`: select; the primary should be the most permissive role',
      `warning | warehouse_finance: the model \`pay\` refers to \`shop.payroll\`, of which \`${finance.name}\` may not read \`salary\``,
      '',
    ])
    expect(lines.filter((line) => / ms \| /.test(line))).toEqual([
      expect.stringMatching(
        new RegExp(
          `^warehouse \\| admin \\| \\d+ ms \\| ${admin.name} \\| shop_\\w+ \\| PostgreSQL .+ \\| 2$`,
        ),
      ),
      expect.stringMatching(new RegExp(`^warehouse_analyst \\| analyst \\| \\d+ ms \\| ${analyst.name} \\|`)),
      expect.stringMatching(new RegExp(`^warehouse_finance \\| finance \\| \\d+ ms \\| ${finance.name} \\|`)),
    ])
  })

  it('lets warnings pass unless it is to be strict', async () => {
    await warehouse.run(`grant select on shop.payroll to ${warehouse.roles.analyst.name}`)
    const check = await run(['check', '--json'])
    expect(check.code).toBe(0)
    expect(JSON.parse(check.out)).toMatchObject([{ connection: 'warehouse', ok: true, places: [{}, {}, {}] }])
    const strict = await run(['check', 'warehouse', '--strict', '--objects', '*.PAY*'])
    expect(strict).toMatchObject({ code: 1, out: expect.stringMatching(/nothing fails\n$/) })
    expect(strict.out).toContain('shop.payroll  table')
    expect(strict.out).not.toContain('shop.orders  table')
  })

  it('runs a query as somebody, and tells as whom the database ran it', async () => {
    const query = ['--query', 'select * from shop.orders']
    const allowed = await run(['check', 'warehouse', '--as', 'ada@example.com', ...query])
    expect(allowed).toMatchObject({ code: 0, err: '' })
    expect(allowed.out).toMatch(
      new RegExp(
        `^ALLOW [^]*\\n +ran as +${warehouse.roles.analyst.name}\\n[^]*\\n +rows +3\\n +time +\\d+\\.\\d ms\\n$`,
      ),
    )
    const denied = await run(['check', 'warehouse', '--as', 'bob@example.com', ...query, '--json'])
    expect(denied.code).toBe(3)
    expect(JSON.parse(denied.out)).toMatchObject({
      decision: { decision: 'deny', reason: 'unmatched' },
      ran: null,
    })
  })

  it.each([
    [['check', 'warehouse', '--query', 'select 1'], 2, '`--query` needs `--as`: whose query it is\n'],
    [['check', '--timeout', '0'], 2, expect.stringContaining('It has to be from 0.1 to 120')],
  ])('says what is wrong with %j', async (args, code, err) => {
    expect(await run(args)).toEqual({ code, out: '', err })
  })
})
