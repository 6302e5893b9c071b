import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { base64url, SignJWT, UnsecuredJWT, type JWTHeaderParameters } from 'jose'
import { createTokenIssuer, JWT_BEARER, type TokenIssuer } from '../../src/provision/access-tokens.ts'
import type { OAuthError } from '../../src/provision/oauth-error.ts'
import { addDirectory, type TestDirectory } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { createIssuer, type Claims, type Issuer } from '../support/issuer.ts'
import { showing, startKeyServer, type KeyServer } from '../support/key-server.ts'
import { addClient, askWithAssertion, type TestClient } from '../support/oauth.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

const TRUST = {
  issuer: 'https://login.example.com/tenant/v2.0',
  subject: 'app-1',
  audience: 'api://signalbox',
}
const CLAIMS = { iss: TRUST.issuer, sub: TRUST.subject, aud: TRUST.audience }
const now = (): number => Math.floor(Date.now() / 1000)

describe.each(engines)('assertions on %s', (engine) => {
  let server: TestServer
  let directory: TestDirectory
  let issuer: Issuer
  let keys: KeyServer
  let client: TestClient
  let tokens: TokenIssuer

  beforeAll(async () => {
    server = await startServer({ engine })
    tokens = createTokenIssuer(server.ctx, { failed: () => 0 })
    directory = await addDirectory(server, 'entra')
    issuer = await createIssuer('RS256', 'first')
    keys = await startKeyServer(issuer.jwks)
    client = await addClient(server, directory.id, { trust: { ...TRUST, jwksUrl: keys.url } })
  })
  afterAll(async () => {
    await keys.stop()
    await server.stop()
  })

  /** Shows an assertion where nobody is slowed down; `taken`, or the error and its words. */
  const show = (assertion: string, id: string = client.id): Promise<string> =>
    tokens
      .issue({
        directoryId: undefined,
        source: '192.0.2.1',
        requestId: 'r',
        grantType: 'client_credentials',
        scope: undefined,
        clientId: id,
        clientSecret: undefined,
        assertionType: JWT_BEARER,
        assertion,
      })
      .then(
        () => 'taken',
        (error: OAuthError) => `${error.code}: ${error.message}`,
      )

  const refused = (told: string, says = ''): void => {
    expect(told).toMatch(/^invalid_client: /)
    expect(told).toContain(says)
  }

  it('C-TOK-05 a good one is taken, and its issuer is asked for its keys once by each process', async () => {
    for (let i = 0; i < 3; i += 1) expect(await show(await issuer.sign(CLAIMS))).toBe('taken')
    expect((await askWithAssertion(server, client.id, await issuer.sign(CLAIMS))).status).toBe(200)
    expect(keys.asked).toBe(2)
  })

  const wrongClaims: [string, Claims, string][] = [
    ['that has expired', { exp: now() - 120 }, 'has expired'],
    ['that is not valid yet', { nbf: now() + 600 }, 'is not valid yet'],
    ['that was issued in the future', { iat: now() + 600, exp: now() + 900 }, 'was issued in the future'],
    ['without an end', { exp: undefined }, 'has no `exp`'],
    ['that lives for a week', { exp: now() + 7 * 86_400 }, 'lives for more than a day'],
    ['of another issuer', { iss: 'https://login.example.com/other/v2.0' }, 'another `iss`'],
    ['without an issuer', { iss: undefined }, 'no `iss`'],
    ['about somebody else', { sub: 'app-2' }, 'another `sub`'],
    ['for somebody else', { aud: 'api://other' }, 'another `aud`'],
    ['for us and for somebody else', { aud: [TRUST.audience, 'api://other'] }, 'in a list'],
    ['for us in a list', { aud: [TRUST.audience] }, 'in a list'],
    ['without an audience', { aud: undefined }, 'no `aud`'],
  ]
  it.each(wrongClaims)('C-TOK-05 one %s is refused', async (_what, claims, says) => {
    refused(await show(await issuer.sign({ ...CLAIMS, ...claims })), says)
  })

  const wrongHeaders: [string, Partial<JWTHeaderParameters>, string][] = [
    ['names a key that is not there', { kid: 'nobody' }, 'does not show'],
    ['names a key by a path', { kid: '../../../../dev/null' }, 'does not show'],
    ['names a key by SQL', { kid: "' or '1'='1" }, 'does not show'],
    ['is an access token', { typ: 'at+jwt' }, 'is a `at+jwt`'],
    ['is a security event', { typ: 'secevent+jwt' }, 'no assertion of a client'],
    ['has an extension that is not understood', { crit: ['exp2'], exp2: 1 } as never, 'cannot be read'],
  ]
  it.each(wrongHeaders)('C-TOK-05 one that %s is refused', async (_what, header, says) => {
    const signed = await issuer.sign(CLAIMS, header).catch(() => forged(header, CLAIMS))
    refused(await show(signed), says)
  })

  it('C-TOK-05 where an assertion says that its keys are (jku, x5u, jwk) is never looked at', async () => {
    const thief = await createIssuer('RS256', 'first')
    const theirs = await startKeyServer(thief.jwks)
    for (const header of [{ jku: theirs.url }, { x5u: theirs.url }, { jwk: thief.jwks.keys[0] as object }]) {
      refused(await show(await thief.sign(CLAIMS, header as never)), 'signature that does not fit')
    }
    expect(theirs.asked).toBe(0)
    await theirs.stop()
  })

  it('C-TOK-05 neither no signature nor the public key as a shared secret will do', async () => {
    refused(await show(new UnsecuredJWT(CLAIMS).setExpirationTime('5m').encode()))
    const publicKey = new TextEncoder().encode(JSON.stringify(issuer.jwks.keys[0]))
    const confused = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .setExpirationTime('5m')
      .sign(publicKey)
    refused(await show(confused), 'not accepted')
  })

  it('C-TOK-05 neither a changed one, nor a cut one, nor a huge one is read', async () => {
    const [header = '', payload = '', signature = ''] = (await issuer.sign(CLAIMS)).split('.')
    const richer = base64url.encode(JSON.stringify({ ...CLAIMS, exp: now() + 300, scope: 'admin' }))
    refused(await show(`${header}.${richer}.${signature}`), 'signature that does not fit')
    for (const wrong of [`${header}.${payload}.`, `${header}.${payload}`, 'x', '..', 'a.b.c.d.e', '\u0000'])
      refused(await show(wrong))
    refused(await show(await issuer.sign({ ...CLAIMS, padding: 'x'.repeat(20_000) })), 'longer than')
  })

  it('C-TOK-05 one with an id is taken once, however often it is shown at the same time', async () => {
    const assertion = await issuer.sign({ ...CLAIMS, jti: 'only-once' })
    const answers = await Promise.all(Array.from({ length: 8 }, () => show(assertion)))
    expect(answers.filter((told) => told === 'taken')).toHaveLength(1)
    refused(await show(await issuer.sign({ ...CLAIMS, jti: 'only-once' })), 'shown before')
    const rows = await server.ctx.engine.read.selectFrom('used_assertions').select('hash').execute()
    expect(rows.map(({ hash }) => hash).filter((hash) => !/^[0-9a-f]{64}$/.test(hash))).toEqual([])
  })

  it('C-TOK-05 keys of an issuer change hands without a gap', async () => {
    const next = await createIssuer('ES256', 'second')
    const pasted = { keys: [...issuer.jwks.keys, ...next.jwks.keys] }
    const both = await addClient(server, directory.id, { trust: { ...TRUST, jwks: pasted } })
    for (const who of [issuer, next]) {
      expect(await show(await who.sign(CLAIMS), both.id)).toBe('taken')
    }
    const after = await addClient(server, directory.id, { trust: { ...TRUST, jwks: next.jwks } })
    refused(await show(await issuer.sign(CLAIMS), after.id), 'does not show')
  })

  it('C-TOK-05 a client with a secret takes no assertion, and one with assertions no secret', async () => {
    const withSecret = await addClient(server, directory.id)
    refused(await show(await issuer.sign(CLAIMS), withSecret.id))
    refused(await show(await issuer.sign(CLAIMS), 'sbc_nobody'))
  })

  const failing: [string, KeyServer['answer']][] = [
    ['does not find them', (_request, response) => void response.writeHead(404).end()],
    [
      'sends us elsewhere',
      (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['sends nonsense', (_request, response) => void response.end('<html>')],
    ['sends no keys', showing({ keys: 'none' })],
    ['sends without end', (_request, response) => void response.end(Buffer.alloc(600 * 1024, ' '))],
    ['hangs up', (request) => void request.socket.destroy()],
  ]
  it.each(failing)('C-TOK-05 an issuer that %s is told as such, once', async (_what, answer) => {
    const broken = await startKeyServer({})
    broken.answer = answer
    const one = await addClient(server, directory.id, { trust: { ...TRUST, jwksUrl: broken.url } })
    for (let i = 0; i < 3; i += 1) {
      expect(await show(await issuer.sign(CLAIMS), one.id)).toMatch(/^temporarily_unavailable: the keys of/)
    }
    expect(broken.asked).toBe(1)
    const told = await askWithAssertion(server, one.id, await issuer.sign(CLAIMS))
    expect([told.status, told.json]).toMatchObject([503, { error: 'temporarily_unavailable' }])
    expect(told.headers['retry-after']).toMatch(/^\d+$/)
    await broken.stop()
  })

  it('C-TOK-04 an assertion is no token: it opens nothing by itself', async () => {
    const headers = { Authorization: `Bearer ${await issuer.sign(CLAIMS)}` }
    for (const path of ['/scim/v2/Users', '/api/v1/status'])
      expect((await send(server.url, { method: 'GET', path, headers })).status).toBe(401)
  })
})

/** A token with a header that jose would not sign. */
function forged(header: object, claims: object): string {
  const part = (value: object): string => base64url.encode(JSON.stringify(value))
  return `${part({ alg: 'RS256', kid: 'first', ...header })}.${part(claims)}.${base64url.encode('signature')}`
}
