import { beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../../support/admin.ts'
import { expectError, GROUP, onEachEngine, PATCH_OP, USER, type Client } from './stage.ts'

onEachEngine((stage) => {
  let client: Client
  beforeAll(async () => {
    client = await stage().open()
  })

  const patch = (path: string, ...Operations: object[]) =>
    client(`PATCH ${path}`, { body: { schemas: [PATCH_OP], Operations } })
  const declare = (urn: string, ...attributes: object[]) =>
    administer(stage().server, 'POST', '/apply', { extensions: [{ urn, attributes }] })

  it('RES-06 no extension is required, as the resource type says, and no new requirement is in anybody’s way', async () => {
    const urn = 'urn:example:required:2.0:User'
    const add = async (userName: string, values?: object) => {
      const schemas = values ? [USER, urn] : [USER]
      const answer = await client('POST /Users', {
        body: { schemas, userName, ...(values && { [urn]: values }) },
      })
      return { ...answer, path: `/Users/${answer.json.id}` }
    }
    await declare(urn, { name: 'badge' }, { name: 'desk' })
    const without = await add('without')
    const before = await add('before', { desk: '1' })
    await declare(urn, { name: 'badge', required: true }, { name: 'desk' })

    const { json } = await client('GET /ResourceTypes/User')
    const extensions = json['schemaExtensions'] as { schema: string; required: boolean }[]
    expect(extensions).toContainEqual({ schema: urn, required: false })
    expect(extensions.filter(({ required }) => required)).toEqual([])

    expect((await add('later')).status).toBe(201)
    for (const { path } of [without, before])
      expect((await patch(path, { op: 'replace', path: 'active', value: false })).status).toBe(200)
    expectError(await add('lacking', { desk: '2' }), 400, 'invalidValue')
    expectError(
      await patch(without.path, { op: 'add', path: `${urn}:desk`, value: '2' }),
      400,
      'invalidValue',
    )
    const enough = { op: 'add', value: { [urn]: { desk: '2', badge: 'b' } } }
    expect((await patch(without.path, enough)).json[urn]).toEqual({ desk: '2', badge: 'b' })
  })

  describe('a user attribute and its alias', () => {
    const own = 'urn:signalbox:params:scim:schemas:2.0:UserAttribute'
    const alias = 'urn:example:alias:2.0:UserAttribute'
    let names = 0
    const add = (values: object) =>
      client('POST /Users', { body: { schemas: [USER], userName: `aliased-${names++}`, ...values } })
    beforeAll(() =>
      administer(stage().server, 'POST', '/apply', {
        extensions: [],
        userAttributes: [{ reference: 'role2' }, { reference: 'regions', multiple: true }],
        userAttributeAliases: [alias],
      }),
    )

    it('are one attribute: what says different things of it is refused, and stored nowhere', async () => {
      expectError(await add({ [own]: { role2: 'x' }, [alias]: { role2: 'admin' } }), 400, 'invalidValue')
      const both = await add({ [own]: { regions: ['a', 'b'] }, [alias]: { regions: ['b', 'a'] } })
      expect(both.status).toBe(201)
      const { json } = await add({ [own]: { role2: 'x' } })
      const path = `/Users/${json.id}`
      expectError(
        await patch(path, { op: 'replace', path: `${alias}:role2`, value: 'admin' }),
        400,
        'invalidValue',
      )
      expect((await client(`GET ${path}`)).json).not.toHaveProperty([alias])
      const moved = await patch(
        path,
        { op: 'remove', path: `${own}:role2` },
        { op: 'add', path: `${alias}:role2`, value: 'admin' },
      )
      expect(moved.json).toMatchObject({ [alias]: { role2: 'admin' } })
    })

    it.each([
      ['its own URN', own],
      ['an alias', alias],
      ['capitals', own.toUpperCase()],
    ])('may be a key of a new user behind %s, as in a value of PATCH', async (_, urn) => {
      const { status, json } = await add({ [`${urn}:role2`]: 'x', [`${USER}:title`]: 'Countess' })
      expect(status).toBe(201)
      expect(json).toMatchObject({ title: 'Countess', [urn === alias ? alias : own]: { role2: 'x' } })
    })

    it('is refused as a key that says something else than the object of its schema', async () => {
      expectError(await add({ [own]: { role2: 'x' }, [`${own}:role2`]: 'y' }), 400, 'invalidSyntax')
      expectError(await add({ [`${own}:role2`]: 'x', [`${alias}:role2`]: 'y' }), 400, 'invalidValue')
      const { status, json } = await add({ [own]: { regions: ['a'] }, [`${own}:role2`]: 'x' })
      expect({ status, values: json[own] }).toEqual({ status: 201, values: { role2: 'x', regions: ['a'] } })
    })
  })

  it('SEC-11 what nobody declared is neither in an answer nor anywhere in the database', async () => {
    const urn = 'urn:example:private:2.0:User'
    const attributes = [{ name: 'desk' }, { name: 'diagnosis', returned: 'never' }]
    await declare(urn, ...attributes)
    const secret = 'canary-9c2d'
    const sent = {
      shoeSize: secret,
      name: { familyName: 'Kept', maidenName: secret },
      emails: [{ value: 'kept@example.com', seen: secret }],
      [urn]: { desk: 'Kept', diagnosis: secret, hobby: secret },
      'urn:example:unknown:2.0:User': { blood: secret, [secret]: true },
    }
    const user = { schemas: [USER, urn], userName: 'private', ...sent }
    const created = await client('POST /Users', { body: user })
    expect(created.json).toMatchObject({ name: { familyName: 'Kept' }, [urn]: { desk: 'Kept' } })
    const { id } = created.json
    const group = await client('POST /Groups', {
      body: {
        schemas: [GROUP],
        displayName: 'private',
        owner: secret,
        members: [{ value: id, note: secret }],
      },
    })
    const heard = [
      created,
      group,
      await client(`PUT /Users/${id}`, { body: { ...user, title: 't' } }),
      await patch(
        `/Users/${id}`,
        { op: 'add', value: { nickName: 'n', ...sent } },
        { op: 'replace', path: `${urn}:diagnosis`, value: `${secret} again` },
      ),
      await patch(`/Groups/${group.json.id}`, { op: 'replace', value: { displayName: 'p', cost: secret } }),
      await client(`GET /Users/${id}?attributes=${urn}:diagnosis,shoeSize`),
      await client('GET /Users'),
      await client('GET /Groups'),
    ]
    for (const answer of heard) {
      expect(answer.status).toBeLessThan(300)
      expect(answer.text).not.toContain(secret)
    }
    const { engine } = stage().server.ctx
    const tables = await engine.read.introspection.getTables()
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['users', 'audit', 'quirks']))
    for (const { name } of tables) {
      const rows = await engine.read
        .selectFrom(name as 'users')
        .selectAll()
        .execute()
      expect([name, JSON.stringify(rows)]).toEqual([name, expect.not.stringContaining(secret)])
    }
  })
})
