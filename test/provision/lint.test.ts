import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { LINT_CODES, type Finding } from '../../src/provision/lints.ts'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { ACME } from '../support/example.ts'
import { scimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

const PAST = '2020-01-01T00:00:00Z'
const FUTURE = '2999-01-01T00:00:00Z'

/** Nothing is wrong with it. */
const CLEAN = {
  extensions: [{ urn: ACME, attributes: [{ name: 'dbRole' }] }],
  userAttributes: [{ reference: 'db_role', from: `${ACME}:dbRole` }],
  roles: [{ name: 'careful', displayName: 'Careful', tier: 'viewer', without: ['download'] }],
  connections: [
    {
      name: 'lake',
      dialect: 'postgres',
      baseRole: 'careful',
      environmentAttribute: 'db_role',
      values: ['admin'],
      environments: [{ connection: 'lake_finance', values: ['finance'] }],
    },
    { name: 'lake_finance', dialect: 'postgres' },
  ],
  models: [{ name: 'sales', connection: 'lake' }],
  rules: [{ name: 'queriers', directory: 'okta', group: 'Analysts', grant: { role: 'querier', on: 'lake' } }],
}
const [lake, finance] = CLEAN.connections

/** What each lint finds: its codes with their places, beside what is clean. */
const CASES: readonly [string, object, readonly string[]][] = [
  [
    'a default that leads to the primary connection',
    { userAttributes: [{ ...CLEAN.userAttributes[0], default: ' admin ' }] },
    ['default-leads-to-primary userAttributes[0].default'],
  ],
  [
    'a primary connection that takes everybody',
    { connections: [{ ...lake, whenUnmatched: 'base' }, finance] },
    ['unmatched-runs-as-primary connections[0].whenUnmatched'],
  ],
  [
    'dynamic assignment that is off, and nothing that it makes so',
    {
      connections: [{ ...lake, assignDynamically: false, whenUnmatched: 'base' }, finance],
      userAttributes: [{ ...CLEAN.userAttributes[0], default: 'admin' }],
    },
    ['assignment-off connections[0].assignDynamically'],
  ],
  [
    'an environment that nobody can reach',
    {
      connections: [
        { ...lake, environments: [...(lake?.environments ?? []), { connection: 'lake_dev' }] },
        finance,
        { name: 'lake_dev', dialect: 'postgres' },
      ],
    },
    ['unreachable-environment connections[0].environments[1]'],
  ],
  [
    'a connection that nobody gets a role on',
    { connections: [lake, finance, { name: 'mart', dialect: 'postgres' }] },
    ['closed-connection connections[2]'],
  ],
  [
    'a model on an environment connection',
    { models: [{ name: 'sales', connection: 'lake_finance' }] },
    ['model-on-environment models[0].connection'],
  ],
  [
    'a rule whose group does not exist',
    { rules: [{ ...CLEAN.rules[0], group: 'Analists' }] },
    ['unknown-group rules[0].group'],
  ],
  [
    'users who do not exist, and what has ended',
    {
      grants: [
        { user: 'nobody', directory: 'okta', role: 'viewer', on: 'lake', until: PAST },
        { user: 'ADA', directory: 'okta', role: 'viewer', on: 'lake' },
      ],
    },
    ['unknown-user grants[0].user', 'ended-entry grants[0].until'],
  ],
  [
    'a role that lacks what its tier never had',
    { roles: [{ name: 'careful', displayName: 'Careful', tier: 'viewer', without: ['upload_data'] }] },
    ['needless-without roles[0].without[0]'],
  ],
  ['a rule that has ended', { rules: [{ ...CLEAN.rules[0], until: PAST }] }, ['ended-entry rules[0].until']],
  [
    'nothing about a rule behind one that counts for a shorter time',
    {
      rules: [
        { name: 'first', directory: 'okta', group: 'Analysts', set: { db_role: 'finance' }, until: FUTURE },
        { name: 'second', directory: 'okta', group: 'Analysts', set: { db_role: 'admin' } },
      ],
    },
    [],
  ],
  [
    'a rule that another one always outranks',
    {
      rules: [
        { name: 'first', directory: 'okta', group: 'Analysts', set: { db_role: 'finance' } },
        {
          name: 'second',
          directory: 'okta',
          group: 'analysts',
          when: 'active eq true',
          set: { db_role: 'admin' },
        },
      ],
    },
    ['outranked-rule rules[1]'],
  ],
  [
    'values that nobody has',
    {
      connections: [
        { ...lake, environments: [{ connection: 'lake_finance', values: ['finance', 'Finance'] }] },
        finance,
      ],
    },
    ['unused-value connections[0].environments[0].values[1]'],
  ],
  [
    'a role that nobody holds',
    {
      roles: [...CLEAN.roles, { name: 'spare', displayName: 'Spare', tier: 'viewer', without: ['download'] }],
    },
    ['unheld-role roles[1]'],
  ],
  [
    'a secret that is not kept',
    { connections: [{ ...lake, url: 'secret:lake' }, finance] },
    ['missing-secret connections[0].url'],
  ],
  [
    'a group of any directory, and a directory that is not written down',
    {
      directories: [{ name: 'okta', provider: 'generic' }],
      rules: [{ name: 'queriers', group: 'Analysts', grant: { role: 'querier', on: 'lake' } }],
    },
    ['group-of-any-directory rules[0].directory', 'unwritten-directory directories'],
  ],
  [
    'an attribute that is named like one of every user',
    { extensions: [{ urn: ACME, attributes: [{ name: 'dbRole' }, { name: 'title' }] }] },
    ['core-attribute-name extensions[0].attributes[1].name'],
  ],
]

it('every lint has a case', () => {
  const cases = CASES.flatMap(([, , found]) => found.map((one) => one.split(' ')[0] ?? ''))
  expect([...new Set(cases)].toSorted()).toEqual([...LINT_CODES].toSorted())
})

describe.each(engines)('lint on %s', (engine) => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({ engine })
    const okta = await scimDirectory(server, 'okta')
    await scimDirectory(server, 'entra')
    await administer(server, 'POST', '/apply', CLEAN)
    const ada = await okta.createUser({ userName: 'ada', [ACME]: { dbRole: 'finance' } })
    await okta.createUser({ userName: 'root', [ACME]: { dbRole: 'admin' } })
    await okta.createGroup('Analysts', [ada])
  })
  afterAll(() => server.stop())

  const found = (findings: readonly Finding[]) => findings.map(({ code, path }) => `${code} ${path}`)
  const lint = async () => (await administer<{ findings: Finding[] }>(server, 'GET', '/lint')).findings

  it('finds nothing where all is as it should be', async () => {
    expect(await lint()).toEqual([])
  })

  it.each(CASES)('finds %s, before and after it is applied', async (_, change, expected) => {
    const document = { ...CLEAN, ...change }
    const { findings } = await administer<{ findings: Finding[] }>(server, 'POST', '/plan', document)
    expect(found(findings)).toEqual(expected)
    for (const { message, todo } of findings) expect([message, todo]).not.toContain('')
    await administer(server, 'POST', '/apply', document)
    await recomputeAll(server.ctx, () => {})
    // What is in force has every directory.
    expect(found(await lint())).toEqual(expected.filter((one) => !one.startsWith('unwritten-directory')))
  })
})
