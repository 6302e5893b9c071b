import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { addDirectory, administer, issueToken } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { EXAMPLE } from '../support/example.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

describe.each(engines)('the administration interface, on %s', (engine) => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({ engine })
  })
  afterAll(() => server.stop())

  const call = (method: string, path: string, body?: unknown, token: string | null = server.adminToken) =>
    send(server.url, {
      method,
      path,
      headers: { Authorization: token && `Bearer ${token}`, 'Content-Type': 'application/json' },
      body,
    })

  it('adds a directory and tells the address for the identity provider', async () => {
    const answer = await call('POST', '/api/v1/directories', { name: 'Okta', provider: 'okta' })
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({ name: 'Okta', provider: 'okta', scimUrl: `${server.url}/scim/v2` })
    const { id } = answer.json as { id: string }
    expect((await call('GET', `/api/v1/directories/${id}`)).json).toMatchObject({
      name: 'Okta',
      users: 0,
      groups: 0,
    })
    expect((await call('GET', '/api/v1/directories/OKTA')).json).toMatchObject({ id })
  })

  it('refuses a second directory whose name differs by case alone', async () => {
    const answer = await call('POST', '/api/v1/directories', { name: 'OKTA' })
    expect(answer.status).toBe(409)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.json).toMatchObject({ status: 409, detail: expect.stringContaining('`OKTA`') })
  })

  it('pages through directories and finds them by part of a name', async () => {
    for (const name of ['page a', 'page b', 'page c']) await addDirectory(server, name)
    const seen: string[] = []
    let cursor = ''
    do {
      const { json } = await call('GET', `/api/v1/directories?search=PAGE&limit=2${cursor}`)
      const page = json as { directories: { name: string }[]; nextCursor?: string }
      seen.push(...page.directories.map(({ name }) => name))
      cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`
    } while (cursor !== '')
    expect(seen).toEqual(['page a', 'page b', 'page c'])
  })

  it('shows a token once and never again', async () => {
    const { id: directory } = await administer<{ id: string }>(server, 'POST', '/directories', {
      name: 'tokens',
    })
    const issued = await administer<{ token: string; prefix: string }>(server, 'POST', '/tokens', {
      scope: 'scim',
      directory,
      label: 'first',
    })
    expect(issued.token).toMatch(/^sb_[A-Za-z0-9]{10}_[\w-]{43}$/)
    expect(issued.token.startsWith(issued.prefix)).toBe(true)
    const listed = await call('GET', '/api/v1/tokens?search=first')
    expect(listed.json).toMatchObject({
      tokens: [{ prefix: issued.prefix, label: 'first', revokedAt: null }],
    })
    expect(listed.text).not.toContain(issued.token)
  })

  it('lets two tokens of a directory live for rotation, and no third', async () => {
    const { id: directory } = await administer<{ id: string }>(server, 'POST', '/directories', {
      name: 'rotation',
    })
    const wanted = { scope: 'scim', directory }
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('POST', '/api/v1/tokens', wanted)))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 409, 409, 409])
    const [first] = answers
      .filter(({ status }) => status === 201)
      .map(({ json }) => json as { prefix: string })
    expect((await call('DELETE', `/api/v1/tokens/${first?.prefix}`)).status).toBe(204)
    expect((await call('POST', '/api/v1/tokens', wanted)).status).toBe(201)
  })

  it('refuses a revoked token in the very next request', async () => {
    const { token } = await addDirectory(server, 'revoked')
    expect((await call('GET', '/scim/v2/Users', undefined, token)).status).toBe(200)
    await call('DELETE', `/api/v1/tokens/${token.slice(0, 13)}`)
    const answer = await call('GET', '/scim/v2/Users', undefined, token)
    expect(answer.status).toBe(401)
    expect(answer.json).toMatchObject({ status: '401', detail: expect.stringContaining('was revoked') })
  })

  it('keeps each scope to its own paths', async () => {
    const scim = (await addDirectory(server, 'scopes')).token
    const read = await issueToken(server, { scope: 'read' })
    const statusOf = async (token: string | null, method: string, path: string, body?: unknown) =>
      (await call(method, path, body, token)).status
    expect(await statusOf(scim, 'GET', '/api/v1/status')).toBe(403)
    expect(await statusOf(scim, 'GET', '/api/v1/resolve?user=a&connection=b')).toBe(403)
    expect(await statusOf(read, 'GET', '/api/v1/status')).toBe(200)
    expect(await statusOf(read, 'POST', '/api/v1/directories', { name: 'no' })).toBe(403)
    expect(await statusOf(read, 'GET', '/scim/v2/Users')).toBe(403)
    expect(await statusOf(server.adminToken, 'GET', '/scim/v2/Users')).toBe(403)
    expect(await statusOf(null, 'GET', '/api/v1/status')).toBe(401)
  })

  it('names every wrong place of a configuration and changes nothing', async () => {
    const wrong = {
      ...EXAMPLE,
      colour: 'red',
      roles: [{ name: 'no spaces', displayName: 'x', tier: 'querier' }],
    }
    const before = (await call('GET', '/api/v1/export')).json
    const answer = await call('POST', '/api/v1/apply', wrong)
    expect(answer.status).toBe(422)
    const { errors } = answer.json as { errors: { path: string }[] }
    expect(errors.map(({ path }) => path)).toEqual(expect.arrayContaining(['colour', 'roles[0].name']))
    expect((await call('GET', '/api/v1/export')).json).toEqual(before)
  })

  it('reads a configuration as YAML too, and exports one that changes nothing when it is applied', async () => {
    const yaml = 'connections:\n  - { name: lake, dialect: postgres, baseRole: viewer }\n'
    const applied = await call('POST', '/api/v1/apply', yaml)
    expect(applied.json).toMatchObject({ changes: [{ change: 'added', kind: 'connection', name: 'lake' }] })
    const { revision } = applied.json as { revision: number }
    const exported = await send(server.url, {
      method: 'GET',
      path: '/api/v1/export',
      headers: { Authorization: `Bearer ${server.adminToken}`, Accept: 'application/yaml' },
    })
    expect(exported.headers['content-type']).toContain('yaml')
    expect((await call('POST', '/api/v1/apply', exported.text)).json).toMatchObject({ revision, changes: [] })
  })

  it.each([[''], ['{}'], ['null'], ['# nothing but a comment\n']])(
    'refuses the empty document %j, which would take everything from everybody',
    async (document) => {
      const before = (await call('GET', '/api/v1/export')).json
      const answer = await call('POST', '/api/v1/apply', document)
      expect(answer.status).toBe(422)
      expect(answer.json).toMatchObject({ detail: expect.stringContaining('the document is empty') })
      expect((await call('GET', '/api/v1/export')).json).toEqual(before)
    },
  )

  it('names every place of a wrong path, a wrong filter and a directory that is not there', async () => {
    const lake = { name: 'lake', dialect: 'postgres' }
    const paths = async (document: object) => {
      const { json } = await call('POST', '/api/v1/apply', { connections: [lake], ...document })
      return (json as { errors: { path: string }[] }).errors.map(({ path }) => path)
    }
    const grant = { role: 'viewer', on: 'lake' }
    expect(
      await paths({
        userAttributes: [{ reference: 'a', from: 'nothing' }],
        rules: [
          { name: 'r', when: 'userType eq', grant },
          { name: 's', when: 'nothing eq "x"', grant },
        ],
      }),
    ).toEqual(['userAttributes[0].from', 'rules[0].when', 'rules[1].when'])
    expect(await paths({ rules: [{ name: 'r', directory: 'nowhere', group: 'G', grant }] })).toEqual([
      'rules[0].directory',
    ])
  })

  it('warns of a rule whose group nobody has', async () => {
    const document = {
      connections: [{ name: 'lake', dialect: 'postgres' }],
      rules: [{ name: 'r', group: 'Nobodies', grant: { role: 'viewer', on: 'lake' } }],
    }
    const { warnings } = (await call('POST', '/api/v1/apply', document)).json as {
      warnings: { path: string }[]
    }
    expect(warnings.map(({ path }) => path)).toContain('rules[0].group')
  })

  it('ends a token that is pasted whole, and never says it again', async () => {
    const { token } = await addDirectory(server, 'pasted')
    const unknown = `${token.slice(0, 3)}0000000000${token.slice(13)}`
    const refused = await call('DELETE', `/api/v1/tokens/${unknown}`)
    expect(refused.status).toBe(404)
    expect(refused.text).not.toContain(token.slice(14))
    expect((await call('DELETE', `/api/v1/tokens/${token}`)).status).toBe(204)
    expect((await call('GET', '/scim/v2/Users', undefined, token)).status).toBe(401)
  })

  it('removes a directory with its people, after its name was said once more', async () => {
    const { token } = await addDirectory(server, 'retired')
    const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'last' }
    await call('POST', '/scim/v2/Users', body, token)
    const unsure = await call('DELETE', '/api/v1/directories/retired')
    expect(unsure).toMatchObject({ status: 409, json: { detail: expect.stringContaining('owns 1 users') } })
    expect((await call('DELETE', '/api/v1/directories/retired?confirm=retired')).status).toBe(204)
    expect((await call('GET', '/scim/v2/Users', undefined, token)).status).toBe(401)
    expect((await call('GET', '/api/v1/directories/retired')).status).toBe(404)
  })

  it.each([['[1e999,"x"]'], ['[1.5,"x"]'], ['[1,"\\u0000"]'], ['["x",1]'], ['{}'], ['[']])(
    'refuses the made-up cursor %s',
    async (key) => {
      const cursor = Buffer.from(key).toString('base64url')
      expect((await call('GET', `/api/v1/assignments?cursor=${cursor}`)).status).toBe(400)
    },
  )

  it('refuses a parameter that stands there twice', async () => {
    const answer = await call('GET', '/api/v1/resolve?user=a&user=b&connection=lake')
    expect(answer).toMatchObject({ status: 400, json: { errors: [{ path: 'user' }] } })
  })

  it('says what is wrong with a parameter', async () => {
    const answer = await call('GET', '/api/v1/assignments?limit=0&decision=perhaps')
    expect(answer.status).toBe(400)
    expect((answer.json as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual([
      'decision',
      'limit',
    ])
    expect((await call('GET', '/api/v1/assignments?cursor=abc')).status).toBe(400)
    expect((await call('GET', '/api/v1/resolve?connection=lake')).json).toMatchObject({
      errors: [{ path: 'user' }],
    })
  })

  it('describes itself with a document that holds every path', async () => {
    const { json } = await call('GET', '/openapi.json', undefined, null)
    const { openapi, paths } = json as { openapi: string; paths: Record<string, object> }
    expect(openapi).toMatch(/^3\.1/)
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/resolve', '/apply', '/users/{id}/access', '/tokens']),
    )
  })

  it('answers unknown paths, other methods and supervisors', async () => {
    expect((await call('GET', '/nothing')).status).toBe(404)
    expect((await call('GET', '/api/v1/nothing')).status).toBe(404)
    const other = await call('PUT', '/api/v1/status', {})
    expect([other.status, other.headers.allow]).toEqual([405, 'GET'])
    expect((await call('GET', '/healthz', undefined, null)).json).toEqual({ status: 'ok' })
    expect((await call('GET', '/readyz', undefined, null)).json).toEqual({ status: 'ok' })
  })
})
