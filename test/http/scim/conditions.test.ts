import { beforeEach, describe, expect, it } from '@jest/globals'
import { addGroup, addUser, expectError, GROUP, onEachEngine, PATCH_OP, USER, type Client } from './stage.ts'

onEachEngine((stage) => {
  let client: Client
  beforeEach(async () => {
    client = await stage().open()
  })

  const change = (name: string, value: string) => ({
    schemas: [PATCH_OP],
    Operations: [{ op: 'replace', path: name, value }],
  })
  const kinds = {
    User: {
      add: () => addUser(client, 'ada'),
      endpoint: '/Users',
      put: { schemas: [USER], userName: 'ada', displayName: 'put' },
    },
    Group: {
      add: () => addGroup(client, 'team'),
      endpoint: '/Groups',
      put: { schemas: [GROUP], displayName: 'put' },
    },
  } as const

  describe.each(['User', 'Group'] as const)('the version of a %s', (kind) => {
    const { add, endpoint, put } = kinds[kind]
    const writes = [
      ['PUT', put],
      ['PATCH', change('displayName', 'patched')],
      ['DELETE', undefined],
    ] as const

    it('ETG-01 RES-20 stands in every answer about it', async () => {
      const created = await client(`POST ${endpoint}`, { body: put })
      const path = `${endpoint}/${created.json.id}`
      const answers = [
        created,
        await client(`GET ${path}`),
        await client(`HEAD ${path}`),
        await client(`PUT ${path}`, { body: { ...put, externalId: 'x' } }),
        await client(`PATCH ${path}`, { body: change('displayName', 'b') }),
        await client(`PATCH ${path}?attributes=meta`, { body: change('displayName', 'c') }),
      ]
      expect(answers.map(({ headers }) => headers.etag)).toEqual([1, 1, 1, 2, 3, 4].map((n) => `W/"${n}"`))
      for (const { json, headers, text } of answers) {
        if (text !== '') expect(json.meta.version).toBe(headers.etag)
      }
    })

    it.each([
      ['W/"1"', 304],
      ['"1"', 304],
      ['*', 304],
      ['"7", W/"1"', 304],
      ['"7",W/"8"', 200],
      ['1', 200],
    ])('ETG-02 ETG-04 with If-None-Match %s a GET is answered %i', async (tags, status) => {
      const path = `${endpoint}/${await add()}`
      for (const method of ['GET', 'HEAD']) {
        const answer = await client(`${method} ${path}`, { headers: { 'If-None-Match': tags } })
        expect(answer.status).toBe(status)
        expect(answer.headers.etag).toBe('W/"1"')
        if (status === 304) expect(answer.text).toBe('')
      }
    })

    it.each(['W/"2"', '"2"', '2', '"1x"', '"7", "8"'])(
      'ETG-03 not being %s, nothing happens',
      async (tags) => {
        const path = `${endpoint}/${await add()}`
        for (const [method, body] of writes) {
          expectError(await client(`${method} ${path}`, { body, headers: { 'If-Match': tags } }), 412)
        }
        expectError(await client(`GET ${path}`, { headers: { 'If-Match': tags } }), 412)
        expect((await client(`GET ${path}`)).headers.etag).toBe('W/"1"')
      },
    )

    it.each(['W/"1"', '"1"', '*', '"7" , W/"1"'])('ETG-03 ETG-04 being %s, it is done', async (tags) => {
      for (const [method, body] of writes) {
        const path = `${endpoint}/${await add()}`
        const answer = await client(`${method} ${path}`, { body, headers: { 'If-Match': tags } })
        expect(answer.status).toBeLessThan(300)
        await client(`DELETE ${path}`)
      }
    })

    it.each(['W/"1"', '*'])('ETG-03 If-None-Match %s stops a write', async (tags) => {
      const path = `${endpoint}/${await add()}`
      for (const [method, body] of writes) {
        expectError(await client(`${method} ${path}`, { body, headers: { 'If-None-Match': tags } }), 412)
      }
      const other = await client(`PUT ${path}`, { body: put, headers: { 'If-None-Match': 'W/"7"' } })
      expect(other.status).toBe(200)
    })

    it('ETG-03 is not asked where there is no resource', async () => {
      for (const [method, body] of writes) {
        const answer = await client(`${method} ${endpoint}/nobody`, { body, headers: { 'If-Match': '*' } })
        expectError(answer, 404)
      }
    })

    it('ETG-05 PUT-09 stays where nothing changes', async () => {
      const path = `${endpoint}/${(await client(`POST ${endpoint}`, { body: put })).json.id}`
      await client(`PUT ${path}`, { body: put })
      const answer = await client(`PATCH ${path}`, { body: change('displayName', 'put') })
      expect(answer.headers.etag).toBe('W/"1"')
    })

    it('ETG-05 lets one of several writers pass', async () => {
      const path = `${endpoint}/${await add()}`
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          client(`PATCH ${path}`, {
            body: change('displayName', `name ${i}`),
            headers: { 'If-Match': 'W/"1"' },
          }),
        ),
      )
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1)
      expect(answers.filter(({ status }) => status === 412)).toHaveLength(7)
    })
  })
})
