import { beforeEach, describe, expect, it } from '@jest/globals'
import {
  addGroup,
  addUser,
  BULK_REQUEST,
  ENTERPRISE,
  expectError,
  GROUP,
  onEachEngine,
  PATCH_OP,
  query,
  USER,
  type Answer,
  type Client,
} from './stage.ts'

interface Result {
  readonly method?: string
  readonly status: string
  readonly location?: string
  readonly bulkId?: string
  readonly version?: string
  readonly response?: { readonly scimType?: string; readonly detail: string }
}

const post = (bulkId: string, data: object, path = '/Users') => ({ method: 'POST', path, bulkId, data })
const person = (userName: string, more: object = {}) => ({ schemas: [USER], userName, ...more })
const team = (displayName: string, ...members: string[]) => ({
  schemas: [GROUP],
  displayName,
  members: members.map((value) => ({ value })),
})
const changes = (...Operations: object[]) => ({ schemas: [PATCH_OP], Operations })
const errors = (results: readonly Result[]): string[] =>
  results.map(({ status, response }) => [status, response?.scimType].filter(Boolean).join(' '))

onEachEngine((stage) => {
  let client: Client
  beforeEach(async () => {
    client = await stage().open()
  })

  const send = (Operations: readonly unknown[], more: object = {}): Promise<Answer> =>
    client('POST /Bulk', { body: { schemas: [BULK_REQUEST], Operations, ...more } })
  const run = async (Operations: readonly unknown[], more: object = {}): Promise<Result[]> => {
    const answer = await send(Operations, more)
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: answer.text })
    expect(answer.json['schemas']).toEqual(['urn:ietf:params:scim:api:messages:2.0:BulkResponse'])
    expect(JSON.stringify(await everything())).not.toMatch(/bulkId/)
    return answer.json['Operations'] as Result[]
  }
  const everything = async () => (await client('GET /')).json.Resources
  const names = async (): Promise<string[]> =>
    (await everything()).map((one) => String(one['userName'] ?? one['displayName']))
  const idOf = (result: Result | undefined): string => String(result?.location?.split('/').at(-1))
  const membersOf = async (id: string): Promise<string[]> =>
    ((await client(`GET /Groups/${id}`)).json.members ?? []).map(({ value }) => value)

  describe('a bulk request', () => {
    it('BLK-04 BLK-07 BLK-12 tells of each operation what became of it', async () => {
      const [old, gone] = [await addUser(client, 'old'), await addUser(client, 'gone')]
      const results = await run([
        post('a', person('new')),
        { method: 'PUT', path: `/Users/${old}`, data: person('older') },
        { method: 'PATCH', path: `/Users/${old}`, data: changes({ op: 'add', path: 'title', value: 'x' }) },
        { method: 'DELETE', path: `/Users/${gone}` },
        post('b', person('OLDER')),
        { method: 'DELETE', path: `/Users/${gone}` },
      ])
      const base = `${stage().server.url}/scim/v2/Users`
      const location = `${base}/${old}`
      const response = { schemas: expect.anything(), detail: expect.any(String) }
      expect(results).toEqual([
        {
          location: expect.stringContaining(base),
          method: 'POST',
          bulkId: 'a',
          version: 'W/"1"',
          status: '201',
        },
        { location, method: 'PUT', version: 'W/"2"', status: '204' },
        { location, method: 'PATCH', version: 'W/"3"', status: '204' },
        { location: `${base}/${gone}`, method: 'DELETE', status: '204' },
        {
          method: 'POST',
          bulkId: 'b',
          status: '409',
          response: { ...response, status: '409', scimType: 'uniqueness' },
        },
        {
          location: `${base}/${gone}`,
          method: 'DELETE',
          status: '404',
          response: { ...response, status: '404' },
        },
      ])
      expect((await client(`GET /Users/${idOf(results[0])}`)).json['userName']).toBe('new')
      expect(await names()).toEqual(['older', 'new'])
    })

    it('BLK-05 tries all operations, whatever fails', async () => {
      const results = await run([{ method: 'GET', path: '/Users' }, 7, post('a', person('a'))])
      expect(errors(results)).toEqual(['400 invalidValue', '400 invalidSyntax', '201'])
    })

    it.each([
      [1, ['201', '409 uniqueness'], ['a']],
      [2, ['201', '409 uniqueness', '201', '400 invalidValue'], ['a', 'b']],
      [3, ['201', '409 uniqueness', '201', '400 invalidValue', '201'], ['a', 'b', 'c']],
    ])('BLK-06 stops after %i errors', async (failOnErrors, statuses, stored) => {
      const operations = [
        post('a', person('a')),
        post('a2', person('A')),
        post('b', person('b')),
        post('none', { schemas: [USER] }),
        post('c', person('c')),
      ]
      expect(errors(await run(operations, { failOnErrors }))).toEqual(statuses)
      expect(await names()).toEqual(stored)
    })

    it.each([0, -1, 1.5, '1', true])('BLK-06 does nothing with failOnErrors %j', async (failOnErrors) => {
      expectError(await send([post('a', person('a'))], { failOnErrors }), 400, 'invalidValue')
      expect(await names()).toEqual([])
    })

    it.each([
      ['a text', '"x"'],
      ['a list', '[]'],
      ['no schemas', '{"Operations":[]}'],
      ['another message', `{"schemas":["${PATCH_OP}"],"Operations":[]}`],
      ['no operations', `{"schemas":["${BULK_REQUEST}"]}`],
      ['operations that are no list', `{"schemas":["${BULK_REQUEST}"],"Operations":{}}`],
    ])('BLK-01 is refused as a whole when it is %s', async (_what, body) => {
      expectError(await client('POST /Bulk', { body }), 400, 'invalidSyntax')
    })
  })

  describe('an operation', () => {
    it.each([
      ['an unknown method', { method: 'GET', path: '/Users' }, 'invalidValue'],
      ['no method', { path: '/Users', bulkId: 'x', data: {} }, 'invalidValue'],
      ['a POST without bulkId', { method: 'POST', path: '/Users', data: person('x') }, 'invalidValue'],
      ['a POST to a resource', post('x', person('x'), '/Users/1'), 'invalidPath'],
      ['a POST without data', { method: 'POST', path: '/Users', bulkId: 'x' }, 'invalidSyntax'],
      ['a PUT without data', { method: 'PUT', path: '/Users/1' }, 'invalidSyntax'],
      ['a PATCH without data', { method: 'PATCH', path: '/Users/1', data: [] }, 'invalidSyntax'],
      ['a DELETE of all', { method: 'DELETE', path: '/Users' }, 'invalidPath'],
      ['a path of another type', { ...post('x', person('x')), path: 7 }, 'invalidValue'],
      ['no path', { method: 'DELETE' }, 'invalidPath'],
    ])('BLK-02 fails alone with %s', async (_what, operation, scimType) => {
      expect(errors(await run([operation, post('a', person('a'))]))).toEqual([`400 ${scimType}`, '201'])
    })

    it('BLK-02 fails with a bulkId that was there before', async () => {
      const results = await run([post('a', person('a')), post('a', person('b'))])
      expect(errors(results)).toEqual(['201', '400 invalidValue'])
    })

    it.each([
      'http://127.0.0.1/scim/v2/Users',
      '//Users',
      'Users',
      '/users',
      '/Users/',
      '/Users?count=1',
      '/Users/../Groups',
      '/Users/..',
      '/Users/%2e%2e',
      '/Users/a%2fb',
      '/Users/%00',
      '/Users/%E0%A4%A',
      '/Users/1/emails',
      '/Users/.search',
      '/.search',
      '/Bulk',
      '/Me',
      '/Schemas',
      '/ServiceProviderConfig',
      '/api/v1/tokens',
      '',
    ])('BLK-03 does not go to %s', async (path) => {
      const data = person('x')
      const methods = ['POST', 'PUT', 'PATCH', 'DELETE']
      const results = await run(methods.map((method) => ({ method, path, bulkId: method, data })))
      expect(errors(results)).toEqual(methods.map(() => '400 invalidPath'))
      expect(await names()).toEqual([])
    })

    it('BLK-13 C-CON carries its version as a condition', async () => {
      const id = await addUser(client, 'ada')
      const path = `/Users/${id}`
      const results = await run([
        { method: 'PUT', path, version: 'W/"1"', data: person('ada', { title: 'first' }) },
        { method: 'PUT', path, version: 'W/"1"', data: person('ada', { title: 'second' }) },
        { method: 'DELETE', path, version: 'W/"7"' },
      ])
      expect(results.map(({ status }) => status)).toEqual(['204', '412', '412'])
      expect((await client(`GET ${path}`)).json['title']).toBe('first')
    })

    it('BLK-15 sees nothing of another directory, and is recorded like a single request', async () => {
      const stranger = await stage().open()
      const theirs = await addUser(stranger, 'theirs')
      const nobody = '00000000-0000-4000-8000-00000000beef'
      const results = await run(
        [theirs, nobody].flatMap((id) => [
          { method: 'PUT', path: `/Users/${id}`, data: person('x') },
          { method: 'DELETE', path: `/Users/${id}` },
        ]),
      )
      expect(errors(results)).toEqual(['404', '404', '404', '404'])
      expect((await stranger(`GET /Users/${theirs}`)).status).toBe(200)

      await run([post('a', person('a'))])
      const { engine } = stage().server.ctx
      const rows = await engine.read
        .selectFrom('audit')
        .select('action')
        .where('directory_id', '=', client.directory.id)
        .where('action', 'like', 'user.%')
        .execute()
      expect(rows).toEqual([{ action: 'user.created' }])
    })
  })

  describe('a reference by bulkId', () => {
    it('BLK-08 is replaced wherever it stands', async () => {
      const boss = await addUser(client, 'boss')
      const results = await run([
        post('team', team('Team', 'bulkId:ada', boss), '/Groups'),
        post('ada', person('ada', { [ENTERPRISE]: { manager: { value: 'bulkId:max' } } })),
        post('max', person('max')),
        {
          method: 'PATCH',
          path: '/Groups/bulkId:team',
          data: changes(
            { op: 'add', path: 'members', value: [{ value: 'bulkId:max', $ref: '../Users/bulkId:max' }] },
            { op: 'remove', path: `members[value eq "bulkId:ada"]` },
          ),
        },
        {
          method: 'PATCH',
          path: '/Users/bulkId:max',
          data: changes({ op: 'add', path: `${ENTERPRISE}:manager`, value: 'bulkId:ada' }),
        },
        { method: 'DELETE', path: `/Users/${boss}` },
      ])
      expect(errors(results)).toEqual(['201', '201', '201', '204', '204', '204'])
      const [group, ada, max] = results.map(idOf)
      expect(await membersOf(group ?? '')).toEqual([max])
      expect(results[3]?.location).toBe(results[0]?.location)
      const manager = async (id = '') =>
        ((await client(`GET /Users/${id}`)).json[ENTERPRISE] as { manager: { value: string } }).manager.value
      expect([await manager(ada), await manager(max)]).toEqual([max, ada])
    })

    it('BLK-09 leads to the same result in any order', async () => {
      const operations = [
        post('all', team('All', 'bulkId:a', 'bulkId:some'), '/Groups'),
        post('some', team('Some', 'bulkId:b'), '/Groups'),
        post('a', person('a')),
        post('b', person('b')),
      ]
      const orders = [operations, operations.toReversed(), [2, 0, 3, 1].map((i) => operations[i])]
      const seen: unknown[] = []
      for (const order of orders) {
        client = await stage().open()
        const results = await run(order)
        expect(errors(results)).toEqual(['201', '201', '201', '201'])
        expect(results.map(({ bulkId }) => bulkId)).toEqual(order.map((each) => each?.bulkId))
        const groups = (await client(`GET /Groups${query({ sortBy: 'displayName' })}`)).json.Resources
        seen.push(
          groups.map(({ displayName, members }) => [
            displayName,
            (members as unknown as { display: string }[]).map(({ display }) => display).toSorted(),
          ]),
        )
      }
      expect(seen[0]).toEqual([
        ['All', ['Some', 'a']],
        ['Some', ['b']],
      ])
      expect(seen).toEqual(orders.map(() => seen[0]))
    })

    it('BLK-09 moves nothing but the creation that it needs', async () => {
      const id = await addGroup(client, 'Team')
      const results = await run([
        {
          method: 'PATCH',
          path: `/Groups/${id}`,
          data: changes({ op: 'add', path: 'members', value: [{ value: 'bulkId:ada' }] }),
        },
        { method: 'DELETE', path: `/Groups/${id}` },
        post('ada', person('ada')),
      ])
      expect(errors(results)).toEqual(['204', '204', '201'])
    })

    it('BLK-09 moves several creations in the order in which they were sent', async () => {
      const results = await run([
        {
          method: 'PATCH',
          path: '/Users/bulkId:second',
          data: changes({ op: 'add', path: `${ENTERPRISE}:manager`, value: { value: 'bulkId:first' } }),
        },
        post('first', person('ada')),
        post('second', person('ADA')),
      ])
      expect(errors(results)).toEqual(['400 invalidValue', '201', '409 uniqueness'])
    })

    it('BLK-09 C-BLK-01 follows a chain of a thousand', async () => {
      const operations = Array.from({ length: 1000 }, (_, i) =>
        i === 999
          ? post('g999', team('last'), '/Groups')
          : post(`g${i}`, team(`g${i}`, `bulkId:g${i + 1}`), '/Groups'),
      )
      const results = await run(operations)
      expect(new Set(errors(results))).toEqual(new Set(['201']))
      expect(await membersOf(idOf(results[0]))).toEqual([idOf(results[1])])
    }, 120_000)

    it('BLK-10 may lead in a circle', async () => {
      const manager = (value: string) => ({ [ENTERPRISE]: { department: 'x', manager: { value } } })
      const results = await run([
        post('a', team('A', 'bulkId:b'), '/Groups'),
        post('b', team('B', 'bulkId:c', 'bulkId:u'), '/Groups'),
        post('c', team('C', 'bulkId:a', 'bulkId:c'), '/Groups'),
        post('u', person('u', manager('bulkId:v'))),
        post('v', person('v', manager('bulkId:u'))),
        post('self', person('self', manager('bulkId:self'))),
      ])
      expect(errors(results)).toEqual(['201', '201', '201', '201', '201', '201'])
      const [a = '', b = '', c = '', u = '', v = '', self = ''] = results.map(idOf)
      expect(await membersOf(a)).toEqual([b])
      expect(await membersOf(b)).toEqual([c, u].toSorted())
      expect(await membersOf(c)).toEqual([a, c].toSorted())
      for (const [id, other] of [
        [u, v],
        [v, u],
        [self, self],
      ]) {
        const answer = await client(`GET /Users/${id}`)
        expect(answer.json[ENTERPRISE]).toEqual({
          department: 'x',
          manager: expect.objectContaining({ value: other }),
        })
        // Who refers to somebody later is in the tag of the representation, not in the version.
        const versionIn = (tag: string | undefined) => tag?.replace(/-\w+/, '')
        const result = results.find(({ location }) => location?.endsWith(String(id)))
        expect(versionIn(result?.version)).toBe(versionIn(answer.headers.etag))
      }
    })

    it('BLK-10 takes back what cannot be completed', async () => {
      await addUser(client, 'taken')
      const manager = (value: string) => ({ [ENTERPRISE]: { manager: { value } } })
      const operations = [
        post('u', person('taken', manager('bulkId:v'))),
        post('v', person('v', manager('bulkId:u'))),
      ]
      expect(errors(await run(operations))).toEqual(['409 uniqueness', '400 invalidValue'])
      expect(errors(await run(operations, { failOnErrors: 1 }))).toEqual([
        '409 uniqueness',
        '400 invalidValue',
      ])
      expect(await names()).toEqual(['taken'])
    })

    it.each(['bulkId:nobody', 'bulkId:failed', 'bulkId:later', 'bulkId:'])(
      'BLK-11 to %s fails',
      async (reference) => {
        const group = await addGroup(client, 'Team')
        const data = changes({ op: 'add', path: 'members', value: [{ value: reference }] })
        const results = await run([
          post('failed', { schemas: [USER] }),
          post('g', team('G', reference), '/Groups'),
          { method: 'PATCH', path: `/Groups/${group}`, data },
          { method: 'DELETE', path: `/Users/${reference}` },
          { method: 'PUT', path: '/Users/later', bulkId: 'later', data: person('x') },
        ])
        expect(errors(results).slice(0, 4)).toEqual(Array.from({ length: 4 }, () => '400 invalidValue'))
      },
    )
  })

  describe('the limits of bulk', () => {
    it('BLK-14 are told, and named when they are exceeded', async () => {
      const { bulk } = (await client('GET /ServiceProviderConfig')).json as unknown as {
        bulk: { supported: boolean; maxOperations: number; maxPayloadSize: number }
      }
      expect(bulk.supported).toBe(true)
      const operation = { method: 'DELETE', path: '/Users/x' }
      const many = await send(Array.from({ length: bulk.maxOperations + 1 }, () => operation))
      expectError(many, 413)
      expect(many.json.detail).toContain(`\`maxOperations\` is ${bulk.maxOperations}`)
      expect((await send(Array.from({ length: bulk.maxOperations }, () => operation))).status).toBe(200)

      const large = await client('POST /Bulk', { body: 'x'.repeat(bulk.maxPayloadSize + 1) })
      expectError(large, 413)
      expect(large.json.detail).toContain(`\`maxPayloadSize\`, ${bulk.maxPayloadSize} bytes`)
      const chunked = await client('POST /Bulk', {
        body: 'x'.repeat(bulk.maxPayloadSize + 1),
        headers: { 'Transfer-Encoding': 'chunked' },
      })
      expectError(chunked, 413)
    })
  })
})
