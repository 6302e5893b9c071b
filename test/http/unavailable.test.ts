import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { addDirectory } from '../support/admin.ts'
import { addClient, askToken, type TestClient } from '../support/oauth.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { openAgent, send, type WireResponse } from '../support/wire.ts'

describe('a PostgreSQL whose connections are all in use', () => {
  let server: TestServer
  let token: string
  let client: TestClient
  const agent = openAgent()

  beforeAll(async () => {
    server = await startServer({ engine: 'postgres', databasePool: 1 })
    const directory = await addDirectory(server, 'okta', agent)
    token = directory.token
    client = await addClient(server, directory.id, {}, agent)
  })
  afterAll(async () => {
    agent.destroy()
    await server.stop()
  })

  const ask = (bearer: string, method: string, path: string, body?: object): Promise<WireResponse> => {
    const headers = { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' }
    return send(server.url, { method, path, headers, body }, agent)
  }

  it('C-CON-04 is a 503 that says when to come again, and no hang; afterwards all is well', async () => {
    const user = { userName: 'ada' }
    let giveBack = (): void => {}
    const held = server.ctx.engine.write(
      () =>
        new Promise<void>((resolve) => {
          giveBack = resolve
        }),
    )
    const [read, write, administration, oauth] = await Promise.all([
      ask(token, 'GET', '/scim/v2/Users'),
      ask(token, 'POST', '/scim/v2/Users', user),
      ask(server.adminToken, 'GET', '/api/v1/directories'),
      askToken(server, { client_id: client.id, client_secret: client.secret }, { agent }),
    ])
    giveBack()
    await held

    for (const { status, headers, json } of [read, write]) {
      expect([status, headers['retry-after']]).toEqual([503, '5'])
      expect(headers['content-type']).toMatch(/^application\/scim\+json/)
      expect(json).toEqual({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: '503',
        detail: expect.stringContaining('try again'),
      })
    }
    expect([administration.status, administration.headers['retry-after']]).toEqual([503, '5'])
    expect(administration.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(administration.json).toMatchObject({ status: 503, title: expect.stringMatching(/./) })
    expect([oauth.status, oauth.json]).toMatchObject([503, { error: 'temporarily_unavailable' }])

    expect((await ask(token, 'POST', '/scim/v2/Users', user)).status).toBe(201)
  })
})
