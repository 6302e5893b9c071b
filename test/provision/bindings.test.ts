import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { addDirectory, administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

interface Decision {
  readonly decision: 'allow' | 'deny'
}

describe.each(engines)('who is meant by a name, on %s,', (engine) => {
  let server: TestServer
  let token: string

  beforeEach(async () => {
    server = await startServer({ engine })
    ;({ token } = await addDirectory(server, 'okta'))
  })
  afterEach(() => server.stop())

  const scim = async (method: string, path: string, body?: object) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' }
    const answer = await send(server.url, { method, path: `/scim/v2${path}`, headers, body })
    expect(answer.status).toBeLessThan(300)
    return (answer.json as { id: string } | undefined)?.id ?? ''
  }
  const createUser = (userName: string) => scim('POST', '/Users', { userName })
  const createGroup = (displayName: string, ...members: string[]) =>
    scim('POST', '/Groups', { displayName, members: members.map((value) => ({ value })) })
  const rename = (kind: 'Users' | 'Groups', id: string, name: string) =>
    scim('PATCH', `/${kind}/${id}`, {
      Operations: [{ op: 'replace', path: kind === 'Users' ? 'userName' : 'displayName', value: name }],
    })
  const apply = (document: object) =>
    administer<{ changes: object[] }>(server, 'POST', '/apply', { ...lake, ...document })
  const lake = { connections: [{ name: 'lake', dialect: 'postgres' }] }

  /** Which of these people are allowed; what is stored and what the facts say are held against each other. */
  const allowed = async (people: Readonly<Record<string, string>>): Promise<string[]> => {
    const found: string[] = []
    for (const [name, id] of Object.entries(people)) {
      const asked = await administer<Decision>(server, 'GET', `/resolve?user=${id}&connection=lake`)
      const { connections } = await administer<{ connections: { lake: Decision } }>(
        server,
        'GET',
        `/users/${id}/access`,
      )
      expect([name, asked.decision]).toEqual([name, connections.lake.decision])
      if (asked.decision === 'allow') found.push(name)
    }
    return found
  }

  describe('a group,', () => {
    const config = { rules: [{ name: 'r', group: 'Finance', grant: { role: 'viewer', on: 'lake' } }] }

    it('is the one that is created after the bound one was deleted, and no other that bears the name', async () => {
      await apply(config)
      const people = { a: await createUser('a'), b: await createUser('b'), c: await createUser('c') }
      const first = await createGroup('Finance', people.a)
      await createGroup('finance', people.b)
      expect(await allowed(people)).toEqual(['a'])
      await scim('DELETE', `/Groups/${first}`)
      expect(await allowed(people)).toEqual([])
      await createGroup('FINANCE', people.c)
      expect(await allowed(people)).toEqual(['c'])
    })

    it('is the one that is renamed to the free name', async () => {
      await apply(config)
      const people = { a: await createUser('a'), b: await createUser('b'), c: await createUser('c') }
      const first = await createGroup('Finance', people.a)
      await createGroup('Finance', people.b)
      const other = await createGroup('Other', people.c)
      await scim('DELETE', `/Groups/${first}`)
      await rename('Groups', other, 'finance')
      expect(await allowed(people)).toEqual(['c'])
    })

    it('is the oldest that bears a free name when the same configuration is applied again', async () => {
      await apply(config)
      const people = { a: await createUser('a'), b: await createUser('b') }
      const first = await createGroup('Finance', people.a)
      await createGroup('Finance', people.b)
      await scim('DELETE', `/Groups/${first}`)
      expect((await apply(config)).changes).toEqual([])
      expect(await allowed(people)).toEqual(['b'])
      await recomputeAll(server.ctx, () => {})
      expect(await allowed(people)).toEqual(['b'])
    })

    it('is the same again when a rule is taken back and put in force again', async () => {
      await apply(config)
      const people = { a: await createUser('a'), b: await createUser('b') }
      const first = await createGroup('Finance', people.a)
      await rename('Groups', first, 'Money')
      await createGroup('Finance', people.b)
      await apply({})
      expect(await allowed(people)).toEqual([])
      await apply(config)
      expect(await allowed(people)).toEqual(['a'])
    })

    it('is bound without an error while the bound one is deleted', async () => {
      await apply(config)
      const user = await createUser('a')
      for (let round = 0; round < 10; round += 1) {
        const bound = await createGroup('Finance', user)
        await createGroup('Finance', user)
        const [, next, other] = await Promise.all([
          scim('DELETE', `/Groups/${bound}`),
          createGroup('Finance', user),
          createGroup('Finance', user),
        ])
        await scim('DELETE', `/Groups/${next}`)
        await scim('DELETE', `/Groups/${other}`)
      }
    })
  })

  describe('a user,', () => {
    const config = { grants: [{ user: 'Ada', role: 'viewer', on: 'lake' }] }

    it('is the one who had the name first: nobody takes a grant over by a rename', async () => {
      await apply(config)
      const people = { ada: await createUser('ada'), mallory: await createUser('mallory') }
      expect(await allowed(people)).toEqual(['ada'])
      await rename('Users', people.ada, 'ada.new')
      await rename('Users', people.mallory, 'ADA')
      expect(await allowed(people)).toEqual(['ada'])
      const other = await createUser('ada.old')
      expect(await allowed({ ...people, other })).toEqual(['ada'])
    })

    it('keeps overrides and the right to an environment through a rename', async () => {
      await administer(server, 'POST', '/apply', {
        userAttributes: [{ reference: 'team' }],
        connections: [
          {
            name: 'lake',
            dialect: 'postgres',
            baseRole: 'viewer',
            environmentAttribute: 'team',
            environments: [
              { connection: 'pond', values: ['pond'], grantTo: { users: ['ada'] } },
              { connection: 'sea', values: ['sea'] },
            ],
          },
          { name: 'pond', dialect: 'postgres' },
          { name: 'sea', dialect: 'postgres' },
        ],
        overrides: [{ user: 'ada', attribute: 'team', value: 'sea' }],
      })
      const [ada, mallory] = [await createUser('ada'), await createUser('mallory')]
      await rename('Users', ada, 'ada.new')
      await rename('Users', mallory, 'ada')
      const asked = (user: string, more = '') =>
        administer(server, 'GET', `/resolve?user=${user}&connection=lake${more}`)
      expect(await asked(ada)).toMatchObject({ environment: { connection: 'sea' } })
      expect(await asked(ada, '&environment=pond')).toMatchObject({ environment: { connection: 'pond' } })
      expect(await asked(mallory)).toMatchObject({ decision: 'deny' })
      expect(await asked(mallory, '&environment=pond')).toMatchObject({ decision: 'deny' })
    })

    it('is whoever takes the name when it is free: by creation or by a rename', async () => {
      await apply(config)
      const [first, second] = [await createUser('ada'), await createUser('ben')]
      await scim('DELETE', `/Users/${first}`)
      await rename('Users', second, 'ada')
      expect(await allowed({ second })).toEqual(['second'])
      await scim('DELETE', `/Users/${second}`)
      const third = await createUser('ada')
      expect(await allowed({ third })).toEqual(['third'])
    })

    it('gains no second name by a rename', async () => {
      await apply({ grants: [...config.grants, { user: 'ben', role: 'modeler', on: 'lake' }] })
      const ada = await createUser('ada')
      await rename('Users', ada, 'ben')
      expect(await administer(server, 'GET', `/resolve?user=ben&connection=lake`)).toMatchObject({
        role: { name: 'viewer' },
      })
    })

    it('is the one who bears the name when the configuration is applied, and stays it', async () => {
      const people = { ada: await createUser('ada'), ben: await createUser('ben') }
      await apply(config)
      expect(await allowed(people)).toEqual(['ada'])
      await rename('Users', people.ada, 'ada.new')
      await rename('Users', people.ben, 'ada')
      await apply({})
      expect(await allowed(people)).toEqual([])
      await apply(config)
      expect(await allowed(people)).toEqual(['ada'])
      await recomputeAll(server.ctx, () => {})
      expect(await allowed(people)).toEqual(['ada'])
    })

    it('is found by a free name when the same configuration is applied again', async () => {
      await apply(config)
      const people = { ada: await createUser('ada'), ben: await createUser('ben') }
      await rename('Users', people.ada, 'ada.new')
      await rename('Users', people.ben, 'ada')
      await scim('DELETE', `/Users/${people.ada}`)
      expect(await allowed({ ben: people.ben })).toEqual([])
      await apply(config)
      expect(await allowed({ ben: people.ben })).toEqual(['ben'])
      await recomputeAll(server.ctx, () => {})
      expect(await allowed({ ben: people.ben })).toEqual(['ben'])
    })
  })
})
