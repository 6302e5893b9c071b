import { beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  addGroup,
  addUser,
  ENTERPRISE,
  expectError,
  GROUP,
  LIST_RESPONSE,
  onEachEngine,
  PATCH_OP,
  query,
  SEARCH_REQUEST,
  USER,
  type Body,
  type Client,
} from './stage.ts'

onEachEngine((stage) => {
  let client: Client
  beforeAll(async () => {
    client = await stage().open()
    const ada = await addUser(client, 'ada', { displayName: 'Ada', title: 'x', externalId: '1' })
    await addUser(client, 'ben', { displayName: 'Team', [ENTERPRISE]: { department: 'Sales' } })
    await addUser(client, 'cyd', { active: false })
    await addGroup(client, 'Team', [ada], { externalId: '1' })
    await addGroup(client, 'Other')
  })

  const search = (path: string, body: object) =>
    client(`POST ${path}/.search`, { body: { schemas: [SEARCH_REQUEST], ...body } })
  const namesIn = ({ Resources }: Body) => Resources.map((one) => one['userName'] ?? one['displayName'])

  describe('POST /.search', () => {
    it.each(['/Users', '/Groups', ''])('SRH-01 at %s is a query and makes nothing', async (path) => {
      const answer = await search(path, {})
      expect(answer.status).toBe(200)
      expect(answer.json['schemas']).toEqual([LIST_RESPONSE])
      expect(answer.json.totalResults).toBe({ '/Users': 3, '/Groups': 2 }[path] ?? 5)
      expect((await client('GET /')).json.totalResults).toBe(5)
    })

    it.each([
      [{ schemas: [] }, 'invalidSyntax'],
      [{ schemas: [USER] }, 'invalidSyntax'],
      [{ schemas: [PATCH_OP] }, 'invalidSyntax'],
      [{ schemas: SEARCH_REQUEST }, 'invalidSyntax'],
      [{ attributes: 'userName' }, 'invalidSyntax'],
      [{ attributes: [7] }, 'invalidSyntax'],
      [{ excludedAttributes: {} }, 'invalidSyntax'],
      [{ filter: 7 }, 'invalidValue'],
      [{ filter: '' }, 'invalidFilter'],
      [{ filter: 'nothing pr' }, 'invalidFilter'],
      [{ count: '10' }, 'invalidValue'],
      [{ startIndex: 1.5 }, 'invalidValue'],
      [{ sortBy: ['userName'] }, 'invalidValue'],
      [{ sortBy: 'userName', sortOrder: 'up' }, 'invalidValue'],
      [{ attributes: ['id'], excludedAttributes: ['id'] }, 'invalidValue'],
      [{ startIndex: 1, cursor: '' }, 'invalidValue'],
    ])('SRH-02 is refused with %j', async (body, scimType) => {
      for (const path of ['/Users', '/Groups', '/Roles', ''])
        expectError(await search(path, body), 400, scimType)
    })

    it.each(['[]', '"x"', '{', ''])('SRH-02 HTTP-11 is refused with the body %j', async (body) => {
      expectError(await client('POST /Users/.search', { body }), 400, 'invalidSyntax')
    })

    it.each(['/Users', '/Groups', '/Roles', ''])('SRH-03 at %s answers what GET answers', async (path) => {
      const names = ['displayName', 'id', 'meta', 'members.value', `${ENTERPRISE}:department`, 'emails']
      const parameters = fc.record(
        {
          filter: fc.constantFrom(
            'displayName pr',
            'externalId eq "1"',
            'id pr and not (displayName eq "team")',
          ),
          sortBy: fc.constantFrom('displayName', 'id', 'externalId', 'meta.lastModified'),
          sortOrder: fc.constantFrom('ascending', 'descending'),
          startIndex: fc.integer({ min: -1, max: 7 }),
          count: fc.integer({ min: -1, max: 6 }),
          only: fc.option(fc.subarray(names, { minLength: 1 })),
          without: fc.option(fc.subarray(names, { minLength: 1 })),
        },
        { requiredKeys: ['only', 'without'] },
      )
      await fc.assert(
        fc.asyncProperty(parameters, async ({ only, without, ...given }) => {
          const names = only ? { attributes: only } : without ? { excludedAttributes: without } : {}
          const texts = Object.fromEntries(
            Object.entries(names).map(([name, list]) => [name, list.join(',')]),
          )
          const asked = await client(`GET ${path || '/'}${query({ ...given, ...texts })}`)
          const searched = await search(path, { ...given, ...names })
          expect(asked.status).toBe(200)
          expect(searched.text).toBe(asked.text)
        }),
        { numRuns: 60, seed: 5 },
      )
    })

    it.each(['GET', 'PUT', 'PATCH', 'DELETE'])('HTTP-12 is no place for %s', async (method) => {
      for (const path of ['/.search', '/Users/.search', '/Groups/.search', '/Roles/.search']) {
        const answer = await client(`${method} ${path}`)
        expectError(answer, 405)
        expect(answer.headers.allow).toBe('POST, OPTIONS')
      }
    })
  })

  describe('the root', () => {
    const found = async (filter: string) => {
      const answer = await client(`GET /${query({ filter })}`)
      expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: answer.text })
      expect(answer.json.totalResults).toBe(answer.json.Resources.length)
      return namesIn(answer.json)
    }

    it('SRH-04 lists all resources, each as its own endpoint shows it', async () => {
      const { json } = await client('GET /')
      const users = (await client('GET /Users')).json.Resources
      const groups = (await client('GET /Groups')).json.Resources
      expect(json.Resources).toEqual([...users, ...groups])
      expect((await client('GET ')).json).toEqual(json)
    })

    it.each<[string, readonly string[]]>([
      ['meta.resourceType eq "User"', ['ada', 'ben', 'cyd']],
      ['meta.resourceType eq "Group"', ['Team', 'Other']],
      ['meta.resourceType ne "User" and displayName sw "t"', ['Team']],
      ['externalId eq "1"', ['ada', 'Team']],
      ['displayName eq "TEAM"', ['ben', 'Team']],
      ['userName eq "ada"', ['ada']],
      ['userName ne "ada"', ['ben', 'cyd', 'Team', 'Other']],
      ['userName pr', ['ada', 'ben', 'cyd']],
      ['not (userName pr)', ['Team', 'Other']],
      ['userName eq null', ['Team', 'Other']],
      ['not (userName eq "ada")', ['ben', 'cyd', 'Team', 'Other']],
      ['title gt "a" or displayName eq "other"', ['ada', 'Other']],
      ['members pr', ['Team']],
      ['members[type eq "User"]', ['Team']],
      ['not (members[type eq "User"])', ['ada', 'ben', 'cyd', 'Other']],
      ['emails[type eq "work"] or active eq false', ['cyd']],
      [`${ENTERPRISE}:department eq "sales"`, ['ben']],
      [`${USER}:userName eq "ben" or ${GROUP}:displayName eq "Other"`, ['ben', 'Other']],
    ])(
      'FLT-18 takes an attribute that a type has not for one without value: %s',
      async (filter, expected) => {
        expect(await found(filter)).toEqual(expected)
        expect(namesIn((await search('', { filter })).json)).toEqual(expected)
      },
    )

    it.each(['nothing pr', 'userName xx "a"', 'active gt true', 'members[nothing pr]', 'name eq "x"'])(
      'FLT-18 refuses what no type knows: %s',
      async (filter) => {
        expectError(await client(`GET /${query({ filter })}`), 400, 'invalidFilter')
      },
    )

    it('SRT-01 is sorted over all types', async () => {
      const sorted = async (parameters: Record<string, string | number>) =>
        namesIn((await client(`GET /${query(parameters)}`)).json)
      expect(await sorted({ sortBy: 'displayName' })).toEqual(['ada', 'Other', 'ben', 'Team', 'cyd'])
      expect(await sorted({ sortBy: 'displayName', sortOrder: 'descending' })).toEqual([
        'cyd',
        'ben',
        'Team',
        'Other',
        'ada',
      ])
      expect(await sorted({ sortBy: 'active' })).toEqual(['cyd', 'ada', 'ben', 'Team', 'Other'])
      expect(await sorted({ sortBy: 'members.value' })).toEqual(['Team', 'ada', 'ben', 'cyd', 'Other'])
      expectError(await client('GET /?sortBy=nothing'), 400, 'invalidPath')
    })

    it('PAG-06 is read page by page', async () => {
      const seen: unknown[] = []
      for (let startIndex = 1; startIndex <= 6; startIndex += 2) {
        const { json } = await client(`GET /${query({ startIndex, count: 2 })}`)
        expect(json).toMatchObject({ totalResults: 5, startIndex })
        seen.push(...namesIn(json))
      }
      expect(seen).toEqual(['ada', 'ben', 'cyd', 'Team', 'Other'])
      expect((await client('GET /?count=0')).json).toMatchObject({ totalResults: 5, Resources: [] })
    })

    it('TEN-04 shows nothing of another directory', async () => {
      const stranger = await stage().open()
      expect((await stranger('GET /')).json).toMatchObject({ totalResults: 0, Resources: [] })
    })

    it('GET-02 GET-03 shows what was asked for', async () => {
      const { Resources } = (await client('GET /?attributes=userName,members')).json
      expect(Resources.map((one) => Object.keys(one))).toEqual([
        ...Array.from({ length: 3 }, () => ['schemas', 'id', 'userName']),
        ['schemas', 'id', 'members'],
        ['schemas', 'id'],
      ])
      const rest = (await client('GET /?excludedAttributes=members,groups')).text
      expect(rest).not.toMatch(/"(members|groups)"/)
    })
  })
})
