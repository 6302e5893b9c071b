import { beforeAll, describe, expect, it } from '@jest/globals'
import { send } from '../../support/wire.ts'
import {
  addGroup,
  addUser,
  expectError,
  GROUP,
  onEachEngine,
  PATCH_OP,
  SEARCH_REQUEST,
  USER,
  type Answer,
  type Client,
} from './stage.ts'

onEachEngine((stage) => {
  let client: Client
  let user: string
  let group: string
  beforeAll(async () => {
    client = await stage().open()
    user = `/Users/${await addUser(client, 'ada', { title: 'x' })}`
    group = `/Groups/${await addGroup(client, 'team', [user.split('/')[2] ?? ''])}`
  })

  const fill = (line: string) => line.replace('{user}', user).replace('{group}', group)
  const change = (path: string, value: unknown) => ({
    schemas: [PATCH_OP],
    Operations: [{ op: 'replace', path, value }],
  })

  describe('an answer', () => {
    it.each([
      [null, 'scim+json'],
      ['', 'scim+json'],
      ['application/scim+json', 'scim+json'],
      ['Application/SCIM+JSON; charset=utf-8', 'scim+json'],
      ['application/json', 'json'],
      ['application/json, text/plain, */*', 'scim+json'],
      ['application/json;q=1, application/scim+json;q=0.5', 'json'],
      ['application/json;q=0.5, application/scim+json', 'scim+json'],
      ['application/scim+json;q=0, */*', 'json'],
      ['application/*', 'scim+json'],
      ['*/*;q=0.1', 'scim+json'],
      ['text/html, image/gif, *; q=.2, */*; q=.2', 'scim+json'],
    ])('HTTP-02 HTTP-03 to Accept %j is %s', async (accept, type) => {
      for (const line of [
        'GET {user}',
        'GET /Users',
        'GET /',
        'GET /Schemas',
        'GET /ServiceProviderConfig',
      ]) {
        const answer = await client(fill(line), { headers: { Accept: accept } })
        expect(answer.status).toBe(200)
        expect(answer.headers['content-type']).toBe(`application/${type}; charset=utf-8`)
      }
    })

    it.each(['text/html', 'application/xml, text/*', 'application/json;q=0', 'nothing'])(
      'HTTP-04 to Accept %s is 406, and nothing was done',
      async (accept) => {
        const body = { schemas: [USER], userName: 'never' }
        const lines = [
          'GET {user}',
          'GET /Users',
          'POST /Users',
          'POST /Bulk',
          'DELETE {user}',
          'GET /Schemas',
        ]
        for (const line of lines) {
          const sent = line.startsWith('POST') ? { body } : {}
          expectError(await client(fill(line), { ...sent, headers: { Accept: accept } }), 406)
        }
        expect((await client('GET /Users')).json.totalResults).toBe(1)
      },
    )

    it('HTTP-02 that is an error is SCIM whatever the client reads', async () => {
      expectError(await client('GET /Users/nobody', { headers: { Accept: 'application/json' } }), 404)
    })

    it.each([
      ['application/scim+json', 200],
      ['application/json', 200],
      ['application/json; charset=UTF-8', 200],
      ['Application/SCIM+JSON;charset="utf-8"', 200],
      ['application/scim+json; charset=latin1', 415],
      ['application/merge-patch+json', 415],
      ['application/x-www-form-urlencoded', 415],
      ['text/plain', 415],
      [null, 415],
    ])('HTTP-03 HTTP-04 to a body of type %s is %i', async (type, status) => {
      const lines: [string, object][] = [
        ['PATCH {user}', change('title', 'x')],
        ['POST /Users/.search', { schemas: [SEARCH_REQUEST] }],
        ['POST /.search', { schemas: [SEARCH_REQUEST] }],
      ]
      for (const [line, body] of lines) {
        const answer = await client(fill(line), { body, headers: { 'Content-Type': type } })
        if (status === 200) expect(answer.status).toBe(200)
        else expectError(answer, status)
      }
      const bulk = await client('POST /Bulk', { body: '{}', headers: { 'Content-Type': type } })
      expect(bulk.status).toBe(status === 200 ? 400 : status)
    })

    it.each([
      '{user}',
      '{group}',
      '/Users',
      '/',
      '/Schemas',
      '/ServiceProviderConfig',
      '/ResourceTypes/User',
    ])('RFC 9110 to HEAD of %s is that to GET without its body', async (path) => {
      const [head, get] = [await client(fill(`HEAD ${path}`)), await client(fill(`GET ${path}`))]
      expect(head.status).toBe(200)
      expect(head.text).toBe('')
      for (const name of ['content-type', 'content-length', 'etag', 'location', 'content-location']) {
        expect([name, head.headers[name]]).toEqual([name, get.headers[name]])
      }
    })

    it.each([
      ['/', 'GET, HEAD, OPTIONS'],
      ['/Users', 'GET, HEAD, POST, OPTIONS'],
      ['{user}', 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
      ['/Groups/nobody', 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
      ['/Bulk', 'POST, OPTIONS'],
      ['/Users/.search', 'POST, OPTIONS'],
      ['/Schemas', 'GET, HEAD, OPTIONS'],
    ])('HTTP-12 to OPTIONS of %s names the methods', async (path, allow) => {
      const answer = await client(fill(`OPTIONS ${path}`))
      expect(answer.status).toBe(204)
      expect(answer.headers.allow).toBe(allow)
      const refused = await client(fill(`PROPFIND ${path}`))
      expectError(refused, 405)
      expect(refused.headers.allow).toBe(allow)
    })

    it.each(['{user}', '{group}', '/ServiceProviderConfig', '/ResourceTypes/User', `/Schemas/${USER}`])(
      'HTTP-17 RES-19 SCH-12 to GET of %s tells where it is',
      async (path) => {
        const { headers, json, text } = await client(fill(`GET ${path}`))
        expect(headers.location).toBe(json.meta.location)
        expect(headers['content-location']).toBe(json.meta.location)
        const again = await send(json.meta.location, {
          method: 'GET',
          path: '',
          headers: { Authorization: `Bearer ${client.directory.token}` },
        })
        expect(again.text).toBe(text)
      },
    )

    it('HTTP-15 ignores what it does not know', async () => {
      expect((await client('GET /Users?nothing=1&nothing=2')).status).toBe(200)
      for (const name of ['sortBy', 'cursor', 'count', 'attributes']) {
        expectError(await client(`GET /Users?${name}=a&${name}=b`), 400, 'invalidValue')
      }
    })
  })

  describe('a version of the protocol', () => {
    const at = (path: string) =>
      send(stage().server.url, {
        method: 'GET',
        path,
        headers: { Authorization: `Bearer ${client.directory.token}` },
      }) as Promise<Answer>

    it('HTTP-14 that nobody names is the newest', async () => {
      for (const path of ['/Users', user, group, '/Schemas', '/', '?count=1', '']) {
        const [plain, versioned] = [await at(`/scim${path}`), await at(`/scim/v2${path}`)]
        expect(plain.status).toBe(200)
        expect(plain.text).toBe(versioned.text)
      }
    })

    it.each(['/scim/v1/Users', '/scim/v3', '/scim/v2.1/Users', '/scim/v20/Users', '/scim/v1'])(
      'HTTP-14 is refused at %s',
      async (path) => expectError(await at(path), 400, 'invalidVers'),
    )
  })

  describe('/Me', () => {
    it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('ME-01 ME-02 is nobody for %s', async (method) => {
      const body = method === 'GET' || method === 'DELETE' ? undefined : { schemas: [USER], userName: 'me' }
      expectError(await client(`${method} /Me`, { body }), 501)
    })
  })

  describe('what a write gives back', () => {
    const writes: Record<string, [() => string, object]> = {
      'POST of a user': [() => 'POST /Users', { schemas: [USER], userName: '?' }],
      'PUT of a user': [() => `PUT ${user}`, { schemas: [USER], userName: 'ada', title: '?' }],
      'PATCH of a user': [() => `PATCH ${user}`, change('title', '?')],
      'POST of a group': [() => 'POST /Groups', { schemas: [GROUP], displayName: '?' }],
      'PUT of a group': [() => `PUT ${group}`, { schemas: [GROUP], displayName: '?' }],
      'PATCH of a group': [() => `PATCH ${group}`, change('displayName', '?')],
    }
    let names = 0
    const write = (name: string, parameters = '', prefer: string | null = null) => {
      const [line, body] = writes[name] ?? [() => '', {}]
      const fresh = JSON.stringify(body).replace('"?"', `"name ${(names += 1)}"`)
      return client(line() + parameters, { body: fresh, headers: { Prefer: prefer } })
    }

    it.each(Object.keys(writes))(
      'CRT-07 PAT-12 to %s has the attributes that were asked for',
      async (name) => {
        const only = await write(name, '?attributes=displayName,userName')
        expect([200, 201]).toContain(only.status)
        expect(Object.keys(only.json).toSorted()).toEqual(
          [...(name.includes('user') ? ['userName'] : ['displayName']), 'id', 'schemas'].toSorted(),
        )
        const without = await write(name, '?excludedAttributes=meta,members')
        expect([200, 201]).toContain(without.status)
        expect(without.json).not.toHaveProperty('meta')
        expect(without.json.id).toBeDefined()
        expect(without.headers.etag).toMatch(/^W\/"\d+(-\w+)?"$/)
      },
    )

    it.each(Object.keys(writes))('HTTP-16 to %s is what GET gives next', async (name) => {
      const answer = await write(name, '', 'return=representation')
      expect(answer.headers['preference-applied']).toBe('return=representation')
      const next = await client(`GET /${String(answer.headers.location).split('/').slice(-2).join('/')}`)
      expect(answer.json).toEqual(next.json)
    })

    it.each(Object.keys(writes))('RFC 7240 to %s is nothing when the client prefers that', async (name) => {
      for (const prefer of ['return=minimal', 'respond-async, Return = "minimal"; x=1']) {
        const answer = await write(name, '', prefer)
        expect(answer.status).toBe(name.startsWith('POST') ? 201 : 204)
        expect(answer.text).toBe('')
        expect(answer.headers).toMatchObject({
          'preference-applied': 'return=minimal',
          etag: expect.any(String),
          location: expect.stringMatching(/\/scim\/v2\/(Users|Groups)\//),
        })
        expect(answer.headers).not.toHaveProperty('content-type')
      }
      const asked = await write(name, '?attributes=id', 'return=minimal')
      expect(Object.keys(asked.json)).toEqual(['schemas', 'id'])
      expect(asked.headers).not.toHaveProperty('preference-applied')
    })
  })
})
