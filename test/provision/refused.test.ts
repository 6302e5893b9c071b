import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { administer } from '../support/admin.ts'
import { runCommand } from '../support/command.ts'
import { engines } from '../support/engines.ts'
import { ACME } from '../support/example.ts'
import { scimDirectory, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

interface People {
  readonly people: { readonly user: { readonly userName: string }; readonly refused: object[] }[]
  readonly nextCursor?: string
}

/** What the directory `okta` may not hand out: roles above Querier, and any value but `analyst`. */
const CONFIG = {
  directories: [
    { name: 'okta', provider: 'okta', mayGrant: { upTo: 'querier', attributes: { db_role: ['analyst'] } } },
  ],
  extensions: [{ urn: ACME, attributes: [{ name: 'dbRole', type: 'string' }] }],
  userAttributes: [{ reference: 'db_role', from: `${ACME}:dbRole` }],
  connections: [
    {
      name: 'lake',
      dialect: 'postgres',
      baseRole: 'viewer',
      environmentAttribute: 'db_role',
      environments: [{ connection: 'lake_root', values: ['root'], grantTo: { groups: ['Pickers'] } }],
    },
    { name: 'lake_root', dialect: 'postgres' },
  ],
  models: [{ name: 'pay', connection: 'lake' }],
  rules: [
    { name: 'chiefs', group: 'Chiefs', grant: { role: 'modeler', on: 'lake' } },
    { name: 'payroll', group: 'Payroll', grant: { role: 'connection_admin', on: { model: 'pay' } } },
    { name: 'rooters', group: 'Rooters', set: { db_role: 'root' } },
  ],
}

describe.each(engines)('what is refused on %s', (engine) => {
  let server: TestServer
  let okta: ScimDirectory
  const ids: Record<string, string> = {}

  beforeAll(async () => {
    server = await startServer({ engine })
    okta = await scimDirectory(server, 'okta')
    await administer(server, 'POST', '/apply', CONFIG)
    for (const userName of ['chief', 'clerk', 'picker', 'rooter', 'sender', 'plain'])
      ids[userName] = await okta.createUser({
        userName,
        [ACME]: userName === 'sender' ? { dbRole: 'root' } : undefined,
      })
    await okta.createGroup('Chiefs', [ids['chief'] ?? ''])
    await okta.createGroup('Payroll', [ids['clerk'] ?? ''])
    await okta.createGroup('Pickers', [ids['picker'] ?? ''])
    await okta.createGroup('Rooters', [ids['rooter'] ?? ''])
  })
  afterAll(() => server.stop())

  const list = (query = '') => administer<People>(server, 'GET', `/refused?${query}`)

  it('is listed with who, what, where and by which rule or attribute', async () => {
    expect((await list()).people).toMatchObject([
      {
        user: { userName: 'chief' },
        directory: { name: 'okta' },
        refused: [{ step: 'role', role: 'modeler', rule: 'chiefs', on: { connection: 'lake' } }],
      },
      {
        user: { userName: 'clerk' },
        refused: [{ role: 'connection_admin', rule: 'payroll', on: { model: 'pay' } }],
      },
      {
        user: { userName: 'picker' },
        refused: [{ step: 'environment', connection: 'lake_root', group: 'Pickers' }],
      },
      {
        user: { userName: 'rooter' },
        refused: [{ step: 'attribute', attribute: 'db_role', values: ['root'], rule: 'rooters' }],
      },
      {
        user: { userName: 'sender' },
        refused: [{ step: 'attribute', attribute: 'db_role', values: ['root'], path: `${ACME}:dbRole` }],
      },
    ])
  })

  it('is found page by page, by directory, user name and what it is', async () => {
    const first = await list('limit=3')
    expect(first.people).toHaveLength(3)
    const rest = await list(`limit=3&cursor=${first.nextCursor}`)
    expect([...first.people, ...rest.people]).toEqual((await list()).people)
    expect(rest).not.toHaveProperty('nextCursor')
    expect((await list('search=ROOT')).people.map(({ user }) => user.userName)).toEqual(['rooter'])
    expect((await list('search=modeler&directory=OKTA')).people.map(({ user }) => user.userName)).toEqual([
      'chief',
    ])
    await expect(list('directory=nobody')).rejects.toThrow(/404/)
    const { out } = await runCommand(server, 'refused', '--search', 'sender')
    expect(out).toMatch(/okta +sender +\S+Z +`root` for `db_role`, sent by directory `okta` in .* is refused/)
  })

  it('is refused no longer when the directory stops sending it, or may hand it out', async () => {
    await okta.patch(`/Users/${ids['sender']}`, { op: 'remove', path: `${ACME}:dbRole` })
    await okta.patch(`/Users/${ids['clerk']}`, { op: 'replace', path: 'active', value: false })
    await okta.call('DELETE', `/Users/${ids['picker']}`)
    expect((await list()).people.map(({ user }) => user.userName)).toEqual(['chief', 'rooter'])
    const [directory] = CONFIG.directories
    const directories = [
      { ...directory, mayGrant: { upTo: 'modeler', attributes: { db_role: ['analyst'] } } },
    ]
    await administer(server, 'POST', '/apply', { ...CONFIG, directories })
    await recomputeAll(server.ctx, () => {})
    expect((await list()).people.map(({ user }) => user.userName)).toEqual(['rooter'])
  })
})
