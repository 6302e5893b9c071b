import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { ACME, EXAMPLE } from '../support/example.ts'
import { administer, addDirectory } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

interface Answer {
  decision: string
  reason: string | null
  environment: { connection: string; value: string | null } | null
  role: { name: string; tier: string } | null
  because: { step: string; text: string }[]
  position: number
}

describe.each(engines)('what people may do follows what the identity provider says, on %s', (engine) => {
  let server: TestServer
  let token: string
  let names = 0

  beforeAll(async () => {
    server = await startServer({ engine })
    ;({ token } = await addDirectory(server, 'okta'))
    await administer(server, 'POST', '/apply', EXAMPLE)
  })
  afterAll(() => server.stop())

  const scim = async <T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: object,
    status?: number,
  ): Promise<T> => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' }
    const answer = await send(server.url, { method, path: `/scim/v2${path}`, headers, body })
    if (status === undefined) expect(answer.status).toBeLessThan(300)
    else expect(answer.status).toBe(status)
    return answer.json as T
  }
  const resolve = (user: string, connection = 'warehouse') =>
    administer<Answer>(server, 'GET', `/resolve?user=${encodeURIComponent(user)}&connection=${connection}`)
  const newName = () => `person-${(names += 1)}@example.com`
  const createUser = (userName: string, more: object = {}) =>
    scim<{ id: string }>('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
      ...more,
    })

  it('sends a person with a value to its environment, with the reasons', async () => {
    const userName = newName()
    await createUser(userName, { [ACME]: { dbRole: 'FIN' } })
    const answer = await resolve(userName)
    expect(answer).toMatchObject({
      decision: 'allow',
      reason: null,
      environment: { connection: 'warehouse_finance', value: 'finance' },
      role: { name: 'viewer', tier: 'viewer' },
    })
    expect(answer.because.map(({ step }) => step)).toEqual(
      expect.arrayContaining(['attribute', 'role', 'environment']),
    )
  })

  it('denies whoever has no value, whoever it does not know and whoever was refused a value', async () => {
    const [none, refused] = [newName(), newName()]
    await createUser(none)
    await createUser(refused, { [ACME]: { dbRole: 'admin' } })
    expect(await resolve(none)).toMatchObject({ decision: 'deny', reason: 'no_value', environment: null })
    expect(await resolve(refused)).toMatchObject({ decision: 'deny', reason: 'refused', environment: null })
    expect(await resolve('nobody@example.com')).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
  })

  it('answers 404 for a connection that nobody configured', async () => {
    await expect(resolve('nobody@example.com', 'nowhere')).rejects.toThrow('answered 404')
  })

  it('denies in the very next answer after a deactivation, and allows again after the return', async () => {
    const userName = newName()
    const { id } = await createUser(userName, { [ACME]: { dbRole: 'analyst' } })
    const active = (value: boolean) =>
      scim('PATCH', `/Users/${id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', value: { active: value } }],
      })
    await active(false)
    expect(await resolve(userName)).toMatchObject({ decision: 'deny', reason: 'inactive' })
    await active(true)
    expect(await resolve(userName)).toMatchObject({ decision: 'allow' })
    await scim('DELETE', `/Users/${id}`)
    expect(await resolve(userName)).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
  })

  it('gives and takes what a group brings, and keeps it when the group is renamed', async () => {
    const userName = newName()
    const { id } = await createUser(userName, { userType: 'Employee' })
    const group = await scim<{ id: string }>('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Finance Analysts',
      members: [{ value: id }],
    })
    const operations = (...Operations: object[]) =>
      scim('PATCH', `/Groups/${group.id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations,
      })
    const allowed = {
      decision: 'allow',
      role: { name: 'querier_no_upload' },
      environment: { connection: 'warehouse_finance' },
    }

    expect(await resolve(userName)).toMatchObject(allowed)
    await operations({ op: 'replace', value: { id: group.id, displayName: 'FA (renamed)' } })
    expect(await resolve(userName)).toMatchObject(allowed)
    await operations({ op: 'remove', path: `members[value eq "${id}"]` })
    expect(await resolve(userName)).toMatchObject({
      decision: 'deny',
      reason: 'no_value',
      role: { name: 'viewer' },
    })
    await operations({ op: 'add', path: 'members', value: [{ value: id }] })
    expect(await resolve(userName)).toMatchObject(allowed)
    await scim('DELETE', `/Groups/${group.id}`)
    expect(await resolve(userName)).toMatchObject({ decision: 'deny', reason: 'no_value' })
  })

  it('follows a new configuration at once, and the stored decisions catch up', async () => {
    const userName = newName()
    await createUser(userName, { [ACME]: { dbRole: 'analyst' } })
    const [warehouse, ...others] = EXAMPLE.connections
    const promoted = { ...EXAMPLE, connections: [{ ...warehouse, baseRole: 'querier' }, ...others] }
    await administer(server, 'POST', '/apply', promoted)
    expect(await resolve(userName)).toMatchObject({ role: { name: 'querier' } })
    await recomputeAll(server.ctx, () => {})
    const { assignments } = await administer<{ assignments: object[] }>(
      server,
      'GET',
      `/assignments?connection=warehouse&role=querier&search=${encodeURIComponent(userName)}`,
    )
    expect(assignments).toMatchObject([
      { user: { userName }, decision: 'allow', environment: 'warehouse_analyst' },
    ])
    await administer(server, 'POST', '/apply', EXAMPLE)
    expect(await resolve(userName)).toMatchObject({ role: { name: 'viewer' } })
    await recomputeAll(server.ctx, () => {})
  })

  it.each([
    ['connection=nowhere', 'there is no connection `nowhere`'],
    ['role=nobody', 'there is no role `nobody`'],
    ['directory=nowhere', 'nowhere'],
  ])('lists nobody for `%s`, and says what there is not', async (query, detail) => {
    await expect(administer(server, 'GET', `/assignments?${query}`)).rejects.toThrow(
      new RegExp(`was answered 404: .*${detail}`),
    )
  })

  it('changes nothing when the same configuration is applied again', async () => {
    const first = await administer<{ revision: number }>(server, 'POST', '/apply', EXAMPLE)
    const second = await administer(server, 'POST', '/apply', EXAMPLE)
    expect(second).toMatchObject({ revision: first.revision, changes: [] })
  })

  it('stores what a decision from the facts would say', async () => {
    await recomputeAll(server.ctx, () => {})
    const { Resources } = await scim<{ Resources: { id: string; userName: string }[] }>(
      'GET',
      '/Users?count=1000',
    )
    for (const { id, userName } of Resources) {
      const { connections } = await administer<{ connections: Record<string, object> }>(
        server,
        'GET',
        `/users/${id}/access`,
      )
      expect(await resolve(userName)).toMatchObject(connections['warehouse'] ?? {})
    }
  })

  it('answers a batch in the order of the questions, a wrong one among them too', async () => {
    const userName = newName()
    await createUser(userName, { [ACME]: { dbRole: 'analyst' } })
    const { decisions } = await administer<{ decisions: object[] }>(server, 'POST', '/resolve', {
      questions: [
        { user: userName, connection: 'warehouse' },
        { user: userName, connection: 'nowhere' },
        { user: 'nobody', connection: 'warehouse' },
      ],
    })
    expect(decisions).toMatchObject([
      { question: { user: userName }, decision: 'allow' },
      { problem: { status: 404 } },
      { decision: 'deny', reason: 'unknown_user' },
    ])
  })

  it('refuses to guess between people of two directories who have one name', async () => {
    const userName = newName()
    await createUser(userName)
    const other = await addDirectory(server, `other-${engine}`)
    const headers = { Authorization: `Bearer ${other.token}`, 'Content-Type': 'application/scim+json' }
    await send(server.url, {
      method: 'POST',
      path: '/scim/v2/Users',
      headers,
      body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName },
    })
    await expect(resolve(userName)).rejects.toThrow(/answered 409.*okta/)
    const one = await administer<Answer>(
      server,
      'GET',
      `/resolve?user=${userName}&connection=warehouse&directory=okta`,
    )
    expect(one.decision).toBe('deny')
  })

  it('lets no other directory answer about a person who is asked for by e-mail or external id', async () => {
    const [userName, mail] = [newName(), newName()]
    await createUser(userName, { externalId: `id of ${mail}`, emails: [{ value: mail }] })
    const other = await addDirectory(server, `borrower-${engine}`)
    const headers = { Authorization: `Bearer ${other.token}`, 'Content-Type': 'application/scim+json' }
    for (const stolen of [mail, `id of ${mail}`]) {
      expect(await resolve(stolen)).toMatchObject({ decision: 'deny', reason: 'no_value' })
      await send(server.url, {
        method: 'POST',
        path: '/scim/v2/Users',
        headers,
        body: { schemas: [], userName: stolen },
      })
      await expect(resolve(stolen)).rejects.toThrow(/answered 409/)
    }
  })

  it('gives a user another entity tag when its groups are others', async () => {
    const { id } = await createUser(newName())
    const tagOf = async () => (await scim<{ meta: { version: string } }>('GET', `/Users/${id}`)).meta.version
    const before = await tagOf()
    await scim('POST', '/Groups', { schemas: [], displayName: 'Tagged', members: [{ value: id }] })
    const after = await tagOf()
    expect(after).not.toBe(before)
    const conditional = (header: string, tag: string, method: string, body?: object) =>
      send(server.url, {
        method,
        path: `/scim/v2/Users/${id}`,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json', [header]: tag },
        body,
      })
    expect((await conditional('If-None-Match', before, 'GET')).status).toBe(200)
    expect((await conditional('If-None-Match', after, 'GET')).status).toBe(304)
    const patch = { Operations: [{ op: 'replace', path: 'title', value: 'Tagged' }] }
    expect((await conditional('If-Match', after, 'PATCH', patch)).status).toBe(200)
    expect((await conditional('If-Match', after, 'PATCH', patch)).status).toBe(412)
  })

  it('answers many questions that name a directory at the same moment', async () => {
    const questions = [
      { user: 'nobody', connection: 'warehouse', directory: 'okta', environment: 'warehouse' },
    ]
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => administer<object>(server, 'POST', '/resolve', { questions })),
    )
    expect(answers).toHaveLength(30)
  })

  it('writes nothing at all for a change that changes nothing', async () => {
    const userName = newName()
    const { id } = await createUser(userName, { displayName: 'Same' })
    const before = await resolve(userName)
    await scim('PATCH', `/Users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: 'displayName', value: 'Same' }],
    })
    expect((await resolve(userName)).position).toBe(before.position)
    expect(await scim('GET', `/Users/${id}`)).toMatchObject({ meta: { version: 'W/"1"' } })
  })

  it('follows one of several values, which Entra writes by its path', async () => {
    const from = 'addresses[type eq "work"].country'
    const userAttributes = [{ reference: 'db_role', from, valueMap: { SE: 'finance', DE: 'analyst' } }]
    await administer(server, 'POST', '/apply', { ...EXAMPLE, userAttributes })
    const userName = newName()
    const addresses = [{ type: 'home', country: 'DE' }]
    const { id } = await createUser(userName, { addresses })
    expect(await resolve(userName)).toMatchObject({ decision: 'deny', reason: 'no_value' })
    await scim('PATCH', `/Users/${id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'Add', path: from, value: 'SE' }],
    })
    expect(await resolve(userName)).toMatchObject({
      decision: 'allow',
      environment: { value: 'finance' },
      because: expect.arrayContaining([expect.objectContaining({ step: 'attribute', path: from })]),
    })
    await administer(server, 'POST', '/apply', EXAMPLE)
  })
})
