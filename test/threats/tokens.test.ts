import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createContext, type Context } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import { createTokenIssuer } from '../../src/provision/access-tokens.ts'
import { createAssertionVerifier } from '../../src/provision/assertion.ts'
import { createAuthenticator } from '../../src/provision/authenticate.ts'
import { createLoginBrake } from '../../src/provision/login-brake.ts'
import { makeSecret, prefixOf } from '../../src/provision/secret-text.ts'
import { issueToken as issue } from '../../src/provision/tokens.ts'
import { engines } from '../support/engines.ts'
import { addDirectory, administer, issueToken, type TestDirectory } from '../support/admin.ts'
import { createIssuer } from '../support/issuer.ts'
import { addClient, askToken, type TestClient } from '../support/oauth.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send, type WireResponse } from '../support/wire.ts'

const SOURCE = '192.0.2.1'

describe.each(engines)('tokens on %s', (engine) => {
  let server: TestServer
  let ours: TestDirectory
  let theirs: TestDirectory
  let client: TestClient

  beforeAll(async () => {
    server = await startServer({ engine })
    ours = await addDirectory(server, 'ours')
    theirs = await addDirectory(server, 'theirs')
    client = await addClient(server, ours.id)
  })
  afterAll(() => server.stop())

  const get = (path: string, headers: Record<string, string> = {}): Promise<WireResponse> =>
    send(server.url, { method: 'GET', path, headers })
  const withToken = (token: string, path = '/scim/v2/Users') =>
    get(path, { Authorization: `Bearer ${token}` })
  const accessToken = async (): Promise<string> => {
    const { json } = await askToken(server, { client_id: client.id, client_secret: client.secret })
    return (json as { access_token: string }).access_token
  }
  /** The server's context at another time. */
  const at = (milliseconds: number): Context => ({
    ...server.ctx,
    now: () => new Date(Date.now() + milliseconds).toISOString(),
  })

  it('C-TOK-01 a made-up secret is refused by arithmetic, whether its public part exists or not', async () => {
    let asked = 0
    const digest = server.ctx.digest
    const engine = new Proxy(server.ctx.engine, {
      get(target, name, receiver) {
        asked += Number(name === 'read')
        return Reflect.get(target, name, receiver)
      },
    })
    const authenticator = createAuthenticator({ ...server.ctx, engine }, undefined)
    const known = ours.token.slice(0, 13)
    const stolen = ours.token.slice(0, -6)
    const texts = [`${known}_${'a'.repeat(43)}`, `sb_${'a'.repeat(10)}_${'a'.repeat(43)}`, `${stolen}AAAAAA`]
    const found = await Promise.all(texts.map((text) => authenticator.authenticate(text, SOURCE)))
    expect(found).toEqual(texts.map(() => ({ ok: false, detail: 'the bearer token is not known here' })))
    expect(asked).toBe(0)
    expect(prefixOf({ digest }, 'sb', ours.token)).toBe(ours.token.slice(3, 13))
    expect(prefixOf({ digest }, 'sbs', ours.token)).toBeUndefined()
  })

  it('C-TOK-01 the time of a refusal tells nothing about the public part', async () => {
    const authenticator = createAuthenticator(server.ctx, undefined, { failed: () => 0 })
    const shapes = {
      known: `${ours.token.slice(0, 13)}_${'a'.repeat(43)}`,
      unknown: `sb_${'b'.repeat(10)}_${'a'.repeat(43)}`,
    }
    const times: Record<string, number[]> = { known: [], unknown: [] }
    for (let i = 0; i < 10_000; i += 1) {
      for (const [name, text] of Object.entries(shapes)) {
        const from = performance.now()
        await authenticator.authenticate(text, SOURCE)
        times[name]?.push(performance.now() - from)
      }
    }
    const [a, b] = Object.values(times).map(median)
    expect(Math.abs((a ?? 0) - (b ?? 0))).toBeLessThan(Math.max(a ?? 0, b ?? 0) * 0.1)
  })

  it('C-TOK-01 the same words answer an unknown public part and a wrong secret', async () => {
    const wrong = [
      `${ours.token.slice(0, -1)}${ours.token.endsWith('A') ? 'B' : 'A'}`,
      `sb_${'c'.repeat(54)}`,
    ]
    const [one, other] = await Promise.all(wrong.map((token) => withToken(token)))
    expect([one?.status, one?.text]).toEqual([other?.status, other?.text])
  })

  it('C-TOK-02 the store holds no secret that could be used, and shows each once', async () => {
    const access = await accessToken()
    const dump = JSON.stringify(
      await Promise.all(
        (['tokens', 'clients', 'client_secrets', 'audit', 'changes', 'settings'] as const).map((table) =>
          server.ctx.engine.read.selectFrom(table).selectAll().execute(),
        ),
      ),
    )
    for (const secret of [ours.token, theirs.token, access, client.secret ?? '', server.adminToken]) {
      expect(secret.length).toBeGreaterThan(20)
      expect(dump).not.toContain(secret)
      expect(dump).not.toContain(secret.slice(-43))
    }
    const lists = [
      '/tokens',
      `/directories/${ours.id}/clients`,
      `/directories/${ours.id}/clients/${client.id}`,
    ]
    for (const path of lists) {
      const shown = JSON.stringify(await administer(server, 'GET', path))
      for (const secret of [ours.token, access, client.secret]) expect(shown).not.toContain(secret)
      expect(shown).not.toMatch(/[0-9a-f]{64}/)
    }
  })

  it('C-TOK-02 secrets have 222 random bits, a form that scanners find, and a seal that proves whose they are', () => {
    const secrets = Array.from({ length: 500 }, () => makeSecret(server.ctx, 'sbs').secret)
    expect(new Set(secrets.map((secret) => secret.slice(15))).size).toBe(500)
    for (const secret of secrets) {
      expect(secret).toMatch(/^sbs_[A-Za-z0-9]{10}_[A-Za-z0-9_-]{43}$/)
      expect(prefixOf(server.ctx, 'sbs', secret)).toBe(secret.slice(4, 14))
    }
    const elsewhere = createContext({
      ...server.ctx,
      log: createLog('silent'),
      secretKey: 'another installation',
    })
    expect(secrets.filter((secret) => prefixOf(elsewhere, 'sbs', secret) !== undefined)).toEqual([])
  })

  it.each(['', ' ', 'null', 'undefined', '[object Object]', 'Bearer', '0', 'false', '%00', 'sb__', 'sb_'])(
    'C-TOK-03 `Bearer %s` opens nothing',
    async (token) => {
      for (const path of ['/scim/v2/Users', '/scim/v2/Schemas', '/api/v1/status']) {
        const { status } = await get(path, { Authorization: `Bearer ${token}` })
        expect([401, 400]).toContain(status)
      }
      for (const secret of [token, undefined]) {
        const answer = await askToken(server, { client_id: client.id, client_secret: secret })
        expect(answer.status).toBe(401)
      }
    },
  )

  it('C-TOK-03 a token that is not configured is not an empty one', async () => {
    const authenticator = createAuthenticator(server.ctx, undefined)
    for (const token of ['', 'undefined', 'null'])
      expect((await authenticator.authenticate(token, SOURCE)).ok).toBe(false)
  })

  it('C-TOK-04 each kind of token opens its own door alone', async () => {
    const read = await issueToken(server, { scope: 'read' })
    const doors: Record<string, string> = {
      '/scim/v2/Users': 'scim',
      '/scim/v2/Schemas': 'scim',
      '/api/v1/status': 'read admin',
      '/api/v1/tokens': 'admin',
      [`/api/v1/directories/${ours.id}/clients`]: 'admin',
    }
    const tokens = { scim: [ours.token, await accessToken()], read: [read], admin: [server.adminToken] }
    for (const [path, opens] of Object.entries(doors))
      for (const [kind, some] of Object.entries(tokens))
        for (const token of some)
          expect([path, kind, (await withToken(token, path)).status]).toEqual([
            path,
            kind,
            opens.split(' ').includes(kind) ? 200 : 403,
          ])
    for (const secret of [client.secret ?? '', client.id, `${client.id}:${client.secret}`])
      expect((await withToken(secret)).status).toBe(401)
    for (const headers of [{ Cookie: `token=${ours.token}` }, { 'X-Api-Key': ours.token }])
      expect((await get('/scim/v2/Users', headers as never)).status).toBe(401)
    for (const token of [ours.token, server.adminToken]) {
      const answer = await askToken(server, { client_id: client.id, client_secret: token })
      expect(answer.status).toBe(401)
    }
  })

  it('C-TOK-04 an access token opens no other directory', async () => {
    const token = await accessToken()
    const create = (userName: string, bearer: string) =>
      send(server.url, {
        method: 'POST',
        path: '/scim/v2/Users',
        headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/scim+json' },
        body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName },
      })
    const { id } = (await create('theirs@example.com', theirs.token)).json as { id: string }
    expect((await withToken(token, `/scim/v2/Users/${id}`)).status).toBe(404)
    expect((await withToken(theirs.token, `/scim/v2/Users/${id}`)).status).toBe(200)
  })

  const claimed: [string, Record<string, string>][] = [
    ['a token of another scheme', { Authorization: 'DPoP {token}' }],
    ['a proof without its token', { DPoP: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImRwb3Arand0In0.e30.x' }],
    [
      'a certificate that a proxy would have checked',
      { 'X-Client-Cert': 'MIIB', 'X-SSL-Client-Verify': 'SUCCESS' },
    ],
    [
      'a forwarded certificate',
      { 'Client-Cert': ':MIIB:', 'X-Forwarded-Client-Cert': 'Hash=00;Subject="CN=okta"' },
    ],
    [
      'a forwarded user',
      { 'X-Forwarded-User': 'admin', 'X-Remote-User': 'admin', Forwarded: 'for=127.0.0.1' },
    ],
  ]
  it.each(claimed)('C-TOK-06 %s is no login', async (_what, headers) => {
    const token = await accessToken()
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('{token}', token)]),
    )
    for (const path of ['/scim/v2/Users', '/api/v1/status'])
      expect((await get(path, filled)).status).toBe(401)
  })

  it('C-TOK-06 no token says that it is bound to a key, since none is', async () => {
    const { json } = await askToken(server, { client_id: client.id, client_secret: client.secret })
    expect(json).toMatchObject({ token_type: 'Bearer' })
    expect(Object.keys(json as object)).not.toContain('cnf')
  })

  it('C-TOK-07 the end of a token is obeyed at once here, and within a second in every other process', async () => {
    const cause = { actor: 'test', requestId: 'r' }
    const wanted = { scope: 'scim' as const, directory: ours.id, label: 'to be ended' }
    const { token, prefix } = await issue(server.ctx, cause, wanted)
    const elsewhere = createAuthenticator(server.ctx, undefined)
    expect((await elsewhere.authenticate(token, SOURCE)).ok).toBe(true)
    expect((await withToken(token)).status).toBe(200)
    await administer(server, 'DELETE', `/tokens/${prefix}`)
    expect((await withToken(token)).status).toBe(401)
    await until(async () => !(await elsewhere.authenticate(token, SOURCE)).ok, 1500)
    expect((await withToken(ours.token)).status).toBe(200)
    const { tokens } = await administer<{ tokens: object[] }>(server, 'GET', `/tokens?search=to%20be`)
    expect(tokens).toMatchObject([{ label: 'to be ended', revokedAt: expect.any(String) }])
    const made = await server.ctx.engine.read
      .selectFrom('audit')
      .select(['actor', 'action'])
      .where('subject_id', '=', (tokens[0] as { id: string }).id)
      .execute()
    expect(made).toEqual([
      { actor: 'test', action: 'token.created' },
      { actor: 'token:environment', action: 'token.revoked' },
    ])
  })

  it('C-TOK-08 guesses are slowed down with 429, and whoever has the right secret is not', async () => {
    const guess = `${ours.token.slice(0, 13)}_${'x'.repeat(43)}`
    const statuses = await Promise.all(Array.from({ length: 150 }, () => withToken(guess)))
    const slowed = statuses.filter(({ status }) => status === 429)
    expect(slowed.length).toBeGreaterThan(20)
    expect(statuses.filter(({ status }) => status === 401 || status === 429)).toHaveLength(150)
    for (const answer of slowed) {
      expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/)
      expect(answer.json).toMatchObject({ status: '429', detail: expect.stringMatching(/\S/) })
    }
    // From the same address and for the same public part.
    for (const token of [ours.token, theirs.token, await accessToken()])
      expect((await withToken(token)).status).toBe(200)
    // Behind Express as before it.
    expect((await withToken(guess, '/scim/v2/Schemas')).status).toBe(429)
    expect((await withToken(ours.token, '/scim/v2/Schemas')).status).toBe(200)
  })

  it('C-TOK-08 guesses of a client secret are slowed down, and the client is not', async () => {
    const guesses = Array.from({ length: 150 }, (_, i) =>
      askToken(server, { client_id: client.id, client_secret: `sbs_guess${i}` }),
    )
    const slowed = (await Promise.all(guesses)).filter(({ status }) => status === 429)
    expect(slowed.length).toBeGreaterThan(20)
    for (const { headers, json } of slowed)
      expect([headers['retry-after'], json]).toEqual([
        expect.stringMatching(/^[1-9]\d*$/),
        { error: 'slow_down', error_description: expect.any(String) },
      ])
    expect(await accessToken()).toMatch(/^sb_/)
  })

  it('C-TOK-08 an ended token keeps its own words, however often it is shown', async () => {
    const authenticator = createAuthenticator(at(2 * 365 * 86_400_000), undefined)
    for (let i = 0; i < 100; i += 1)
      expect(await authenticator.authenticate(ours.token, SOURCE)).toMatchObject({
        ok: false,
        detail: expect.stringContaining('expired on'),
      })
  })

  it('C-TOK-08 a client that fetches tokens without end is stopped before the table is full', async () => {
    const greedy = await addClient(server, theirs.id)
    const issuer = createTokenIssuer(server.ctx)
    const asked = {
      directoryId: undefined,
      source: SOURCE,
      requestId: 'r',
      grantType: 'client_credentials',
      scope: undefined,
      clientId: greedy.id,
      clientSecret: greedy.secret,
      assertionType: undefined,
      assertion: undefined,
    }
    const ends = await Promise.allSettled(Array.from({ length: 200 }, () => issuer.issue(asked)))
    expect(ends.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(70)
  })

  it('C-CLK-01 an access token ends by the clock of whoever asks, forwards and backwards', async () => {
    const token = await accessToken()
    const ok = async (milliseconds: number): Promise<boolean> =>
      (await createAuthenticator(at(milliseconds), undefined).authenticate(token, SOURCE)).ok
    expect(await ok(0)).toBe(true)
    expect(await ok(-3_600_000)).toBe(true)
    expect(await ok(3_590_000)).toBe(true)
    expect(await ok(3_601_000)).toBe(false)
  })

  it('C-CLK-01 the clock of an issuer may differ by a minute and no more', async () => {
    const issuer = await createIssuer()
    const trust = { issuer: 'i', subject: 's', audience: 'a', jwks: issuer.jwks }
    const assertion = await issuer.sign({ iss: 'i', sub: 's', aud: 'a' })
    const accepted = (milliseconds: number): Promise<boolean> =>
      createAssertionVerifier(at(milliseconds))
        .verify(assertion, trust)
        .then(
          () => true,
          () => false,
        )
    // It lives from now on for 300 seconds.
    const seconds = [-3600, -65, -50, 0, 295, 350, 365, 3600]
    expect(await Promise.all(seconds.map((one) => accepted(one * 1000)))).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('C-CLK-01 versions do not go back when the clock does', async () => {
    const headers = { Authorization: `Bearer ${ours.token}`, 'Content-Type': 'application/scim+json' }
    const schemas = ['urn:ietf:params:scim:schemas:core:2.0:User']
    const create = { schemas, userName: 'clock@example.com' }
    const write = (method: string, path: string, body: object) =>
      send(server.url, { method, path: `/scim/v2${path}`, headers, body })
    const created = (await write('POST', '/Users', create)).json as { id: string; meta: { version: string } }
    const replaced = await write('PUT', `/Users/${created.id}`, { ...create, displayName: 'C' })
    expect((replaced.json as typeof created).meta.version).not.toBe(created.meta.version)
    const stale = await send(server.url, {
      method: 'PUT',
      path: `/scim/v2/Users/${created.id}`,
      headers: { ...headers, 'If-Match': created.meta.version },
      body: { ...create, displayName: 'D' },
    })
    expect(stale.status).toBe(412)
  })
})

describe('the brake on failed logins', () => {
  it('C-TOK-08 lets a hundred failures pass, then one a second, for each source and each name', () => {
    let now = 0
    const brake = createLoginBrake(() => now)
    const failures = (mark: string, times: number): number[] =>
      Array.from({ length: times }, () => brake.failed([mark]))
    expect(failures('source a', 100)).toEqual(Array.from({ length: 100 }, () => 0))
    expect(brake.failed(['source a'])).toBe(1)
    expect(brake.failed(['source b'])).toBe(0)
    expect(brake.failed(['source b', 'source a'])).toBe(1)
    now += 1000
    expect(brake.failed(['source a'])).toBe(0)
    expect(brake.failed(['source a'])).toBe(1)
  })

  it('C-TOK-08 remembers no more than it can hold', () => {
    const brake = createLoginBrake(() => 0)
    for (let i = 0; i < 50_000; i += 1) brake.failed([`source ${i}`])
    expect(brake.failed(['source 0'])).toBe(0)
  })
})

it('C-TOK-03 every example of a secret in the settings is empty', () => {
  const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
  expect(example).toMatch(/^SIGNALBOX_ADMIN_TOKEN=$/m)
  expect(example).toMatch(/^SIGNALBOX_SECRET_KEY=$/m)
})

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

async function until(holds: () => Promise<boolean>, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`it did not hold within ${milliseconds} ms`)
    await new Promise(setImmediate)
  }
}
