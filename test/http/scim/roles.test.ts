import { beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../../support/admin.ts'
import {
  addUser,
  expectError,
  LIST_RESPONSE,
  onEachEngine,
  PATCH_OP,
  query,
  ROLE,
  SEARCH_REQUEST,
  USER,
  type Answer,
  type Client,
} from './stage.ts'

const ALL = [
  'no_access',
  'viewer',
  'auditor',
  'restricted_querier',
  'querier',
  'querier_no_upload',
  'modeler',
  'connection_admin',
]

const configuration = {
  directories: [{ name: 'bounded', provider: 'okta', mayGrant: { upTo: 'querier' } }],
  roles: [
    {
      name: 'querier_no_upload',
      displayName: 'Querier without upload',
      description: 'Asks anything, and brings no files.',
      tier: 'querier',
      without: ['upload_data'],
    },
    { name: 'auditor', displayName: 'Auditor', tier: 'viewer', without: ['download'] },
  ],
  connections: [
    { name: 'warehouse', dialect: 'postgres' },
    { name: 'lake', dialect: 'postgres' },
  ],
  rules: [
    {
      name: 'queriers',
      when: 'roles.value eq "querier_no_upload"',
      grant: { role: 'querier_no_upload', on: 'warehouse' },
    },
    {
      name: 'administrators',
      when: 'roles[value eq "connection_admin"]',
      grant: { role: 'connection_admin', on: 'warehouse' },
    },
  ],
}

onEachEngine((stage) => {
  let client: Client
  let bounded: Client
  beforeAll(async () => {
    client = await stage().open()
    bounded = await stage().open('bounded')
    await administer(stage().server, 'POST', '/apply', configuration)
  })

  const ids = async (path: string, asked = client): Promise<unknown[]> => {
    const answer = await asked(`GET ${path}`)
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: answer.text })
    return answer.json.Resources.map(({ id }) => id)
  }

  describe('roles', () => {
    it('are the base roles and those of the configuration, tier by tier', async () => {
      const { json } = await client('GET /Roles')
      expect(json).toMatchObject({
        schemas: [LIST_RESPONSE],
        totalResults: 8,
        itemsPerPage: 8,
        startIndex: 1,
      })
      expect(json.Resources.map(({ id }) => id)).toEqual(ALL)
    })

    it('are read as they are listed', async () => {
      const { Resources } = (await client('GET /Roles')).json
      for (const listed of Resources) {
        const answer = await client(`GET /Roles/${listed.id}`)
        expect(answer.json).toEqual(listed)
        expect(answer.headers.etag).toBe(listed.meta.version)
        expect(answer.headers.location).toBe(listed.meta.location)
        expect(listed.meta.location).toBe(`${stage().server.url}/scim/v2/Roles/${listed.id}`)
      }
      expect(Resources.find(({ id }) => id === 'querier_no_upload')).toEqual({
        schemas: [ROLE],
        id: 'querier_no_upload',
        displayName: 'Querier without upload',
        description: 'Asks anything, and brings no files.',
        meta: { resourceType: 'Role', location: expect.any(String), version: expect.any(String) },
      })
      expect(Resources[0]).toMatchObject({ id: 'no_access', displayName: 'No Access' })
      expect(Resources[0]).not.toHaveProperty('description')
    })

    it.each([
      ['id eq "viewer"', ['viewer']],
      ['id eq "VIEWER"', []],
      ['displayName eq "AUDITOR"', ['auditor']],
      ['displayName co "querier" and not (id sw "restricted")', ['querier', 'querier_no_upload']],
      ['description pr', ['querier_no_upload']],
      ['description ne "x" and id ew "r"', ['viewer', 'auditor', 'restricted_querier', 'querier', 'modeler']],
      [`${ROLE}:displayName sw "con"`, ['connection_admin']],
      [`schemas eq "${ROLE}" and meta.resourceType eq "Role"`, ALL],
      ['externalId pr', []],
      ['externalId eq "viewer"', []],
      ['meta.location ew "/Roles/viewer"', ['viewer']],
    ])('FLT-01 RES-21 are found by %s', async (filter, expected) => {
      expect(await ids(`/Roles${query({ filter })}`)).toEqual(expected)
      const body = { schemas: [SEARCH_REQUEST], filter }
      const searched = await client('POST /Roles/.search', { body })
      expect(searched.json.Resources.map(({ id }) => id)).toEqual(expected)
    })

    it.each([
      ['filter=userName%20pr', 'invalidFilter'],
      ['filter=displayName%20xx%20%22a%22', 'invalidFilter'],
      ['sortBy=userName', 'invalidPath'],
      ['startIndex=x', 'invalidValue'],
      ['cursor=x', 'invalidCursor'],
      ['attributes=id&excludedAttributes=description', 'invalidValue'],
    ])('are not asked for by %s', async (parameters, scimType) => {
      expectError(await client(`GET /Roles?${parameters}`), 400, scimType)
    })

    it('SRT-01 SRT-04 SRT-05 are sorted', async () => {
      const sorted = await ids('/Roles?sortBy=displayName')
      expect(sorted.slice(0, 3)).toEqual(['auditor', 'connection_admin', 'modeler'])
      expect(await ids('/Roles?sortBy=displayName&sortOrder=descending')).toEqual(sorted.toReversed())
      const rest = ALL.filter((id) => id !== 'querier_no_upload')
      expect(await ids('/Roles?sortBy=description')).toEqual(['querier_no_upload', ...rest])
      expect(await ids('/Roles?sortBy=description&sortOrder=descending')).toEqual([
        ...rest,
        'querier_no_upload',
      ])
    })

    it.each(['', '&sortBy=displayName', '&filter=displayName%20co%20%22r%22'])(
      'PAG-08 come in pages that have each of them once: %s',
      async (more) => {
        const whole = await ids(`/Roles?${more}`)
        const byIndex: unknown[] = []
        for (let startIndex = 1; startIndex <= whole.length; startIndex += 3)
          byIndex.push(...(await ids(`/Roles?startIndex=${startIndex}&count=3${more}`)))
        expect(byIndex).toEqual(whole)
        const byCursor: unknown[] = []
        for (let cursor: string | undefined = ''; cursor !== undefined;) {
          const { json }: Answer = await client(`GET /Roles?count=3&cursor=${cursor}${more}`)
          expect(json.totalResults).toBe(whole.length)
          byCursor.push(...json.Resources.map(({ id }) => id))
          cursor = json.nextCursor
        }
        expect(byCursor).toEqual(whole)
      },
    )

    it('PAG-02 PAG-03 are counted, and end', async () => {
      const page = { totalResults: 8, itemsPerPage: 0, Resources: [] }
      expect((await client('GET /Roles?count=0')).json).toMatchObject(page)
      expect((await client('GET /Roles?startIndex=9')).json).toMatchObject(page)
      expect((await client('GET /Roles?count=0&cursor=')).json.nextCursor).toBeUndefined()
    })

    it('GET-02 GET-03 show what was asked for', async () => {
      const keysOf = async (path: string) => Object.keys((await client(`GET ${path}`)).json)
      expect(await keysOf('/Roles/querier_no_upload?attributes=displayName')).toEqual([
        'schemas',
        'id',
        'displayName',
      ])
      expect(await keysOf('/Roles/querier_no_upload?excludedAttributes=meta,description')).toEqual([
        'schemas',
        'id',
        'displayName',
      ])
      const { Resources } = (await client('GET /Roles?attributes=meta.location')).json
      expect(Object.keys(Resources[0]?.meta ?? {})).toEqual(['location'])
    })

    it('are a 304 until the configuration changes', async () => {
      const { headers } = await client('GET /Roles/viewer')
      const again = { headers: { 'If-None-Match': String(headers.etag) } }
      expect((await client('GET /Roles/viewer', again)).status).toBe(304)
      expectError(await client('GET /Roles/viewer', { headers: { 'If-Match': 'W/"other"' } }), 412)
      const roles = [...configuration.roles, { name: 'guest', displayName: 'Guest', tier: 'viewer' }]
      await administer(stage().server, 'POST', '/apply', { ...configuration, roles })
      expect((await client('GET /Roles/viewer', again)).status).toBe(200)
      expect((await client('GET /Roles/guest')).json).toMatchObject({ displayName: 'Guest' })
      await administer(stage().server, 'POST', '/apply', configuration)
      expectError(await client('GET /Roles/guest'), 404)
    })

    it('TEN-04 above the ceiling of the directory are not there', async () => {
      const within = ALL.slice(0, ALL.indexOf('modeler'))
      expect(await ids('/Roles', bounded)).toEqual(within)
      expect(await ids(`/Roles${query({ filter: 'id eq "modeler"' })}`, bounded)).toEqual([])
      for (const id of ALL)
        expect((await bounded(`GET /Roles/${id}`)).status).toBe(within.includes(id) ? 200 : 404)
      expect((await bounded('GET /Roles/modeler')).text.replace('modeler', 'nothing')).toBe(
        (await bounded('GET /Roles/nothing')).text,
      )
    })

    it.each(['VIEWER', 'query_topics', 'nothing', '__proto__', 'viewer%2F..', '%20viewer'])(
      'are not called %s',
      async (id) => {
        expectError(await client(`GET /Roles/${id}`), 404)
      },
    )

    it.each([
      ['/Roles', ['POST', 'PUT', 'PATCH', 'DELETE'], 'GET, HEAD, OPTIONS'],
      ['/Roles/viewer', ['POST', 'PUT', 'PATCH', 'DELETE'], 'GET, HEAD, OPTIONS'],
      ['/Roles/.search', ['GET', 'PUT', 'PATCH', 'DELETE'], 'POST, OPTIONS'],
    ])('HTTP-12 cannot be written at %s', async (path, methods, allow) => {
      for (const method of methods) {
        const answer = await client(`${method} ${path}`)
        expectError(answer, 405)
        expect(answer.headers.allow).toBe(allow)
      }
    })

    it('are not among what the directory has', async () => {
      expect(await ids('/')).not.toEqual(expect.arrayContaining(['viewer']))
      expect(await ids(`/${query({ filter: 'meta.resourceType eq "Role"' })}`)).toEqual([])
      expectError(await client(`GET /${query({ filter: 'description pr' })}`), 400, 'invalidFilter')
    })
  })

  describe('a role of a user', () => {
    const decided = (userName: string, directory: string) =>
      administer<{ because: { text: string }[] }>(
        stage().server,
        'GET',
        `/resolve?user=${userName}&connection=warehouse&directory=${directory}`,
      )

    it('USR-16 has the effect that a rule gives it, as long as it is there', async () => {
      const [role] = (await bounded(`GET /Roles${query({ filter: 'displayName co "upload"' })}`)).json
        .Resources
      const id = await addUser(bounded, 'ada', {
        roles: [{ value: role?.id, display: role?.['displayName'] }],
      })
      expect(await decided('ada', 'bounded')).toMatchObject({
        decision: 'allow',
        role: { name: 'querier_no_upload', tier: 'querier' },
      })
      const body = { schemas: [USER], userName: 'ada', roles: [] }
      expect((await bounded(`PUT /Users/${id}`, { body })).status).toBe(200)
      expect(await decided('ada', 'bounded')).toMatchObject({ decision: 'deny', reason: 'no_access' })
    })

    it('USR-16 has no effect without a rule', async () => {
      await addUser(bounded, 'ben', { roles: [{ value: 'viewer' }] })
      expect(await decided('ben', 'bounded')).toMatchObject({ decision: 'deny', reason: 'no_access' })
    })

    it('USR-16 that is above the ceiling is refused', async () => {
      const id = await addUser(bounded, 'cyd')
      const Operations = [{ op: 'add', path: 'roles', value: [{ value: 'connection_admin' }] }]
      const body = { schemas: [PATCH_OP], Operations }
      expect((await bounded(`PATCH /Users/${id}`, { body })).status).toBe(200)
      const decision = await decided('cyd', 'bounded')
      expect(decision).toMatchObject({ decision: 'deny' })
      expect(decision.because.map(({ text }) => text).join()).toContain('may grant up to `querier`')
      await addUser(client, 'cyd', { roles: [{ value: 'connection_admin' }] })
      expect(await decided('cyd', client.directory.id)).toMatchObject({
        decision: 'allow',
        role: { tier: 'connection_admin' },
      })
    })
  })
})
