import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { addDirectory, administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

describe.each(engines)('a person for whom deciding fails, on %s,', (engine) => {
  let server: TestServer
  let token: string

  beforeAll(async () => {
    server = await startServer({ engine })
    ;({ token } = await addDirectory(server, 'okta'))
    await administer(server, 'POST', '/apply', configuration('viewer'))
    for (const userName of ['ada', 'broken', 'cleo']) await scim('POST', '/Users', { userName })
    await server.ctx.engine.write((db) =>
      db.updateTable('users').set({ document: '{' }).where('user_name', '=', 'broken').execute(),
    )
  })
  afterAll(() => server.stop())

  const configuration = (baseRole: string) => ({
    connections: [{ name: 'lake', dialect: 'postgres', baseRole }],
  })
  const scim = async (method: string, path: string, body: object) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' }
    const { status, json } = await send(server.url, { method, path: `/scim/v2${path}`, headers, body })
    expect(status).toBeLessThan(300)
    return json as { id: string }
  }
  const resolve = (user: string) => administer(server, 'GET', `/resolve?user=${user}&connection=lake`)

  it('is denied, and keeps nobody waiting', async () => {
    await administer(server, 'POST', '/apply', configuration('querier'))
    await recomputeAll(server.ctx, () => {})
    expect(await administer(server, 'GET', '/status')).toMatchObject({ recomputing: [] })
    expect(await resolve('broken')).toMatchObject({ decision: 'deny', reason: 'no_access', role: null })
    for (const user of ['ada', 'cleo']) {
      expect(await resolve(user)).toMatchObject({ decision: 'allow', role: { name: 'querier' } })
    }
  })

  it('stands in the way of no change of a group', async () => {
    const ids = await server.ctx.engine.read.selectFrom('users').select('id').execute()
    const members = ids.map(({ id }) => ({ value: id }))
    await scim('POST', '/Groups', { displayName: 'Everybody', members })
  })
})
