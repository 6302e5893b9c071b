import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { stringify } from 'yaml'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { administer, issueToken } from '../support/admin.ts'
import { scimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

describe('the settings of a directory', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  const call = (method: string, path: string, body?: object, token = server.adminToken) =>
    send(server.url, {
      method,
      path: `/api/v1${path}`,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body,
    })

  it('are tolerant and `new` when nobody says otherwise', async () => {
    const { json } = await call('POST', '/directories', { name: 'plain', provider: 'okta' })
    expect(json).toMatchObject({ mode: 'tolerant', rehire: 'new' })
  })

  it('are given with the directory, and changed one by one', async () => {
    const wanted = { name: 'entra', provider: 'entra', mode: 'strict', rehire: 'revive' }
    expect(await call('POST', '/directories', wanted)).toMatchObject({ status: 201, json: wanted })
    expect(await call('PATCH', '/directories/ENTRA', { mode: 'tolerant' })).toMatchObject({
      status: 200,
      json: { ...wanted, mode: 'tolerant' },
    })
    expect((await call('GET', '/directories/entra')).json).toMatchObject({ ...wanted, mode: 'tolerant' })
  })

  it('stand in the configuration file too, and applying what was exported changes nothing', async () => {
    await administer(server, 'POST', '/apply', {
      directories: [
        { name: 'filed', provider: 'okta', mode: 'strict', rehire: 'refuse', mayGrant: { upTo: 'viewer' } },
      ],
    })
    await call('PATCH', '/directories/filed', { rehire: 'revive' })
    const exported = await administer<{ directories: object[] }>(server, 'GET', '/export')
    expect(exported.directories).toContainEqual({
      name: 'filed',
      provider: 'okta',
      mayGrant: { upTo: 'viewer', attributes: {} },
      mode: 'strict',
      rehire: 'revive',
    })
    const headers = { Authorization: `Bearer ${server.adminToken}`, 'Content-Type': 'application/yaml' }
    const again = { method: 'POST', path: '/api/v1/apply', headers, body: stringify(exported) }
    expect((await send(server.url, again)).json).toMatchObject({ changes: [] })
  })

  it('bound what the data of a directory may hand out, from the answer on', async () => {
    const exported = await administer<object>(server, 'GET', '/export')
    await administer(server, 'POST', '/apply', {
      ...exported,
      userAttributes: [{ reference: 'db_role' }],
      connections: [{ name: 'lake', dialect: 'postgres' }],
      rules: [{ name: 'staff', when: 'userName pr', grant: { role: 'modeler', on: 'lake' } }],
    })
    const directory = await scimDirectory(server, 'bounded')
    const ada = await directory.createUser({ userName: 'ada' })
    const roleOf = async () =>
      (await administer<{ role: { name: string } }>(server, 'GET', `/resolve?user=${ada}&connection=lake`))
        .role.name
    expect(await roleOf()).toBe('modeler')

    const mayGrant = { upTo: 'viewer', attributes: { db_role: ['finance'] } }
    const rateLimit = { perSecond: 50, burst: 100 }
    const bounded = await call('PATCH', '/directories/bounded', { mayGrant, rateLimit })
    expect(bounded).toMatchObject({ status: 200, json: { mayGrant, rateLimit } })
    expect(await roleOf()).toBe('no_access')
    await recomputeAll(server.ctx, () => {})
    expect((await administer<{ people: object[] }>(server, 'GET', '/refused')).people).toHaveLength(1)

    const unknown = { mayGrant: { attributes: { shoe_size: ['42'] } } }
    expect(await call('PATCH', '/directories/bounded', unknown)).toMatchObject({
      status: 422,
      json: { errors: [{ path: 'mayGrant.attributes.shoe_size' }] },
    })
    expect((await call('POST', '/directories', { name: 'new', ...unknown })).status).toBe(422)

    await call('PATCH', '/directories/bounded', { mayGrant: null, rateLimit: null })
    const { json } = await call('GET', '/directories/bounded')
    expect(json).not.toHaveProperty('mayGrant')
    expect(json).not.toHaveProperty('rateLimit')
    expect(await roleOf()).toBe('modeler')
  })

  it.each([
    ['PATCH', '/directories/plain', { mode: 'lenient' }, 422, 'mode'],
    ['PATCH', '/directories/plain', { mayGrant: { upTo: 'king' } }, 422, 'mayGrant.upTo'],
    ['PATCH', '/directories/plain', { rehire: 'maybe' }, 422, 'rehire'],
    ['PATCH', '/directories/plain', { provider: 'okta' }, 422, 'provider'],
    [
      'POST',
      '/apply',
      { directories: [{ name: 'x', provider: 'okta', mode: 'x' }] },
      422,
      'directories[0].mode',
    ],
  ])('answer %s %s %j with %d', async (method, path, body, status, place) => {
    const answer = await call(method, path, body)
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject({ errors: [{ path: place }] })
  })

  it('are for administrators to change, and habits and pending members for services to read', async () => {
    const reader = await issueToken(server, { scope: 'read' })
    expect((await call('PATCH', '/directories/plain', { mode: 'strict' }, reader)).status).toBe(403)
    expect((await call('PATCH', '/directories/nowhere', { mode: 'strict' })).status).toBe(404)
    expect((await call('GET', '/directories/nowhere/quirks')).status).toBe(404)
    expect((await call('GET', '/directories/plain/quirks', undefined, reader)).json).toEqual({ quirks: [] })
    expect((await call('GET', '/pending-members', undefined, reader)).json).toEqual({ pendingMembers: [] })
    const scim = await issueToken(server, { scope: 'scim', directory: 'plain' })
    expect((await call('GET', '/directories/plain/quirks', undefined, scim)).status).toBe(403)
    expect((await call('GET', '/pending-members', undefined, scim)).status).toBe(403)
  })
})
