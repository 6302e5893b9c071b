import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { ACME } from '../support/example.ts'
import { GROUP, PATCH, scimDirectory, USER, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send, type WireResponse } from '../support/wire.ts'

interface Answer {
  readonly decision: 'allow' | 'deny'
  readonly reason: string | null
  readonly role: { readonly name: string } | null
  readonly environment: { readonly connection: string } | null
}

/** A directory whose data may make Queriers who run as analysts, and nothing more. */
const CONFIG = {
  directories: [
    { name: 'okta', provider: 'okta', mayGrant: { upTo: 'querier', attributes: { db_role: ['analyst'] } } },
  ],
  extensions: [{ urn: ACME, attributes: [{ name: 'dbRole', type: 'string' }] }],
  userAttributes: [{ reference: 'db_role', from: `${ACME}:dbRole`, valueMap: { BOSS: 'admin' } }],
  connections: [
    {
      name: 'lake',
      dialect: 'postgres',
      environmentAttribute: 'db_role',
      values: ['admin'],
      environments: [{ connection: 'lake_analyst', values: ['analyst'] }],
    },
    { name: 'lake_analyst', dialect: 'postgres' },
  ],
  rules: [
    { name: 'people', directory: 'okta', when: 'userName pr', grant: { role: 'viewer', on: 'lake' } },
    { name: 'admins', directory: 'okta', group: 'Admins', grant: { role: 'connection_admin', on: 'lake' } },
    { name: 'titles', directory: 'okta', when: 'title eq "root"', grant: { role: 'modeler', on: 'lake' } },
    {
      name: 'assigned',
      directory: 'okta',
      when: 'roles.value eq "admin"',
      grant: { role: 'modeler', on: 'lake' },
    },
  ],
}

describe.each(engines)('provisioning on %s', (engine) => {
  let server: TestServer
  let okta: ScimDirectory
  let other: ScimDirectory
  let number = 0

  beforeAll(async () => {
    server = await startServer({ engine })
    okta = await scimDirectory(server, 'okta')
    other = await scimDirectory(server, 'other')
    await administer(server, 'POST', '/apply', CONFIG)
  })
  afterAll(() => server.stop())

  const resolve = (user: string) => administer<Answer>(server, 'GET', `/resolve?user=${user}&connection=lake`)
  const create = (more: object = {}) => okta.createUser({ userName: `u${(number += 1)}`, ...more })
  /** Everything outside the directory that a client might want to reach. */
  const installation = async () => ({
    tokens: await administer<{ tokens: object[] }>(server, 'GET', '/tokens').then(
      ({ tokens }) => tokens.length,
    ),
    directories: await administer(server, 'GET', '/directories'),
    configuration: await administer(server, 'GET', '/export'),
  })

  it.each([
    ['the attribute that routes', { [ACME]: { dbRole: 'admin' } }],
    ['a value that the map translates', { [ACME]: { dbRole: 'BOSS' } }],
    ['another spelling', { [ACME]: { dbRole: ' admin ' } }],
    ['the dynamic schema', { 'urn:signalbox:params:scim:schemas:2.0:UserAttribute': { db_role: 'admin' } }],
    ['a title that a rule asks for', { title: 'root', [ACME]: { dbRole: 'analyst' } }],
    ['a role that a rule asks for', { roles: [{ value: 'admin' }], [ACME]: { dbRole: 'analyst' } }],
    ['entitlements and a kind', { entitlements: [{ value: 'superuser' }], userType: 'admin' }],
    [
      'attributes that are ours',
      { admin: true, isAdmin: true, scope: 'admin', tier: 'connection_admin', mayGrant: {} },
    ],
    ['groups, which are read-only', { groups: [{ value: '1', display: 'Admins' }] }],
  ])('C-PRV-01 rights are not handed out by %s, however they are sent', async (_what, rights) => {
    const before = await installation()
    const analyst = { [ACME]: { dbRole: 'analyst' } }
    const posted = await create(rights)
    const put = await create(analyst)
    await okta.call('PUT', `/Users/${put}`, { schemas: [USER], userName: `u${number}`, ...rights })
    const patched = await create(analyst)
    await okta.patch(`/Users/${patched}`, { op: 'replace', value: rights })
    const bulk = await create(analyst)
    await okta.call('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        {
          method: 'PATCH',
          path: `/Users/${bulk}`,
          data: { schemas: [PATCH], Operations: [{ op: 'add', value: rights }] },
        },
      ],
    })
    for (const id of [posted, put, patched, bulk]) {
      const { decision, environment, role } = await resolve(id)
      // Refused is refused: nobody lands on the connection that sees everything, nor gains a tier.
      expect([decision, environment?.connection ?? null]).toEqual(
        decision === 'allow' ? ['allow', 'lake_analyst'] : ['deny', null],
      )
      expect(role?.name).toBe('viewer')
    }
    expect(await installation()).toEqual(before)
  })

  it('C-PRV-01 rights are not handed out by a group of any name, nested or renamed, and the refusal is listed', async () => {
    const ada = await create({ [ACME]: { dbRole: 'analyst' } })
    const admins = await okta.createGroup('Admins')
    const inner = await okta.createGroup('Harmless', [ada])
    await okta.patch(`/Groups/${admins}`, { op: 'add', path: 'members', value: [{ value: inner }] })
    await okta.patch(`/Groups/${inner}`, { op: 'replace', path: 'displayName', value: 'ADMINS' })
    expect(await resolve(ada)).toMatchObject({ role: { name: 'viewer' } })
    const { people } = await administer<{ people: object[] }>(server, 'GET', `/refused?search=u${number}`)
    expect(people).toMatchObject([
      { user: { id: ada }, refused: [{ role: 'connection_admin', rule: 'admins' }] },
    ])
    await okta.call('DELETE', `/Groups/${admins}`)
  })

  it('C-PRV-02 nothing that administers is a resource: no token, client or administrator is found or touched', async () => {
    const before = await installation()
    const tokens = await administer<{ tokens: { id: string; prefix: string }[] }>(server, 'GET', '/tokens')
    for (const { id, prefix } of tokens.tokens) {
      for (const name of [id, prefix]) {
        for (const type of ['Users', 'Groups']) {
          const path = `/${type}/${encodeURIComponent(name)}`
          const body = { schemas: [PATCH], Operations: [{ op: 'replace', path: 'active', value: false }] }
          expect((await okta.call('GET', path)).status).toBe(404)
          expect((await okta.call('PATCH', path, body)).status).toBeGreaterThanOrEqual(400)
          expect((await okta.call('DELETE', path)).status).toBe(404)
        }
        const group = await okta.createGroup(`Around ${name}`, [await create()])
        await okta.patch(`/Groups/${group}`, { op: 'add', path: 'members', value: [{ value: name }] })
        expect(await okta.members(group)).toHaveLength(1)
        await okta.call('DELETE', `/Groups/${group}`)
      }
    }
    expect(await installation()).toEqual(before)
  })

  it('C-PRV-03 an external id, a user name or an address of somebody else links nobody', async () => {
    const ada = await create({ externalId: 'x-ada', emails: [{ value: 'ada@example.com' }] })
    const names = ['1', '0', ada, 'x-ada', 'cli', 'admin']
    for (const externalId of names) {
      const made = await create({ externalId, emails: [{ value: 'ada@example.com' }] })
      expect(made).not.toBe(ada)
    }
    const { json } = await okta.call('GET', `/Users/${ada}`)
    expect(json).toMatchObject({ externalId: 'x-ada', emails: [{ value: 'ada@example.com' }] })
    // The name of an id does not answer for it: the id goes first.
    expect((await okta.call('POST', '/Users', { schemas: [USER], userName: ada })).status).toBe(201)
    const { connections, user } = await administer<{ connections: { lake: Answer }; user: { id: string } }>(
      server,
      'GET',
      `/users/${ada}/access`,
    )
    expect(user.id).toBe(ada)
    expect(await resolve(ada)).toMatchObject(connections.lake)
  })

  it('C-PRV-04 a group that is renamed, emptied and joined at once ends in one of the orders', async () => {
    await administer(server, 'POST', '/apply', {
      ...CONFIG,
      rules: [{ name: 'crew', directory: 'okta', group: 'Crew', grant: { role: 'querier', on: 'lake' } }],
    })
    for (let round = 0; round < 5; round += 1) {
      const ada = await create({ [ACME]: { dbRole: 'analyst' } })
      const bob = await create({ [ACME]: { dbRole: 'analyst' } })
      const crew = await okta.createGroup('Crew', [bob])
      await Promise.all([
        okta.patch(`/Groups/${crew}`, { op: 'replace', path: 'displayName', value: 'Others' }),
        okta.patch(`/Groups/${crew}`, { op: 'add', path: 'members', value: [{ value: ada }] }),
        okta.patch(`/Groups/${crew}`, { op: 'remove', path: `members[value eq "${bob}"]` }),
        okta.patch(`/Users/${ada}`, { op: 'replace', path: 'active', value: round % 2 === 0 }),
      ])
      // Bound is the group and not its name.
      expect(await resolve(ada)).toMatchObject(
        round % 2 === 0 ? { role: { name: 'querier' } } : { reason: 'inactive' },
      )
      expect(await resolve(bob)).toMatchObject({ decision: 'deny', reason: 'no_access' })
      await okta.call('DELETE', `/Groups/${crew}`)
      expect(await resolve(ada)).toMatchObject({ decision: 'deny' })
    }
    await administer(server, 'POST', '/apply', CONFIG)
  })

  it('C-PRV-05 access is gone with the answer, and who is activated again has what they have now', async () => {
    const ada = await create({ [ACME]: { dbRole: 'analyst' } })
    const active = (value: boolean) => okta.patch(`/Users/${ada}`, { op: 'replace', path: 'active', value })
    expect(await resolve(ada)).toMatchObject({ decision: 'allow' })
    await active(false)
    expect(await resolve(ada)).toMatchObject({ decision: 'deny', reason: 'inactive', role: null })
    await okta.patch(`/Users/${ada}`, { op: 'remove', path: `${ACME}:dbRole` })
    await active(true)
    expect(await resolve(ada)).toMatchObject({ decision: 'deny', reason: 'no_value' })
    await okta.call('DELETE', `/Users/${ada}`)
    expect(await resolve(ada)).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
  })

  it('C-IDR-03 the token alone says which directory is meant', async () => {
    const token = await administer<{ token: string }>(server, 'POST', '/tokens', {
      scope: 'scim',
      directory: 'other',
      label: 'C-IDR-03',
    })
    await create()
    const get = (path: string, headers: Record<string, string> = {}): Promise<WireResponse> =>
      send(server.url, {
        method: 'GET',
        path,
        headers: { Authorization: `Bearer ${token.token}`, ...headers },
      })
    const plain = await get('/scim/v2/Users')
    expect(plain.json).toMatchObject({ totalResults: 0 })
    for (const headers of [
      { 'X-Forwarded-Host': 'okta.example.com' },
      { 'X-Tenant': okta.id },
      { 'X-Directory': 'okta' },
      { Host: 'okta.localhost' },
    ]) {
      expect((await get('/scim/v2/Users', headers)).json).toEqual(plain.json)
    }
    for (const path of [`/scim/v2/${okta.id}/Users`, '/scim/v2/okta/Users', `/okta/scim/v2/Users`])
      expect((await get(path)).status).toBe(404)
    const asked = await get(`/scim/v2/Users?directory=${okta.id}`)
    expect(asked.status === 200 ? asked.json : plain.json).toEqual(plain.json)
  })

  it('C-IDR-04 what is there in another directory shows nowhere', async () => {
    const ada = await create({ externalId: 'x-secret', emails: [{ value: 'secret@example.com' }] })
    const group = await okta.createGroup('Secret', [ada])
    const shape = ({ status, json }: WireResponse, name: string): unknown => [
      status,
      JSON.parse(JSON.stringify(json ?? null).replaceAll(name, 'NAME')) as unknown,
    ]
    const nobody = '00000000-0000-4000-8000-000000000000'
    const probes: ((id: string) => Promise<WireResponse>)[] = [
      (id) => other.call('GET', `/Users/${id}`),
      (id) => other.call('GET', `/Groups/${id}`),
      (id) => other.call('DELETE', `/Users/${id}`),
      (id) =>
        other.call('PATCH', `/Groups/${id}`, {
          schemas: [PATCH],
          Operations: [{ op: 'replace', path: 'displayName', value: 'x' }],
        }),
      (id) => other.call('GET', `/Users?filter=${encodeURIComponent(`id eq "${id}"`)}`),
      (id) => other.call('GET', `/Users?filter=${encodeURIComponent(`groups.value eq "${id}"`)}`),
      (id) => other.call('GET', `/Groups?filter=${encodeURIComponent(`members.value eq "${id}"`)}`),
    ]
    for (const probe of probes) {
      for (const id of [ada, group])
        expect(shape(await probe(id), id)).toEqual(shape(await probe(nobody), nobody))
    }
    for (const filter of [
      'externalId eq "x-secret"',
      'emails.value eq "secret@example.com"',
      `userName eq "u${number}"`,
    ]) {
      const { json } = await other.call('GET', `/Users?filter=${encodeURIComponent(filter)}&sortBy=userName`)
      expect(json).toMatchObject({ totalResults: 0 })
    }
    // Names that are taken elsewhere are free here.
    const taken = { schemas: [USER], userName: `u${number}`, externalId: 'x-secret' }
    expect((await other.call('POST', '/Users', taken)).status).toBe(201)
    expect((await other.call('POST', '/Groups', { schemas: [GROUP], displayName: 'Secret' })).status).toBe(
      201,
    )
  })
})
