import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../support/admin.ts'
import { answeredCommand, commandInProcess } from '../support/cli.ts'
import { engines } from '../support/engines.ts'
import { scimDirectory, USER, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

const URN = 'urn:signalbox:params:scim:schemas:2.0:UserAttribute'

/** The whole of the first seed, with a mistake at every question that can tell one. */
const ANSWERS = [
  'Postgres',
  'postgres',
  'postgres://admin:hidden@db/shop',
  'env:WAREHOUSE_URL',
  'king',
  'querier',
  'warehouse',
  'warehouse_analyst',
  'env:WAREHOUSE_ANALYST_URL',
  'warehouse_analyst',
  'warehouse_finance',
  '',
  '',
  '', // db_role
  'nothing',
  '', // the schema of user attributes
  'admin',
  'admin, analyst', // leads to the primary already
  'analyst',
  'finance, fin',
  'admin',
  'n', // not everybody without a value on the primary connection
  '',
  'y', // dynamically
  'Analysts',
  '',
  '',
  'ada',
  'sales',
]

describe.each(engines)('the wizard, on %s,', (engine) => {
  let server: TestServer
  let okta: ScimDirectory

  beforeAll(async () => {
    server = await startServer({ engine })
    okta = await scimDirectory(server, 'okta')
    await okta.createGroup('Analysts')
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'stray', dialect: 'postgres' }],
      models: [{ name: 'generated', connection: 'stray' }],
    })
  })
  afterAll(() => server.stop())

  const run = (...args: string[]) => commandInProcess(server, ...args)
  const exported = () => administer<Record<string, unknown>>(server, 'GET', '/export')

  it('asks, tells mistakes at once, and changes nothing without a yes', async () => {
    const before = await exported()
    const [refused, broken] = await Promise.all(
      [[...ANSWERS, 'n'], ANSWERS.slice(0, 9)].map((lines) =>
        answeredCommand(server, lines, 'connection', 'add', 'warehouse', '--wizard'),
      ),
    )
    expect(refused).toMatchObject({ code: 1, out: '' })
    for (const said of [
      'should be a database dialect in lower case',
      'should be a reference to a secret',
      'there is no role `king`',
      'is the primary connection itself',
      'was named already',
      ', querier, ',
      '`nothing` is no attribute of a User',
      '`admin` already leads to',
      'would run on warehouse itself, the most permissive connection',
      'environmentAttribute: db_role',
      'nothing was changed',
    ])
      expect(refused?.err).toContain(said)
    expect(refused?.err).not.toContain('hidden')
    expect(broken).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        'was not answered; nothing was changed; the option `--environment` answers it, too',
      ),
    })
    expect(await exported()).toEqual(before)
  })

  it('sets up everything as one revision, and people run where their values lead', async () => {
    const done = await answeredCommand(
      server,
      [...ANSWERS, 'y'],
      'connection',
      'add',
      'warehouse',
      '--wizard',
    )
    expect(done.out).toContain('added     user attribute db_role\n')
    expect(done.out).toContain('revision 2 is in force\nnext: signalbox check warehouse\n')
    expect(done.code).toBe(0)
    expect(await exported()).toMatchObject({
      userAttributes: [{ reference: 'db_role' }],
      connections: [
        {},
        { name: 'warehouse_analyst', dialect: 'postgres', url: 'env:WAREHOUSE_ANALYST_URL' },
        { name: 'warehouse_finance', dialect: 'postgres' },
        {
          name: 'warehouse',
          url: 'env:WAREHOUSE_URL',
          baseRole: 'querier',
          environmentAttribute: 'db_role',
          values: ['admin'],
          environments: [
            { connection: 'warehouse_analyst', values: ['analyst'], grantTo: { groups: ['Analysts'] } },
            { connection: 'warehouse_finance', values: ['finance', 'fin'], grantTo: { users: ['ada'] } },
          ],
        },
      ],
      models: [{}, { name: 'sales', connection: 'warehouse' }],
    })
    await okta.createUser({ userName: 'ada', schemas: [USER, URN], [URN]: { db_role: 'fin' } })
    await okta.createUser({ userName: 'bob' })
    const resolve = (user: string) => administer(server, 'GET', `/resolve?user=${user}&connection=warehouse`)
    expect(await resolve('ada')).toMatchObject({ environment: { connection: 'warehouse_finance' } })
    expect(await resolve('bob')).toMatchObject({ decision: 'deny', reason: 'no_value' })
  })

  it('takes every answer from options, and asks nothing then', async () => {
    const options = `--wizard --yes --dialect postgres --base-role viewer --environment stray mart_b
      --environment-url mart_b=secret:mart_b --environment-attribute team --attribute-from title
      --attribute-default all --values all --environment-values stray=a stray=b mart_b=c
      --environment-groups mart_b=Analysts --when-ambiguous firstInOrder --no-assign-dynamically
      --models costs --remove-extra-models`
    const done = await run('connection', 'add', 'mart', ...options.split(/\s+/))
    expect(done.err).toContain('would run on mart itself, the most permissive connection')
    expect(done.out).toContain('removed   model generated')
    expect(done.out).toContain('assignDynamically: is off')
    expect(done.code).toBe(0)
    const { connections, models, userAttributes } = await exported()
    expect(userAttributes).toMatchObject([{}, { reference: 'team', from: 'title', default: 'all' }])
    expect((connections as object[]).slice(-2)).toMatchObject([
      { name: 'mart_b', dialect: 'postgres', url: 'secret:mart_b' },
      {
        name: 'mart',
        whenAmbiguous: 'firstInOrder',
        assignDynamically: false,
        environments: [
          { connection: 'stray', values: ['a', 'b'] },
          { connection: 'mart_b', values: ['c'], grantTo: { groups: ['Analysts'] } },
        ],
      },
    ])
    expect(models).toMatchObject([{ name: 'sales' }, { name: 'costs', connection: 'mart' }])
  })

  it.each([
    ['what is needed', ['--wizard', '--yes'], '`--dialect` is missing'],
    [
      'an option that is wrong',
      ['--wizard', '--yes', '--dialect', 'postgres', '--url', 'postgres://a:hidden@b/c'],
      '`--url` should be a reference to a secret',
    ],
    [
      'an environment of another dialect',
      ['--wizard', '--yes', '--dialect', 'sqlite', '--environment', 'stray'],
      '`--environment` `stray` has the dialect `postgres`, not `sqlite`',
    ],
    [
      'what is said of no environment',
      ['--wizard', '--yes', '--dialect', 'postgres', '--environment-values', 'x=a'],
      '`--environment-values` names `x`, which is no `--environment`',
    ],
    [
      'what belongs to the wizard',
      ['--dialect', 'postgres', '--environment', 'x'],
      'says nothing without `--wizard`',
    ],
  ])('names %s', async (_, options, said) => {
    const { code, err } = await run('connection', 'add', 'lake', ...options)
    expect(err).toContain(said)
    expect(err).not.toContain('hidden')
    expect(code).toBe(2)
  })

  it('shows what it would do', async () => {
    const options = ['--yes', '--dialect', 'postgres', '--base-role', 'viewer', '--plan']
    const shown = await run('connection', 'add', 'lake', '--wizard', ...options)
    expect(shown.out).toContain('Effect on people: 2 of 2')
    expect(shown.code).toBe(4)
  })

  it('asks for the directory of users where there are several', async () => {
    const needed = ['--dialect', 'postgres', '--environment', 'lake_a', '--environment-users', 'lake_a=ada']
    const add = (...more: string[]) =>
      run('connection', 'add', 'lake', '--wizard', '--yes', ...needed, ...more)
    // Who names users has to name their directory before there is a second one.
    await run('environment', 'edit', 'warehouse', 'warehouse_finance', '--grant-directory', 'okta')
    await scimDirectory(server, 'entra')
    expect((await add()).err).toContain('`--environment-directory` is missing')
    expect((await add('--environment-directory', 'lake_a=google')).err).toContain(
      'there is no directory `google`',
    )
    expect((await add('--environment-directory', 'lake_a=entra')).code).toBe(0)
    expect((await exported())['connections']).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'lake',
          environments: [{ connection: 'lake_a', grantTo: { directory: 'entra', users: ['ada'] } }],
        }),
      ]),
    )
  })

  it('refuses a name that is none or taken before it asks anything', async () => {
    expect((await run('connection', 'add', ' mart', '--wizard')).err).toContain('should be a name')
    expect((await run('connection', 'add', 'Mart', '--wizard')).err).toContain(
      'there is a connection `mart` already',
    )
  })
})
