import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { addDirectory, administer } from '../support/admin.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User'

describe('authority never grows through the data of a directory', () => {
  let server: TestServer

  beforeEach(async () => {
    server = await startServer()
  })
  afterEach(() => server.stop())

  const create = (token: string, path: string, body: object) =>
    send(server.url, {
      method: 'POST',
      path: `/scim/v2${path}`,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
      body,
    })
  const apply = (document: object) =>
    send(server.url, {
      method: 'POST',
      path: '/api/v1/apply',
      headers: { Authorization: `Bearer ${server.adminToken}`, 'Content-Type': 'application/json' },
      body: document,
    })
  const resolve = (user: string, directory: string) =>
    administer(server, 'GET', `/resolve?user=${user}&connection=lake&directory=${directory}`)

  const lake = { name: 'lake', dialect: 'postgres' }
  const toAda = { user: 'ada@example.com', role: 'connection_admin', on: 'lake' }

  it('USR-16 does not give a direct grant to whoever has the same name in another directory', async () => {
    const [home, other] = [await addDirectory(server, 'home'), await addDirectory(server, 'other')]
    expect((await apply({ connections: [lake], grants: [{ ...toAda, directory: 'home' }] })).status).toBe(200)
    for (const { token } of [home, other])
      await create(token, '/Users', { schemas: [CORE], userName: 'ada@example.com' })
    expect(await resolve('ada@example.com', 'home')).toMatchObject({
      decision: 'allow',
      role: { tier: 'connection_admin' },
    })
    expect(await resolve('ada@example.com', 'other')).toMatchObject({ decision: 'deny', reason: 'no_access' })
  })

  it('refuses to give something to a name alone where there are several directories', async () => {
    await addDirectory(server, 'home')
    await addDirectory(server, 'other')
    const answer = await apply({
      connections: [lake, { name: 'pond', dialect: 'postgres', grantTo: { users: ['ada@example.com'] } }],
      grants: [toAda],
    })
    expect(answer.status).toBe(422)
    expect((answer.json as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual([
      'grants[0].directory',
      'connections[1].grantTo.directory',
    ])
  })

  it('refuses a second directory while the configuration gives something to a name alone', async () => {
    await addDirectory(server, 'home')
    expect((await apply({ connections: [lake], grants: [toAda] })).status).toBe(200)
    const answer = await send(server.url, {
      method: 'POST',
      path: '/api/v1/directories',
      headers: { Authorization: `Bearer ${server.adminToken}`, 'Content-Type': 'application/json' },
      body: { name: 'other' },
    })
    expect(answer.status).toBe(409)
    expect(answer.json).toMatchObject({ errors: [{ path: 'grants[0].directory' }] })
  })

  it('binds a rule to the group that has its name first, and a rename collects nothing', async () => {
    const { token } = await addDirectory(server, 'home')
    const rules = ['Analysts', 'Admins'].map((group) => ({
      name: group,
      group,
      grant: { role: group === 'Admins' ? 'connection_admin' : 'viewer', on: 'lake' },
    }))
    await apply({ connections: [lake], rules })
    const { id } = (await create(token, '/Users', { schemas: [CORE], userName: 'ada' })).json as {
      id: string
    }
    const group = (
      await create(token, '/Groups', {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
        displayName: 'Analysts',
        members: [{ value: id }],
      })
    ).json as { id: string }
    expect(await resolve('ada', 'home')).toMatchObject({ role: { name: 'viewer' } })
    await send(server.url, {
      method: 'PATCH',
      path: `/scim/v2/Groups/${group.id}`,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
      body: { Operations: [{ op: 'replace', path: 'displayName', value: 'Admins' }] },
    })
    expect(await resolve('ada', 'home')).toMatchObject({ role: { name: 'viewer' } })
  })
})
