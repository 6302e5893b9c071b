import { createServer, type AddressInfo } from 'node:net'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../../support/admin.ts'
import {
  addGroup,
  addUser,
  ENTERPRISE,
  expectError,
  GROUP,
  onEachEngine,
  PATCH_OP,
  query,
  USER,
  type Client,
} from './stage.ts'

onEachEngine((stage) => {
  let client: Client
  beforeAll(async () => {
    client = await stage().open()
  })
  const patch = (line: string, operations: readonly object[], to = client) =>
    to(`PATCH ${line}`, { body: { schemas: [PATCH_OP], Operations: operations } })
  const found = async (filter: string, to = client) =>
    (await to(`GET /Users${query({ filter })}`)).json.Resources.map(({ id }) => id)

  describe('a new resource', () => {
    it.each([
      ['/Users', { schemas: [USER], userName: 'new' }, 'User'],
      ['/Groups', { schemas: [GROUP], displayName: 'new' }, 'Group'],
    ])('CRT-01 RES-09 RES-17 RES-18 RES-21 at %s has an id, times and a place', async (path, body, type) => {
      const answer = await client(`POST ${path}`, { body: { ...body, externalId: 'x' } })
      expect(answer.status).toBe(201)
      const { id, meta } = answer.json
      expect(id).toMatch(/\S/)
      expect(answer.headers.location).toBe(meta.location)
      expect(meta).toMatchObject({
        resourceType: type,
        location: `${stage().server.url}/scim/v2${path}/${id}`,
      })
      expect(answer.json['meta']).toMatchObject({ created: (meta as { lastModified?: string }).lastModified })
      expect((await client(`GET ${path}/${id}`)).json).toEqual(answer.json)
      const schema = (await client(`GET /Schemas/${body.schemas[0]}`)).json['attributes'] as {
        name: string
      }[]
      const common = new Set(['id', 'externalId', 'meta', 'schemas'])
      expect(schema.filter(({ name }) => common.has(name))).toMatchObject([
        { name: 'externalId', caseExact: true, mutability: 'readWrite', required: false },
      ])
    })

    it('CRT-02 RES-11 RES-16 PUT-06 takes nothing that is the server’s from a client', async () => {
      const id = await addUser(client, 'before')
      const sent = {
        id,
        meta: { created: '2001-01-01T00:00:00Z', resourceType: 'Group', location: 'https://x.example' },
        groups: [{ value: 'g' }],
        [ENTERPRISE]: { manager: { value: 'm', displayName: 'Boss' } },
      }
      const body = { schemas: [USER, ENTERPRISE], userName: 'owned', ...sent }
      const created = (await client('POST /Users', { body })).json
      expect(created.id).not.toBe(id)
      expect(created).toMatchObject({ groups: [], meta: { resourceType: 'User' } })
      expect(created[ENTERPRISE]).toEqual({ manager: { value: 'm' } })
      const replaced = await client(`PUT /Users/${created.id}`, { body: { ...body, id: created.id } })
      expect(replaced.json).toEqual(created)
    })

    it('CRT-03 FLT-20 has its defaults, and is found by them', async () => {
      const id = await addUser(client, 'defaulted')
      expect((await client(`GET /Users/${id}`)).json['active']).toBe(true)
      expect(await found('userName eq "defaulted" and active eq true')).toEqual([id])
    })

    it('RES-10 RES-12 DEL-01 DEL-03 gets an id of its own, though its name was there before', async () => {
      const first = await addUser(client, 'again')
      const deleted = await client(`DELETE /Users/${first}`)
      expect([deleted.status, deleted.text]).toEqual([204, ''])
      for (const line of [`GET /Users/${first}`, `DELETE /Users/${first}`])
        expectError(await client(line), 404)
      const body = { schemas: [USER], userName: 'again' }
      expectError(await client(`PUT /Users/${first}`, { body }), 404)
      expectError(await patch(`/Users/${first}`, [{ op: 'replace', path: 'active', value: true }]), 404)
      expect(await found('userName eq "again"')).toEqual([])
      const second = await addUser(client, 'AGAIN')
      expect(second).not.toBe(first)
      for (const id of [first, second]) expect(id.toLowerCase()).not.toContain('bulkid')
      expectError(await client(`GET /Users/${first}`), 404)
    })

    it('RES-13 is not found under its id in capitals', async () => {
      const id = await addUser(client, 'exact')
      expect(id.toUpperCase()).not.toBe(id)
      expectError(await client(`GET /Users/${id.toUpperCase()}`), 404)
      expect(await found(`id eq "${id.toUpperCase()}"`)).toEqual([])
      expect(await found(`id eq "${id}"`)).toEqual([id])
    })

    it('RES-04 RES-05 lists its base schema and the extensions that have a value', async () => {
      const body = { schemas: [USER, ENTERPRISE], userName: 'listed', [ENTERPRISE]: {} }
      const { id, ...created } = (await client('POST /Users', { body })).json
      expect(created['schemas']).toEqual([USER])
      const set = await patch(`/Users/${id}`, [{ op: 'add', path: `${ENTERPRISE}:department`, value: 'd' }])
      expect(set.json).toMatchObject({ schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department: 'd' } })
      expect(set.json).not.toHaveProperty('department')
      const cleared = await patch(`/Users/${id}`, [{ op: 'remove', path: `${ENTERPRISE}:department` }])
      expect(cleared.json['schemas']).toEqual([USER])
      expect((await client(`GET /Users/${id}?attributes=userName`)).json['schemas']).toEqual([USER])
    })

    it('SCH-20 RES-03 SCH-13 is the same whether nothing is null, a list or absent, in any order', async () => {
      const put = async (body: object) =>
        (await client(`PUT /Users/${id}`, { body: { userName: 'empty', ...body } })).json
      const id = await addUser(client, 'empty', { title: 'x' })
      const first = await put({ schemas: [USER] })
      expect(await put({ title: null, emails: [], name: {}, schemas: [USER] })).toEqual(first)
      expect(await put({ schemas: [ENTERPRISE, USER.toUpperCase(), USER], nickName: null })).toEqual(first)
      for (const filter of ['title pr', 'emails pr', 'name pr'])
        expect(await found(`id eq "${id}" and ${filter}`)).toEqual([])
    })

    it('SCH-14 SCH-03 USR-18 is refused for what no schema can mean', async () => {
      const user = (more: object | string) => client('POST /Users', { body: more })
      const deep = { schemas: [USER], userName: 'deep', emails: [{ value: { value: { a: 'x' } } }] }
      expectError(await user(deep), 400, 'invalidValue')
      expectError(await user(`{"schemas":["${USER}"],"userName":"a","userName":"b"}`), 400, 'invalidSyntax')
      expect(await found('userName eq "b" or userName eq "deep"')).toEqual([])
    })
  })

  describe('an external id', () => {
    it('RES-14 RES-15 TEN-02 is exact, may stand twice, and belongs to its directory', async () => {
      const other = await stage().open()
      const ids = [
        await addUser(client, 'ext-1', { externalId: 'Ext' }),
        await addUser(client, 'ext-2', { externalId: 'Ext' }),
      ]
      await addUser(client, 'ext-3', { externalId: 'EXT' })
      const theirs = await addUser(other, 'ext-1', { externalId: 'Ext' })
      expect((await found('externalId eq "Ext"')).sort()).toEqual([...ids].sort())
      expect(await found('externalId eq "Ext"', other)).toEqual([theirs])
    })
  })

  describe('a directory', () => {
    it('TEN-01 TEN-03 is that of the token, whatever else a request says', async () => {
      const other = await stage().open()
      const id = await addUser(client, 'ours')
      const theirs = await addUser(other, 'ours')
      expect(theirs).not.toBe(id)
      const headers = { 'X-Tenant': other.directory.id, 'X-Directory': other.directory.id }
      const line = `GET /Users${query({ filter: 'userName eq "ours"', directory: other.directory.id })}`
      const answer = await client(line, { headers })
      expect(answer.json.Resources.map((user) => user.id)).toEqual([id])
      expectError(await client(`GET /Users/${theirs}`, { headers }), 404)
    })
  })

  describe('a replacement', () => {
    it('PUT-01 PUT-08 answers with the whole resource, of either type', async () => {
      const user = await addUser(client, 'put', { title: 'a', emails: [{ value: 'a' }, { value: 'b' }] })
      const body = { schemas: [USER], userName: 'put', emails: [{ value: 'c', primary: false }] }
      const answer = await client(`PUT /Users/${user}`, { body })
      expect(answer.status).toBe(200)
      expect(answer.json).toMatchObject({
        id: user,
        userName: 'put',
        emails: [{ value: 'c', primary: false }],
      })
      expect(answer.json).not.toHaveProperty('title')
      const group = await addGroup(client, 'put', [user])
      const renamed = await client(`PUT /Groups/${group}`, {
        body: { schemas: [GROUP], displayName: 'put again', members: [{ value: user }] },
      })
      expect([renamed.status, renamed.json['displayName']]).toEqual([200, 'put again'])
      expect((await client(`GET /Groups/${group}`)).json).toEqual(renamed.json)
    })

    it('PUT-02 creates nothing', async () => {
      const id = '00000000-0000-4000-8000-0000000000aa'
      expectError(await client(`PUT /Users/${id}`, { body: { schemas: [USER], userName: 'made' } }), 404)
      expectError(await client(`PUT /Groups/${id}`, { body: { schemas: [GROUP], displayName: 'made' } }), 404)
      expect(await found('userName eq "made"')).toEqual([])
    })

    it('PUT-07 is not in conflict with itself', async () => {
      const id = await addUser(client, 'self')
      const answer = await client(`PUT /Users/${id}`, { body: { schemas: [USER], userName: 'SELF' } })
      expect([answer.status, answer.json['userName']]).toEqual([200, 'SELF'])
    })
  })

  describe('a PATCH', () => {
    it('PAT-01 is done to users and groups, as the configuration says', async () => {
      const config = await client('GET /ServiceProviderConfig')
      expect(config.json['patch']).toEqual({ supported: true })
      const user = await addUser(client, 'patched')
      const group = await addGroup(client, 'patched')
      const operations = [{ op: 'replace', path: 'displayName', value: 'P' }]
      expect((await patch(`/Users/${user}`, operations)).status).toBe(200)
      expect((await patch(`/Groups/${group}`, operations)).status).toBe(204)
      for (const path of [`/Users/${user}`, `/Groups/${group}`])
        expect((await client(`GET ${path}`)).json['displayName']).toBe('P')
    })
  })

  describe('a list', () => {
    let counted: Client
    beforeAll(async () => {
      counted = await stage().open()
      for (const name of ['a', 'b', 'c']) await addUser(counted, name)
    })

    it('PAG-02 of no match is empty', async () => {
      const answer = await counted(`GET /Users${query({ filter: 'userName eq "nobody"' })}`)
      expect(answer.status).toBe(200)
      expect(answer.json).toMatchObject({ totalResults: 0, Resources: [] })
    })

    it.each([
      [{}, 1, ['a', 'b', 'c']],
      [{ startIndex: 0 }, 1, ['a', 'b', 'c']],
      [{ startIndex: -7, count: 2 }, 1, ['a', 'b']],
      [{ startIndex: 2, count: 1 }, 2, ['b']],
      [{ startIndex: 3, count: 5 }, 3, ['c']],
      [{ startIndex: 9 }, 9, []],
      [{ count: 0 }, 1, []],
      [{ count: -1 }, 1, []],
    ])('PAG-01 PAG-03 PAG-05 with %j begins at %d and has %j', async (parameters, startIndex, names) => {
      const { json } = await counted(`GET /Users${query(parameters)}`)
      expect(json.Resources.map(({ userName }) => userName)).toEqual(names)
      expect(json).toMatchObject({ totalResults: 3, startIndex, itemsPerPage: names.length })
    })
  })

  describe('a user', () => {
    it('GET-01 FLT-22 is found by id, whatever filter stands beside it', async () => {
      const id = await addUser(client, 'single')
      expect((await client(`GET /Users/${id}${query({ filter: 'userName eq "other"' })}`)).json.id).toBe(id)
      expectError(await client('GET /Users/nobody'), 404)
    })

    it('USR-09 USR-07 SCH-23 has no password that could be asked for', async () => {
      const secret = 'canary-5f1e'
      const created = await client('POST /Users', {
        body: { schemas: [USER], userName: 'canary', password: secret },
      })
      const { id } = created.json
      const body = { schemas: [USER], userName: 'canary', password: `${secret}-2`, title: 't' }
      const heard = [
        created,
        await client(`PUT /Users/${id}`, { body }),
        await patch(`/Users/${id}`, [{ op: 'replace', path: 'password', value: `${secret}-3` }]),
        await patch(`/Users/${id}`, [{ op: 'add', value: { password: secret, nickName: 'n' } }]),
        await patch(`/Users/${id}`, [{ op: 'replace', path: 'password', value: { [secret]: 1, b: 2 } }]),
        await client('POST /Users', { body: { ...body, userName: 'other', password: [secret, secret] } }),
        await client(`GET /Users/${id}?attributes=password`),
        await client('GET /Users'),
      ]
      for (const answer of heard) expect(answer.text).not.toContain(secret)
      for (const filter of [`password eq "${secret}"`, 'password pr', 'not (password sw "c")'])
        expectError(await client(`GET /Users${query({ filter })}`), 400, 'invalidFilter')
      const { engine } = stage().server.ctx
      const tables = ['users', 'changes', 'audit', 'user_values'] as const
      for (const table of tables) {
        const rows = await engine.read.selectFrom(table).selectAll().execute()
        expect([
          table,
          JSON.stringify(rows, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each)),
        ]).toEqual([table, expect.not.stringContaining(secret)])
      }
    })

    it('USR-12 USR-05 may have any text for a country, a language and a time zone', async () => {
      const texts = { preferredLanguage: 'sv, en;q=0.8', locale: 'en_US', timezone: 'Nowhere/Land' }
      const id = await addUser(client, 'travels', { ...texts, addresses: [{ country: 'Sweden' }] })
      expect((await client(`GET /Users/${id}`)).json).toMatchObject({
        ...texts,
        addresses: [{ country: 'Sweden' }],
      })
    })

    it('USR-11 has photos that nobody looks at', async () => {
      let visits = 0
      const gallery = createServer(() => (visits += 1))
      await new Promise<void>((resolve) => gallery.listen(0, '127.0.0.1', resolve))
      try {
        const value = `http://127.0.0.1:${(gallery.address() as AddressInfo).port}/ada.jpg`
        const id = await addUser(client, 'photographed', {
          photos: [{ value, type: 'photo' }],
          profileUrl: value,
        })
        expect((await client(`GET /Users/${id}`)).json['photos']).toEqual([{ value, type: 'photo' }])
        expect(visits).toBe(0)
      } finally {
        gallery.close()
      }
    })

    it('USR-06 loses all access with `active`, and has it again as the same user', async () => {
      await administer(stage().server, 'POST', '/apply', {
        connections: [{ name: 'lake', dialect: 'postgres', baseRole: 'viewer' }],
      })
      const id = await addUser(client, 'leaves')
      const decision = () => administer<object>(stage().server, 'GET', `/resolve?user=${id}&connection=lake`)
      expect(await decision()).toMatchObject({ decision: 'allow' })
      await patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }])
      expect(await decision()).toMatchObject({ decision: 'deny', reason: 'inactive' })
      const back = await patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: true }])
      expect(back.json.id).toBe(id)
      expect(await decision()).toMatchObject({ decision: 'allow' })
    })

    it('RES-18 is never changed before it was changed, though the clock goes back', async () => {
      const { ctx } = stage().server
      const { now } = ctx
      const id = await addUser(client, 'clock')
      const group = await addGroup(client, 'clock')
      const timesOf = async (path: string) =>
        (await client(`GET ${path}`)).json.meta as unknown as { created: string; lastModified: string }
      const before = [await timesOf(`/Users/${id}`), await timesOf(`/Groups/${group}`)]
      try {
        Object.assign(ctx, { now: () => '2020-01-01T00:00:00.000Z' })
        await patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 't' }])
        await patch(`/Groups/${group}`, [{ op: 'replace', path: 'displayName', value: 'g' }])
        await patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value: id }] }])
        const after = [await timesOf(`/Users/${id}`), await timesOf(`/Groups/${group}`)]
        expect(after.map(({ created, lastModified }) => [created, lastModified])).toEqual(
          before.map(({ created, lastModified }) => [created, lastModified]),
        )
      } finally {
        Object.assign(ctx, { now })
      }
    })
  })

  describe('a group', () => {
    it('SCH-19 USR-18 tells its members by their ids, whatever version their address has', async () => {
      const id = await addUser(client, 'member', { displayName: 'Member' })
      const group = await addGroup(client, 'refs')
      const address = (version: string) => `https://x.example/scim${version}/Users/${id}`
      for (const version of ['', '/v1', '/v2'])
        await patch(`/Groups/${group}`, [
          { op: 'add', path: 'members', value: [{ value: id, $ref: address(version), display: 'x' }] },
        ])
      const { members } = (await client(`GET /Groups/${group}`)).json
      const $ref = `${stage().server.url}/scim/v2/Users/${id}`
      expect(members).toEqual([{ value: id, $ref, display: 'Member', type: 'User' }])
    })

    it('USR-20 DEL-02 is of another version without a user who was deleted', async () => {
      const id = await addUser(client, 'gone')
      const group = await addGroup(client, 'left', [id])
      const before = (await client(`GET /Groups/${group}`)).json.meta.version
      await client(`DELETE /Users/${id}`)
      const after = (await client(`GET /Groups/${group}`)).json
      expect(after).not.toHaveProperty('members')
      expect(after.meta.version).not.toBe(before)
      const filter = `members.value eq "${id}"`
      expect((await client(`GET /Groups${query({ filter })}`)).json.totalResults).toBe(0)
    })
  })

  it('RES-07 an extension that repeats a name of every user is warned of', async () => {
    const attributes = [{ name: 'Title' }, { name: 'externalid' }, { name: 'team' }]
    const { warnings } = await administer<{ warnings: { path: string }[] }>(
      stage().server,
      'POST',
      '/apply',
      {
        extensions: [{ urn: 'urn:example:repeats:2.0:User', attributes }],
      },
    )
    expect(warnings.map(({ path }) => path)).toEqual([
      'extensions[0].attributes[0].name',
      'extensions[0].attributes[1].name',
    ])
  })

  it('SEC-04 SEC-02 no answer sets a cookie, and a token has more than 128 random bits', async () => {
    for (const line of ['GET /Users', 'GET /Nothing', 'GET /ServiceProviderConfig'])
      expect((await client(line)).headers['set-cookie']).toBeUndefined()
    const other = await stage().open()
    expect(other.directory.token).toMatch(/_[\w-]{22,}$/)
    expect(other.directory.token).not.toBe(client.directory.token)
  })
})
