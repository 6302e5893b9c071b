import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { forgetHistory } from '../../src/provision/history.ts'
import { administer, addDirectory, issueToken, type TestDirectory } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { ACME } from '../support/example.ts'
import { addClient, askToken } from '../support/oauth.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send, type WireRequest } from '../support/wire.ts'

interface Basis {
  readonly fact: string
  readonly text: string
  readonly at: string | null
  readonly revision?: number
  readonly request?: string
  readonly action?: string
  readonly actor?: string
  readonly token?: string
}

interface Reason {
  readonly step: string
  readonly kind: string
  readonly restsOn: readonly Basis[]
}

/** An answer to a change, with the request that made it. */
interface Made {
  readonly id: string
  readonly request: string
}

const CONFIG = {
  extensions: [{ urn: ACME, attributes: [{ name: 'dbRole' }, { name: 'costCentre' }] }],
  userAttributes: [{ reference: 'db_role', from: `${ACME}:dbRole`, default: 'analyst' }],
  connections: [
    {
      name: 'lake',
      dialect: 'postgres',
      baseRole: 'viewer',
      environmentAttribute: 'db_role',
      values: ['admin'],
      environments: [
        { connection: 'pond', values: ['finance'], grantTo: { groups: ['Team'] } },
        { connection: 'pool', values: ['analyst'] },
      ],
    },
    { name: 'pond', dialect: 'postgres' },
    { name: 'pool', dialect: 'postgres' },
  ],
}
const RULE = { name: 'analysts', group: 'Analysts', grant: { role: 'querier', on: 'lake' } }

describe.each(engines)('what a reason rests on, on %s,', (engine) => {
  let server: TestServer
  let okta: TestDirectory

  beforeAll(async () => {
    server = await startServer({ engine })
    // Every look at the clock is a millisecond later than the one before.
    let clock = Date.now()
    Object.assign(server.ctx, { now: () => new Date((clock += 1)).toISOString() })
  })
  beforeEach(async () => {
    const { directories } = await administer<{ directories: { name: string }[] }>(
      server,
      'GET',
      '/directories',
    )
    for (const { name } of directories)
      await administer(server, 'DELETE', `/directories/${name}?confirm=${name}`)
    await administer(server, 'POST', '/apply', { connections: [] })
    okta = await addDirectory(server, 'okta')
  })
  afterAll(() => server.stop())

  const call = async (token: string, wire: WireRequest): Promise<Made> => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const { status, text, json, headers: answered } = await send(server.url, { ...wire, headers })
    if (status >= 300) throw new Error(`${wire.method} ${wire.path} was answered ${status}: ${text}`)
    return { id: (json as { id?: string })?.id ?? '', request: String(answered['x-request-id']) }
  }
  const scim = (method: string, path: string, body?: object, token = okta.token) =>
    call(token, { method, path: `/scim/v2${path}`, body })
  const createUser = (userName: string, more: object = {}, token?: string) =>
    scim('POST', '/Users', { userName, ...more }, token)
  const createGroup = (displayName: string, ...members: string[]) =>
    scim('POST', '/Groups', { displayName, members: members.map((value) => ({ value })) })
  const patch = (path: string, ...Operations: object[]) => scim('PATCH', path, { Operations })
  const setValue = (id: string, name: string, value: string) =>
    patch(`/Users/${id}`, { op: 'replace', path: `${ACME}:${name}`, value })
  const apply = (document: object) =>
    call(server.adminToken, { method: 'POST', path: '/api/v1/apply', body: { ...CONFIG, ...document } })

  const reasons = async (user: string, more = ''): Promise<readonly Reason[]> =>
    (
      await administer<{ because: Reason[] }>(
        server,
        'GET',
        `/resolve?user=${user}&connection=lake&explain=true${more}`,
      )
    ).because
  /** What the first reason of a step and a kind rests on. */
  const basis = async (user: string, step: string, kind: string, more = ''): Promise<readonly Basis[]> =>
    (await reasons(user, more)).find((one) => one.step === step && one.kind === kind)?.restsOn ?? []
  const brought = (all: readonly Basis[]) => all.map(({ fact, request }) => [fact, request])

  it('is not told without being asked for', async () => {
    await apply({})
    await createUser('ada')
    const answer = await administer<{ because: object[] }>(server, 'GET', '/resolve?user=ada&connection=lake')
    expect(answer.because.filter((reason) => 'restsOn' in reason)).toEqual([])
    expect((await reasons('ada')).filter((reason) => 'restsOn' in reason)).not.toEqual([])
  })

  it('is every membership on the way to a group, with the request that brought it', async () => {
    const applied = await apply({ rules: [RULE] })
    const ada = await createUser('ada')
    const inner = await createGroup('Inner')
    const outer = await createGroup('Analysts')
    const added = await patch(`/Groups/${inner.id}`, {
      op: 'add',
      path: 'members',
      value: [{ value: ada.id }],
    })
    const nested = await scim('PUT', `/Groups/${outer.id}`, {
      displayName: 'Analysts',
      members: [{ value: inner.id }],
    })
    const granted = await basis('ada', 'role', 'granted')
    expect(brought(granted)).toEqual([
      ['configuration', applied.request],
      ['name', outer.request],
      ['membership', added.request],
      ['membership', nested.request],
    ])
    expect(granted.map(({ action }) => action)).toEqual([
      'model.applied',
      'group.created',
      'group.updated',
      'group.updated',
    ])
    expect(granted.map(({ revision }) => typeof revision)).toEqual(['number', ...Array(3).fill('undefined')])
    expect(granted[2]?.text).toMatch(
      new RegExp(
        `^\`ada\` in \`Inner\` since \\d{4}-\\d\\d-\\d\\d [\\d:]{8} by request ${added.request} with token \`test\`$`,
      ),
    )
  })

  it('is the last request that put somebody in, and no request that left them in', async () => {
    await apply({ rules: [RULE] })
    const ada = await createUser('ada')
    const group = await createGroup('Analysts', ada.id)
    const members = [{ value: ada.id }]
    const path = `/Groups/${group.id}`
    const membership = async () => (await basis('ada', 'role', 'granted')).at(-1)?.request
    expect(await membership()).toBe(group.request)
    await patch(path, { op: 'add', path: 'members', value: members })
    await scim('PUT', path, { displayName: 'Analysts', members })
    await patch(path, { op: 'remove', path: 'members' }, { op: 'add', path: 'members', value: members })
    expect(await membership()).toBe(group.request)
    await patch(path, { op: 'remove', path: `members[value eq "${ada.id}"]` })
    const again = await patch(path, { op: 'add', path: 'members', value: members })
    expect(await membership()).toBe(again.request)
  })

  it('is the arrival of somebody who was waited for', async () => {
    await apply({ rules: [RULE] })
    const ben = await createUser('ben')
    await createGroup('Analysts', ben.id, 'x-ada')
    const ada = await createUser('ada', { externalId: 'x-ada' })
    expect((await basis('ada', 'role', 'granted')).at(-1)).toMatchObject({
      fact: 'membership',
      request: ada.request,
      action: 'user.created',
    })
  })

  it('is the request that sent a value, and none that sent its neighbours', async () => {
    await apply({})
    const ada = await createUser('ada', { [ACME]: { dbRole: 'finance', costCentre: 'C1' } })
    const value = async () => (await basis('ada', 'attribute', 'value'))[0]?.request
    expect(await value()).toBe(ada.request)
    await setValue(ada.id, 'costCentre', 'C2')
    await patch(`/Users/${ada.id}`, { op: 'replace', path: 'title', value: 'Chief' })
    expect(await value()).toBe(ada.request)
    await setValue(ada.id, 'dbRole', 'admin')
    const back = await setValue(ada.id, 'dbRole', 'finance')
    await setValue(ada.id, 'costCentre', 'C3')
    expect(await value()).toBe(back.request)
  })

  it('is, of a rule with a filter, every attribute that the filter looks at', async () => {
    const applied = await apply({
      rules: [
        { ...RULE, group: undefined, when: 'userType eq "Employee" and not (title pr and active eq false)' },
      ],
    })
    const ada = await createUser('ada', { userType: 'Employee' })
    const title = await patch(`/Users/${ada.id}`, { op: 'replace', path: 'title', value: 'Chief' })
    expect(brought(await basis('ada', 'role', 'granted'))).toEqual([
      ['configuration', applied.request],
      ['attribute', ada.request],
      ['attribute', title.request],
      ['attribute', ada.request],
    ])
  })

  it('is the first revision since which an entry has stood as it does', async () => {
    const before = (await administer<{ revision: number }>(server, 'GET', '/status')).revision
    /** Of the rule, the base role, the default, and the link to the environment. */
    const names = async () =>
      (await reasons('ada')).flatMap(({ restsOn }) =>
        restsOn.flatMap(({ revision }) => (revision === undefined ? [] : [revision - before])),
      )
    const ada = await createUser('ada')
    await createGroup('Analysts', ada.id)
    await apply({ rules: [RULE] })
    expect(await names()).toEqual([1, 1, 1, 1])
    await apply({ rules: [RULE, { ...RULE, name: 'others', group: 'Others' }] })
    expect(await names()).toEqual([1, 1, 1, 1])
    await apply({ rules: [{ ...RULE, when: 'active eq true' }] })
    expect(await names()).toEqual([3, 1, 1, 1])
    await apply({ rules: [RULE] })
    expect(await names()).toEqual([4, 1, 1, 1])
    const [lake, ...others] = CONFIG.connections
    const environments = lake?.environments?.toReversed()
    await apply({
      rules: [RULE],
      connections: [{ ...lake, environments, baseRole: 'restricted_querier' }, ...others],
    })
    expect(await names()).toEqual([4, 5, 1, 1])
    await apply({ rules: [RULE], userAttributes: [{ reference: 'db_role', default: 'analyst' }] })
    expect(await names()).toEqual([4, 6, 1, 1])
  })

  it('is, of direct grants, overrides and picks, the revision and who is meant', async () => {
    const ada = await createUser('ada')
    const group = await createGroup('Team', ada.id)
    const first = await apply({ grants: [{ user: 'Ada', role: 'modeler', on: 'lake', reason: 'project' }] })
    const second = await apply({
      grants: [
        { user: 'ada', role: 'querier', on: 'lake' },
        { user: 'Ada', role: 'modeler', on: 'lake', reason: 'project' },
      ],
      overrides: [{ user: 'ada', attribute: 'db_role', value: 'finance' }],
    })
    expect(brought(await basis('ada', 'role', 'granted'))).toEqual([
      ['configuration', first.request],
      ['name', first.request],
    ])
    expect(brought(await basis('ada', 'attribute', 'value'))).toEqual([
      ['configuration', second.request],
      ['name', first.request],
    ])
    expect(brought(await basis('ada', 'environment', 'picked', '&environment=pond'))).toEqual([
      ['configuration', first.request],
      ['name', first.request],
      ['membership', group.request],
    ])
    expect(brought(await basis('ada', 'environment', 'skipped', '&environment=pool'))).toEqual([
      ['configuration', first.request],
    ])
  })

  it('is the ceiling that refuses, since it was set', async () => {
    const document = (upTo: string) => ({
      directories: [{ name: 'okta', provider: 'generic', mayGrant: { upTo } }],
      rules: [RULE],
    })
    const ada = await createUser('ada')
    await createGroup('Analysts', ada.id)
    await apply(document('modeler'))
    const lowered = await apply(document('viewer'))
    await call(server.adminToken, {
      method: 'PATCH',
      path: `/api/v1/directories/${okta.id}`,
      body: { rehire: 'revive' },
    })
    expect((await basis('ada', 'role', 'refused')).at(-1)).toMatchObject({
      fact: 'ceiling',
      request: lowered.request,
      action: 'directory.updated',
    })
  })

  it('is the deactivation, the deletion, and the removal of the directory', async () => {
    await apply({})
    const ada = await createUser('ada', { externalId: 'x', emails: [{ value: 'ada@example.com' }] })
    const ben = await createUser('ben')
    const left = await patch(`/Users/${ada.id}`, { op: 'replace', value: { active: false } })
    await patch(`/Users/${ada.id}`, { op: 'replace', path: 'title', value: 'Gone' })
    expect(brought(await basis('ada', 'user', 'inactive'))).toEqual([['attribute', left.request]])
    const deleted = await scim('DELETE', `/Users/${ada.id}`)
    for (const text of ['ada', 'x', 'ada@example.com', ada.id]) {
      expect(await basis(text, 'user', 'unknown')).toMatchObject([
        { fact: 'departure', request: deleted.request, action: 'user.deleted', token: 'test' },
      ])
    }
    expect(await basis('nobody', 'user', 'unknown')).toEqual([])
    const renamed = await patch(`/Users/${ben.id}`, { op: 'replace', path: 'userName', value: 'benedict' })
    expect(brought(await basis('ben', 'user', 'unknown'))).toEqual([['departure', renamed.request]])
    const removed = await call(server.adminToken, {
      method: 'DELETE',
      path: `/api/v1/directories/${okta.id}?confirm=okta`,
    })
    expect(await basis('benedict', 'user', 'unknown')).toMatchObject([
      { request: removed.request, action: 'directory.deleted' },
    ])
  })

  it('begins anew with somebody who was deleted and came back', async () => {
    await call(server.adminToken, {
      method: 'PATCH',
      path: `/api/v1/directories/${okta.id}`,
      body: { rehire: 'revive' },
    })
    await apply({})
    const person = { externalId: 'x', [ACME]: { dbRole: 'finance' } }
    const { id } = await createUser('ada', person)
    await scim('DELETE', `/Users/${id}`)
    const revived = await createUser('ada', person)
    expect(revived.id).toBe(id)
    expect(brought(await basis('ada', 'attribute', 'value'))).toEqual([['attribute', revived.request]])
    await patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'Chief' })
    expect(brought(await basis('ada', 'attribute', 'value'))).toEqual([['attribute', revived.request]])
  })

  it('names tokens and clients by what they were called, when they are long gone', async () => {
    await apply({ rules: [{ ...RULE, group: undefined, when: 'active eq true' }] })
    const token = await issueToken(server, { scope: 'scim', directory: okta.id, label: 'okta production' })
    const client = await addClient(server, okta.id, { label: 'entra federation' })
    const fetched = await askToken(server, { client_id: client.id, client_secret: client.secret })
    const { access_token: access } = fetched.json as { access_token: string }
    await createUser('ada', {}, token)
    await createUser('ben', {}, access)
    const at = server.ctx.now()
    await administer(server, 'DELETE', `/tokens/${token.slice(0, 13)}`)
    await administer(server, 'DELETE', `/directories/${okta.id}?confirm=okta`)
    expect((await basis('ada', 'role', 'granted', `&at=${at}`)).at(-1)).toMatchObject({
      token: 'okta production',
      actor: `token:${token.slice(0, 13)}`,
      text: expect.stringMatching(/ with token `okta production`$/),
    })
    expect((await basis('ben', 'role', 'granted', `&at=${at}`)).at(-1)).toMatchObject({
      token: 'entra federation',
      actor: `client:${client.id}`,
      text: expect.stringMatching(/ with client `entra federation`$/),
    })
  })

  it('is told of a past moment as it was told then', async () => {
    await apply({ rules: [RULE] })
    const ada = await createUser('ada', { [ACME]: { dbRole: 'finance' } })
    await createGroup('Analysts', ada.id)
    const at = server.ctx.now()
    const then = await reasons('ada')
    await setValue(ada.id, 'dbRole', 'admin')
    await setValue(ada.id, 'dbRole', 'finance')
    await scim('DELETE', `/Users/${ada.id}`)
    await apply({})
    expect(await reasons('ada', `&at=${at}`)).toEqual(then)
    const access = await administer<{ connections: { lake: { because: object[] } } }>(
      server,
      'GET',
      `/users/${ada.id}/access?explain=true&at=${at}`,
    )
    expect(access.connections.lake.because).toEqual(then)
  })

  it('is found in the audit when history does not reach back so far', async () => {
    await apply({})
    const ada = await createUser('ada', { [ACME]: { dbRole: 'admin' } })
    const sent = await setValue(ada.id, 'dbRole', 'finance')
    for (const title of ['A', 'B', 'C'])
      await patch(`/Users/${ada.id}`, { op: 'replace', path: 'title', value: title })
    await forgetHistory(server.ctx, 0)
    await patch(`/Users/${ada.id}`, { op: 'replace', path: 'title', value: 'D' })
    expect(await basis('ada', 'attribute', 'value')).toMatchObject([
      { fact: 'attribute', request: sent.request },
    ])
  })
})
