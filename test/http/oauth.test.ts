import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { addDirectory, administer, type TestDirectory } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { createIssuer } from '../support/issuer.ts'
import { addClient, askToken, askWithAssertion, type TestClient } from '../support/oauth.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send, type WireResponse } from '../support/wire.ts'

describe.each(engines)('the token endpoint on %s', (engine) => {
  let server: TestServer
  let ours: TestDirectory
  let theirs: TestDirectory
  let client: TestClient

  beforeAll(async () => {
    server = await startServer({ engine })
    ours = await addDirectory(server, 'ours')
    theirs = await addDirectory(server, 'theirs')
    client = await addClient(server, ours.id, { label: 'Entra', tokenSeconds: 7200 })
  })
  afterAll(() => server.stop())

  const credentials = () => ({ client_id: client.id, client_secret: client.secret })
  const basic = (id: string, secret = '') => ({ Authorization: `Basic ${btoa(`${id}:${secret}`)}` })
  const tokenIn = (answer: WireResponse) => (answer.json as { access_token: string }).access_token
  const users = (token: string) =>
    send(server.url, {
      method: 'GET',
      path: '/scim/v2/Users',
      headers: { Authorization: `Bearer ${token}` },
    })

  it('gives a token for a secret, by form and by header, that opens the directory of the client', async () => {
    for (const answer of [
      await askToken(server, { ...credentials(), scope: 'scim' }),
      await askToken(server, {}, { headers: basic(client.id, client.secret) }),
      await askToken(server, credentials(), { path: `/oauth2/${ours.id}/token` }),
    ]) {
      expect(answer).toMatchObject({
        status: 200,
        headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
        json: { token_type: 'Bearer', expires_in: 7200, scope: 'scim' },
      })
      expect((await users(tokenIn(answer))).status).toBe(200)
    }
  })

  it('tells each wrong request as RFC 6749 §5.2 says', async () => {
    const wrong: [Record<string, string | undefined>, number, string, Record<string, string>?][] = [
      [{ ...credentials(), grant_type: undefined }, 400, 'invalid_request'],
      [{ ...credentials(), grant_type: 'password' }, 400, 'unsupported_grant_type'],
      [{ ...credentials(), grant_type: 'authorization_code' }, 400, 'unsupported_grant_type'],
      [{ ...credentials(), scope: 'scim admin' }, 400, 'invalid_scope'],
      [{ ...credentials(), scope: 'openid' }, 400, 'invalid_scope'],
      [{}, 401, 'invalid_client'],
      [{ client_id: client.id }, 401, 'invalid_client'],
      [{ ...credentials(), client_id: 'sbc_nobody' }, 401, 'invalid_client'],
      [{ ...credentials(), client_secret: 's3cr3t' }, 401, 'invalid_client'],
      [{ ...credentials(), client_secret: `${client.secret}x` }, 401, 'invalid_client'],
      [{}, 401, 'invalid_client', basic(client.id, 'wrong')],
      [{}, 401, 'invalid_client', { Authorization: `Bearer ${ours.token}` }],
      [{}, 401, 'invalid_client', { Authorization: 'Basic ====' }],
      [credentials(), 400, 'invalid_request', basic(client.id, client.secret)],
      [{ client_id: 'other' }, 400, 'invalid_request', basic(client.id, client.secret)],
      [{ ...credentials(), client_assertion: 'x' }, 400, 'invalid_request'],
    ]
    for (const [fields, status, error, headers = {}] of wrong) {
      const answer = await askToken(server, fields, { headers })
      expect([fields, answer.status, answer.json]).toEqual([
        fields,
        status,
        { error, error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/) },
      ])
      expect(answer.headers['content-type']).toMatch(/^application\/json\b/)
      if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/)
    }
  })

  it.each([
    ['GET', {}, undefined, 405],
    ['POST', { 'Content-Type': 'application/json' }, '{"grant_type":"client_credentials"}', 400],
    ['POST', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'grant_type=a&grant_type=b', 400],
    ['POST', { 'Content-Type': 'application/x-www-form-urlencoded' }, `a=${'x'.repeat(70_000)}`, 413],
  ])('answers %s with %j in its own form', async (method, headers, body, status) => {
    const answer = await send(server.url, { method, path: '/scim/v2/oauth2/token', headers, body })
    expect([answer.status, answer.json]).toEqual([
      status,
      { error: 'invalid_request', error_description: expect.any(String) },
    ])
  })

  it('serves no client of another directory at the endpoint of one', async () => {
    const answer = await askToken(server, credentials(), { path: `/oauth2/${theirs.id}/token` })
    expect([answer.status, answer.json]).toMatchObject([401, { error: 'invalid_client' }])
    const path = `/api/v1/directories/${theirs.id}/clients/${client.id}`
    const headers = { Authorization: `Bearer ${server.adminToken}` }
    for (const method of ['GET', 'DELETE'])
      expect((await send(server.url, { method, path, headers })).status).toBe(404)
  })

  it('says of itself what RFC 8414 asks for', async () => {
    const path = `/.well-known/oauth-authorization-server/oauth2/${ours.id}`
    const { json } = await send(server.url, { method: 'GET', path })
    expect(json).toMatchObject({ issuer: `${server.url}/oauth2/${ours.id}`, token_endpoint: client.tokenUrl })
    expect(client.tokenUrl).toBe(`${server.url}/oauth2/${ours.id}/token`)
    const config = await send(server.url, {
      method: 'GET',
      path: '/scim/v2/ServiceProviderConfig',
      headers: { Authorization: `Bearer ${ours.token}` },
    })
    expect(config.json).toMatchObject({ authenticationSchemes: [{}, { type: 'oauth2' }] })
  })

  it('takes several secrets of a client, ends each with its tokens, and no more than five', async () => {
    const one = await addClient(server, ours.id)
    const path = `/directories/${ours.id}/clients/${one.id}`
    const second = await administer<{ id: string; secret: string }>(server, 'POST', `${path}/secrets`, {})
    const tokenBy = async (secret?: string) =>
      tokenIn(await askToken(server, { client_id: one.id, client_secret: secret }))
    const [first, other] = [await tokenBy(one.secret), await tokenBy(second.secret)]
    await administer(server, 'DELETE', `${path}/secrets/${one.secrets[0]?.id}`)
    expect((await users(first)).status).toBe(401)
    expect((await users(other)).status).toBe(200)
    const refused = await askToken(server, { client_id: one.id, client_secret: one.secret })
    expect(refused.json).toMatchObject({
      error: 'invalid_client',
      error_description: expect.stringContaining('was revoked'),
    })
    const more = Array.from({ length: 6 }, () =>
      send(server.url, {
        method: 'POST',
        path: `/api/v1${path}/secrets`,
        headers: { Authorization: `Bearer ${server.adminToken}`, 'Content-Type': 'application/json' },
        body: {},
      }),
    )
    const statuses = (await Promise.all(more)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(4)
    await administer(server, 'DELETE', path)
    expect((await users(other)).status).toBe(401)
    expect((await askToken(server, { client_id: one.id, client_secret: second.secret })).status).toBe(401)
  })

  it('keeps access tokens out of the list of tokens and out of their number', async () => {
    const { tokens } = await administer<{ tokens: object[] }>(server, 'GET', '/tokens?directory=ours')
    expect(tokens).toHaveLength(1)
    await askToken(server, credentials())
    await administer(server, 'POST', '/tokens', { scope: 'scim', directory: 'ours' })
  })

  it('knows who wrote what by the client, and shows when it came last', async () => {
    const token = tokenIn(await askToken(server, credentials()))
    const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'ada@example.com' }
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' }
    await send(server.url, { method: 'POST', path: '/scim/v2/Users', headers, body })
    const row = await server.ctx.engine.read
      .selectFrom('audit')
      .select('actor')
      .where('action', '=', 'user.created')
      .executeTakeFirst()
    expect(row).toEqual({ actor: `client:${client.id}` })
    const { clients } = await administer<{ clients: object[] }>(server, 'GET', '/directories/ours/clients')
    expect(clients[0]).toMatchObject({ id: client.id, lastUsedAt: expect.any(String) })
    expect(JSON.stringify(clients)).not.toContain(client.secret)
  })

  it('takes an assertion that a client signs itself, with nothing configured but its key', async () => {
    const issuer = await createIssuer()
    const own = await addClient(server, ours.id, { trust: { jwks: issuer.jwks } })
    const claims = { iss: own.id, sub: own.id, aud: `${server.url}/oauth2/${ours.id}` }
    expect(own.secret).toBeUndefined()
    for (const id of [own.id, undefined]) {
      expect((await askWithAssertion(server, id, await issuer.sign(claims))).status).toBe(200)
    }
  })

  it.each([
    [{ trust: {} }, ''],
    [{ trust: { jwksUrl: 'http://keys.example.com/' } }, 'jwksUrl'],
    [{ trust: { jwksUrl: 'file:///etc/passwd' } }, 'jwksUrl'],
    [{ trust: { jwksUrl: 'https://user:pass@keys.example.com/' } }, 'jwksUrl'],
    [{ trust: { jwks: { keys: [] } } }, 'keys'],
    [{ trust: { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } } }, 'kty'],
    [{ trust: { jwks: { keys: [{ kty: 'EC', d: 'private' }] } } }, 'keys'],
    [{ tokenSeconds: 60 }, 'tokenSeconds'],
  ])('refuses a client like %j', async (body, place) => {
    const answer = await send(server.url, {
      method: 'POST',
      path: `/api/v1/directories/${ours.id}/clients`,
      headers: { Authorization: `Bearer ${server.adminToken}`, 'Content-Type': 'application/json' },
      body,
    })
    expect(answer.status).toBe(422)
    const { errors } = answer.json as { errors: { path: string }[] }
    expect(errors.some(({ path }) => path.includes(place))).toBe(true)
  })
})
