import { beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../../support/admin.ts'
import { send } from '../../support/wire.ts'
import {
  addUser,
  BULK_REQUEST,
  expectError,
  GROUP,
  LIST_RESPONSE,
  onEachEngine,
  PATCH_OP,
  ROLE,
  USER,
  type Answer,
  type Client,
} from './stage.ts'

interface Configuration {
  readonly schemas: readonly string[]
  readonly patch: Flag
  readonly bulk: Flag & { readonly maxOperations: number; readonly maxPayloadSize: number }
  readonly filter: Flag & { readonly maxResults: number }
  readonly changePassword: Flag
  readonly sort: Flag
  readonly etag: Flag
  readonly pagination: {
    readonly cursor: boolean
    readonly index: boolean
    readonly defaultPaginationMethod: string
    readonly defaultPageSize: number
    readonly maxPageSize: number
    readonly cursorTimeout: number
  }
  readonly authenticationSchemes: readonly { readonly type: string }[]
}

interface Flag {
  readonly supported: boolean
}

interface Attribute {
  readonly name: string
  readonly type: string
  readonly subAttributes?: readonly Attribute[]
}

const URN = 'urn:example:discovery:2.0:User'

onEachEngine((stage) => {
  let client: Client
  let told: Configuration
  beforeAll(async () => {
    await administer(stage().server, 'POST', '/apply', {
      extensions: [{ urn: URN, attributes: [{ name: 'level', type: 'integer' }] }],
    })
    client = await stage().open()
    told = (await client('GET /ServiceProviderConfig')).json as unknown as Configuration
  })

  const stranger = (line: string, headers: Record<string, string> = {}) => {
    const [method = '', path = ''] = line.split(' ')
    return send(`${stage().server.url}/scim/v2`, { method, path, headers }) as Promise<Answer>
  }

  /** What each flag promises: a request that succeeds where it is true, and is refused where it is false. */
  const probes: Record<string, { says(): boolean; does(): Promise<boolean> }> = {
    patch: {
      says: () => told.patch.supported,
      async does() {
        const id = await addUser(client, 'patch')
        const body = { schemas: [PATCH_OP], Operations: [{ op: 'add', path: 'title', value: 'x' }] }
        return (await client(`PATCH /Users/${id}`, { body })).json['title'] === 'x'
      },
    },
    bulk: {
      says: () => told.bulk.supported,
      async does() {
        const Operations = [{ method: 'DELETE', path: '/Users/nobody' }]
        const answer = await client('POST /Bulk', { body: { schemas: [BULK_REQUEST], Operations } })
        return answer.status === 200
      },
    },
    filter: {
      says: () => told.filter.supported,
      async does() {
        await addUser(client, 'filter')
        return (await client('GET /Users?filter=userName%20eq%20%22filter%22')).json.totalResults === 1
      },
    },
    changePassword: {
      says: () => told.changePassword.supported,
      async does() {
        const id = await addUser(client, 'password')
        const before = (await client(`GET /Users/${id}`)).headers.etag
        const body = {
          schemas: [PATCH_OP],
          Operations: [{ op: 'replace', path: 'password', value: 'secret' }],
        }
        return (await client(`PATCH /Users/${id}`, { body })).headers.etag !== before
      },
    },
    sort: {
      says: () => told.sort.supported,
      async does() {
        await addUser(client, 'sort b')
        await addUser(client, 'sort a')
        const { json } = await client('GET /Users?sortBy=userName&filter=userName%20sw%20%22sort%22')
        return json.Resources[0]?.['userName'] === 'sort a'
      },
    },
    etag: {
      says: () => told.etag.supported,
      async does() {
        const id = await addUser(client, 'etag')
        const answer = await client(`GET /Users/${id}`, { headers: { 'If-None-Match': 'W/"1"' } })
        return answer.status === 304
      },
    },
    'pagination.cursor': {
      says: () => told.pagination.cursor,
      does: async () => (await client('GET /Users?cursor=&count=1')).json.nextCursor !== undefined,
    },
    'pagination.index': {
      says: () => told.pagination.index,
      does: async () => (await client('GET /Users?startIndex=2&count=1')).json.startIndex === 2,
    },
    'pagination.defaultPaginationMethod': {
      says: () => told.pagination.defaultPaginationMethod === 'index',
      does: async () => (await client('GET /Users?count=1')).json.startIndex === 1,
    },
  }

  describe('discovery', () => {
    it.each(Object.entries(probes))('DSC-03 says of %s what is done', async (_name, { says, does }) => {
      expect(says()).toBe(await does())
    })

    it('DSC-01 DSC-02 has one configuration with everything that it must have', () => {
      expect(told.schemas).toEqual(['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'])
      expect(told).toMatchObject({
        bulk: { maxOperations: expect.any(Number), maxPayloadSize: expect.any(Number) },
        filter: { maxResults: expect.any(Number) },
        authenticationSchemes: expect.arrayContaining([
          {
            type: 'oauthbearertoken',
            name: expect.any(String),
            description: expect.any(String),
            specUri: expect.any(String),
            primary: true,
          },
        ]),
      })
      for (const flag of [told.patch, told.bulk, told.filter, told.changePassword, told.sort, told.etag])
        expect(typeof flag.supported).toBe('boolean')
    })

    it('DSC-03 PAG-04 tells the size of pages', async () => {
      const { Resources, ...rest } = (await client('GET /Users?count=100000')).json
      expect(Resources.length).toBeLessThanOrEqual(told.filter.maxResults)
      expect(rest.itemsPerPage).toBe(Resources.length)
      expect(told.pagination.maxPageSize).toBe(told.filter.maxResults)
      expect(told.pagination.defaultPageSize).toBeLessThanOrEqual(told.pagination.maxPageSize)
    })

    it('DSC-04 tells how to come in without a token, and nothing else', async () => {
      const answer = await stranger('GET /ServiceProviderConfig')
      expect(answer.status).toBe(200)
      expect(answer.json).toEqual(told)
      for (const path of ['/Schemas', '/ResourceTypes', '/Users', '/', '/Me'])
        expectError(await stranger(`GET ${path}`), 401)
      expectError(await stranger('GET /ServiceProviderConfig', { Authorization: 'Bearer wrong' }), 401)
      expectError(await stranger('POST /ServiceProviderConfig'), 401)
      expectError(await stranger('GET /ServiceProviderConfig?access_token=x'), 400, 'invalidSyntax')
    })

    it.each([
      ['/Schemas', URN],
      ['/Schemas', USER],
      ['/Schemas', ROLE],
      ['/ResourceTypes', 'User'],
      ['/ResourceTypes', 'Group'],
      ['/ResourceTypes', 'Role'],
    ])('DSC-05 lists %s, and has %s alone', async (path, id) => {
      const { json } = await client(`GET ${path}`)
      expect(json['schemas']).toEqual([LIST_RESPONSE])
      expect(json.totalResults).toBe(json.Resources.length)
      const listed = json.Resources.find((one) => one.id === id)
      expect(listed).toBeDefined()
      expect((await client(`GET ${path}/${id}`)).json).toEqual(listed)
      expect((await client(`GET ${path}/${id.toUpperCase()}`)).json).toEqual(listed)
      expectError(await client(`GET ${path}/nothing`), 404)
    })

    it.each(['/Schemas', '/ResourceTypes', '/ServiceProviderConfig'])(
      'DSC-06 DSC-07 ignores all parameters of %s but a filter',
      async (path) => {
        const parameters = 'startIndex=2&count=1&sortBy=nothing&sortOrder=up&cursor=x&attributes=id'
        const whole = await client(`GET ${path}`)
        expect((await client(`GET ${path}?${parameters}`)).text).toBe(whole.text)
        expectError(await client(`GET ${path}?filter=id%20pr`), 403)
      },
    )

    it('DSC-07 refuses a filter over one of them too', async () => {
      expectError(await client(`GET /Schemas/${USER}?filter=id%20pr`), 403)
      expectError(await client('GET /ResourceTypes/User?filter=id%20pr'), 403)
    })

    it('DSC-08 DSC-11 SCH-30 names no schema that is not described, and describes no message', async () => {
      const schemas = (await client('GET /Schemas')).json.Resources.map(({ id }) => id)
      const types = (await client('GET /ResourceTypes')).json.Resources as unknown as {
        name: string
        endpoint: string
        schema: string
        schemaExtensions?: { schema: string; required: boolean }[]
      }[]
      for (const { schema, schemaExtensions = [], endpoint } of types) {
        expect(schemas).toEqual(
          expect.arrayContaining([schema, ...schemaExtensions.map((each) => each.schema)]),
        )
        expect((await client(`GET ${endpoint}`)).status).toBe(200)
      }
      expect(schemas.filter((urn) => urn.includes(':api:messages:'))).toEqual([])
    })

    it('DSC-09 tells of no attribute that the routes do not know', async () => {
      const { Resources } = (await client('GET /Schemas')).json
      for (const [endpoint, urns] of [
        ['/Users', [USER, URN]],
        ['/Groups', [GROUP]],
        ['/Roles', [ROLE]],
      ] as const) {
        for (const urn of urns) {
          const attributes = Resources.find(({ id }) => id === urn)?.['attributes'] as Attribute[]
          for (const { name } of attributes.filter(({ name }) => name !== 'password')) {
            const filter = encodeURIComponent(`${urn}:${name} pr`)
            expect([name, (await client(`GET ${endpoint}?filter=${filter}`)).status]).toEqual([name, 200])
          }
        }
      }
    })

    it.each([
      '/ServiceProviderConfig',
      '/Schemas',
      `/Schemas/${USER}`,
      '/ResourceTypes',
      '/ResourceTypes/User',
    ])('DSC-13 lets nobody write to %s', async (path) => {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const answer = await client(`${method} ${path}`)
        expectError(answer, 405)
        expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS')
      }
    })
  })
})
