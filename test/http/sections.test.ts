import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { extraModelEndpoints } from '../../src/http/api/extra-models.ts'
import { roleEndpoints } from '../../src/http/api/roles.ts'
import { sectionEndpoints } from '../../src/http/api/sections.ts'
import { ACME } from '../support/acme.ts'
import { administer, issueToken } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { scimDirectory, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send, type WireResponse } from '../support/wire.ts'

interface SectionCase {
  /** The setting of a list's answer that has the entries. */
  readonly list: string
  readonly add: object
  readonly change: object
  /** Something that is wrong, where it is wrong in terms of what is sent, and what is said of it. */
  readonly wrong: readonly [object, string, string]
}

/** What is sent to each section. */
const SECTIONS: Readonly<Record<string, SectionCase>> = {
  '/user-attributes': {
    list: 'userAttributes',
    add: { reference: 'region', label: 'Region' },
    change: { label: 'Country' },
    wrong: [{ reference: 'size', type: 'number', default: 'big' }, 'default', 'should be a number'],
  },
  '/roles': {
    list: 'roles',
    add: { name: 'analyst', displayName: 'Analyst', permissions: ['view_content', 'query_topics'] },
    change: { permissions: ['view_content', 'query_topics', 'use_workbooks'] },
    wrong: [
      { name: 'x', displayName: 'X', permissions: ['view_content', 'query_topics', 'upload_data'] },
      'permissions[2]',
      '`upload_data` needs its parent `use_workbooks`, which is missing',
    ],
  },
  '/connections': {
    list: 'connections',
    add: { name: 'mart', dialect: 'duckdb' },
    change: { baseRole: 'QUERY_TOPICS', url: 'env:MART_URL', assignDynamically: false },
    wrong: [
      { name: 'x', dialect: 'duckdb', url: 'postgres://secret' },
      'url',
      'should be a reference to a secret',
    ],
  },
  '/connections/warehouse/environments': {
    list: 'environments',
    add: { connection: 'warehouse_hr', values: ['hr'] },
    change: { values: ['hr', 'people'] },
    wrong: [{ connection: 'lake' }, 'connection', 'should have the dialect `postgres`'],
  },
  '/models': {
    list: 'models',
    add: { name: 'sales', connection: 'lake' },
    change: { objects: ['public.sales'] },
    wrong: [{ name: 'x', connection: 'nowhere' }, 'connection', 'there is no connection `nowhere`'],
  },
  '/rules': {
    list: 'rules',
    add: { name: 'people of HR', group: 'HR', set: { db_role: 'sales' }, reason: 'they asked' },
    change: { set: { level: 3 }, until: '2099-01-01T00:00:00Z' },
    wrong: [{ name: 'x', group: 'HR', set: { rank: 1 } }, 'set.rank', 'there is no user attribute `rank`'],
  },
  '/grants': {
    list: 'grants',
    add: { user: 'ada', directory: 'okta', role: 'QUERY_TOPICS', on: 'warehouse' },
    change: { reason: 'on call', until: '2099-01-01T00:00:00Z' },
    wrong: [{ user: 'ada', role: 'viewer', on: { model: 'x' } }, 'on.model', 'there is no model `x`'],
  },
  '/overrides': {
    list: 'overrides',
    add: { user: 'bob', directory: 'okta', attribute: 'level', value: 5 },
    change: { value: 6, until: '2099-01-01T00:00:00Z' },
    wrong: [{ user: 'bob', attribute: 'level', value: 'high' }, 'value', 'should be a number'],
  },
  '/protected-users': {
    list: 'protectedUsers',
    add: { user: 'ada', directory: 'okta' },
    change: { reason: 'runs the night shift' },
    wrong: [{ user: 'ada', directory: 'nowhere' }, 'directory', 'there is no directory `nowhere`'],
  },
  '/extensions': {
    list: 'extensions',
    add: { urn: 'urn:acme:params:Other', attributes: [{ name: 'floor' }] },
    change: { description: 'Where people sit' },
    wrong: [{ urn: 'urn:acme:params:X', attributes: [] }, 'attributes', 'should have at least one attribute'],
  },
}

const CONFIGURATION = {
  ...ACME,
  connections: [...(ACME['connections'] as object[]), { name: 'warehouse_hr', dialect: 'postgres' }],
}

interface Answer {
  readonly revision: number
  readonly id: string
  readonly entry: Record<string, unknown>
  readonly facts: Record<string, unknown>
  readonly uses: readonly string[]
  readonly useCount: number
  readonly changes: readonly { change: string; kind: string; name: string }[]
  readonly warnings: readonly { path: string }[]
  readonly detail: string
  readonly errors: readonly { path: string; message: string }[]
  readonly plan?: { id: string }
}

describe.each(engines)('the configuration, piece by piece, on %s', (engine) => {
  let server: TestServer
  let okta: ScimDirectory
  let ada: string
  let revision: number
  /** Tokens of a service and of an identity provider. */
  let strangers: readonly string[]

  beforeAll(async () => {
    server = await startServer({ engine })
    okta = await scimDirectory(server, 'okta')
    ada = await okta.createUser({ userName: 'ada' })
    await okta.createGroup('Finance', [ada])
    strangers = [
      await issueToken(server, { scope: 'read' }),
      await issueToken(server, { scope: 'scim', directory: 'okta' }),
    ]
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    ;({ revision } = await administer<Answer>(server, 'POST', '/apply', CONFIGURATION))
  })

  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Omit<WireResponse, 'json'> & { json: Answer }> => {
    const answer = await send(server.url, {
      method,
      path: `/api/v1${path}`,
      headers: {
        Authorization: `Bearer ${server.adminToken}`,
        'Content-Type': 'application/json',
        ...headers,
      },
      body,
    })
    return { ...answer, json: answer.json as Answer }
  }
  const read = async (path: string): Promise<Answer> => administer<Answer>(server, 'GET', path)
  const exported = () => administer<Record<string, unknown>>(server, 'GET', '/export')
  const decision = (connection: string) =>
    administer<{ decision: string; role: { name: string } }>(
      server,
      'GET',
      `/resolve?user=ada&connection=${connection}`,
    )

  describe.each(Object.entries(SECTIONS))('%s', (path, { list, add, change, wrong }) => {
    it('takes an entry, shows it, changes it, and loses it again', async () => {
      const before = await exported()
      const added = await ask('POST', path, add)
      expect(added).toMatchObject({
        status: 201,
        headers: { etag: `"${revision + 1}"` },
        json: { revision: revision + 1, entry: add, uses: [], warnings: expect.any(Array) },
      })
      expect(added.json.changes).toHaveLength(1)
      const place = new URL(String(added.headers.location)).pathname.replace('/api/v1', '')
      expect(place).toBe(`${path}/${encodeURIComponent(added.json.id)}`)

      const { id, entry, facts } = added.json
      expect(await read(place)).toEqual({ revision: revision + 1, id, entry, facts, uses: [], useCount: 0 })
      const page = await administer<Record<string, Answer[]>>(server, 'GET', `${path}?limit=1000`)
      expect(page[list]?.map((one) => one.id)).toContain(id)

      const changed = await ask('PATCH', place, change)
      expect(changed).toMatchObject({ status: 200, json: { id, revision: revision + 2 } })
      expect(await read(place)).toMatchObject({ entry: { ...add, ...change } })
      expect((await ask('PATCH', place, change)).json).toMatchObject({ revision: revision + 2, changes: [] })

      const removed = await ask('DELETE', place)
      expect(removed).toMatchObject({ status: 200, json: { revision: revision + 3 } })
      expect(removed.json).not.toHaveProperty('entry')
      expect(await ask('GET', place)).toMatchObject({ status: 404 })
      expect(await ask('DELETE', place)).toMatchObject({ status: 404 })
      expect(await ask('PATCH', place, change)).toMatchObject({ status: 404 })
      expect(await exported()).toEqual(before)
    })

    it('refuses what is there already, and what is wrong in terms of what was sent', async () => {
      const [body, where, says] = wrong
      const refused = await ask('POST', path, body)
      expect(refused.status).toBe(422)
      expect(refused.json.errors).toEqual([{ path: where, message: expect.stringContaining(says) }])
      expect(refused.json.detail).toContain(`\`${where}\``)
      const { id } = (await ask('POST', path, add)).json
      expect(await ask('POST', path, add)).toMatchObject({ status: 409 })
      const other = await ask('PATCH', `${path}/${encodeURIComponent(id)}`, { nonsense: 1 })
      expect(other.json.errors).toEqual([{ path: 'nonsense', message: '`nonsense` is not a known setting' }])
      for (const nothing of ['[]', '"text"', '7', 'null']) {
        expect(await ask('POST', path, nothing)).toMatchObject({ status: 422 })
      }
      expect((await read('/status')).revision).toBe(revision + 1)
    })

    it('tells what would be different and leaves everything as it was', async () => {
      const before = await exported()
      const dry = await ask('POST', `${path}?dryRun=true`, add)
      expect(dry).toMatchObject({ status: 200, json: { dryRun: true, revision, entry: add } })
      expect(dry.json.changes).toHaveLength(1)
      expect(await exported()).toEqual(before)
      expect(await ask('POST', `${path}?dryRun=true`, wrong[0])).toMatchObject({ status: 422 })
    })

    it('comes page by page', async () => {
      await ask('POST', path, add)
      const all = await administer<Record<string, Answer[]>>(server, 'GET', path)
      const found: unknown[] = []
      for (let cursor = ''; ;) {
        const page = await administer<Record<string, Answer[]> & { nextCursor?: string }>(
          server,
          'GET',
          `${path}?limit=1${cursor}`,
        )
        found.push(...(page[list] ?? []))
        if (page.nextCursor === undefined) break
        cursor = `&cursor=${page.nextCursor}`
      }
      expect(found).toEqual(all[list])
    })
  })

  it.each(['a/b', '50%', 'Œuvres & co?', 'order', 'x"y`z', 'constructor'])(
    'finds an entry with the name %j where its Location says',
    async (name) => {
      const added = await ask('POST', '/rules', { name, group: 'X', set: { level: 1 } })
      expect(added.status).toBe(201)
      const place = new URL(String(added.headers.location)).pathname.replace('/api/v1', '')
      expect(await read(place)).toMatchObject({ id: name })
      expect(await ask('DELETE', place)).toMatchObject({ status: 200 })
    },
  )

  it.each(
    [...roleEndpoints, ...extraModelEndpoints, ...sectionEndpoints]
      .filter(({ path }) => path !== '/permissions')
      .map(({ method, path }) => [method.toUpperCase(), path] as const),
  )('is refused to whoever is no administrator: %s %s', async (method, path) => {
    const place = path.replaceAll(/\{\w+\}/g, 'lake')
    for (const token of strangers) {
      expect(await ask(method, place, undefined, { Authorization: `Bearer ${token}` })).toMatchObject({
        status: 403,
      })
    }
    expect((await ask(method, place, undefined, { Authorization: 'Bearer nobody' })).status).toBe(401)
  })

  it('is told by names where an entry breaks what stands elsewhere', async () => {
    const answer = await ask('PATCH', '/user-attributes/db_role', { type: 'number' })
    expect(answer.status).toBe(422)
    expect(answer.json.errors.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'connections["warehouse"].values[0]',
        'connections["warehouse"].environments["warehouse_sales"].values[0]',
        'rules["finance people"].set.db_role',
      ]),
    )
  })

  it('is told once of a name that is none', async () => {
    const { json } = await ask('PATCH', '/roles/no_upload', { name: 'has space' })
    expect(json.errors).toEqual([{ path: 'name', message: expect.stringContaining('the name of a role') }])
  })

  it('warns by names, as applying does', async () => {
    const { json } = await ask('PATCH', '/connections/warehouse', { whenUnmatched: 'base' })
    expect(json.warnings.map(({ path }) => path)).toContain('connections["warehouse"].whenUnmatched')
    const elsewhere = await ask('PATCH', '/models/orders', { objects: ['shop.orders'] })
    expect(elsewhere.json.warnings).toEqual([])
    const itself = await ask('PATCH', '/connections/warehouse', { baseRole: 'querier' })
    expect(itself.json.warnings.map(({ path }) => path)).toContain('connections["warehouse"].whenUnmatched')
  })

  it('lets two changes at once both stand', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => ask('POST', '/models', { name: `m${i}`, connection: 'lake' })),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    expect(new Set(answers.map(({ json }) => json.revision)).size).toBe(answers.length)
    const { models } = await administer<{ models: Answer[] }>(server, 'GET', '/models')
    expect(models.map(({ id }) => id)).toEqual(expect.arrayContaining(answers.map(({ json }) => json.id)))
  })

  it('lets only one of two through who started from the same revision', async () => {
    const { headers } = await ask('GET', '/roles/no_upload')
    const change = (description: string) =>
      ask('PATCH', '/roles/no_upload', { description }, { 'If-Match': String(headers.etag) })
    const answers = await Promise.all([change('one'), change('other')])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 412]))
    const late = await change('late')
    expect(late).toMatchObject({
      status: 412,
      json: { detail: expect.stringContaining(`revision ${revision + 1} is in force and not ${revision}`) },
    })
    for (const any of ['*', `"1", "${revision + 1}"`]) {
      expect(await ask('PATCH', '/roles/no_upload', { description: any }, { 'If-Match': any })).toMatchObject(
        { status: any === '*' ? 200 : 412 },
      )
    }
    expect(await ask('DELETE', '/models/extra', undefined, { 'If-Match': '"nonsense"' })).toMatchObject({
      status: 412,
    })
  })

  it('leaves directories as they are treated since the last configuration', async () => {
    await administer(server, 'PATCH', '/directories/okta', { mode: 'strict' })
    await ask('PATCH', '/models/orders', { objects: ['a.b'] })
    expect(await administer(server, 'GET', '/directories/okta')).toMatchObject({ mode: 'strict' })
  })

  it('keeps a directory that it names until it names it no longer', async () => {
    await administer(server, 'POST', '/apply', {
      ...CONFIGURATION,
      grants: [],
      overrides: [],
      protectedUsers: [],
    })
    await administer(server, 'POST', '/directories', { name: 'entra' })
    const add = (name: string) =>
      ask('POST', '/rules', { name, directory: 'Entra', group: 'X', set: { level: 1 } })
    await Promise.all([add('one'), add('two')])
    const refused = await ask('DELETE', '/directories/entra?confirm=entra')
    expect(refused).toMatchObject({
      status: 409,
      json: { detail: expect.stringContaining('names the directory `entra`') },
    })
    expect(refused.json.errors.map(({ path }) => path).toSorted()).toEqual([
      'rules["one"].directory',
      'rules["two"].directory',
    ])
    for (const name of ['one', 'two']) await ask('DELETE', `/rules/${name}`)
    expect(await ask('DELETE', '/directories/entra?confirm=entra')).toMatchObject({ status: 204 })
    expect(await ask('PATCH', '/models/orders', { objects: ['a.b'] })).toMatchObject({ status: 200 })
  })

  it('is searched by what people wrote, and not by the names of settings', async () => {
    const found = async (search: string) =>
      (await administer<{ rules: Answer[] }>(server, 'GET', `/rules?search=${search}`)).rules.map(
        ({ id }) => id,
      )
    expect(await found('LEVEL')).toEqual(['by level'])
    expect(await found('modelers')).toEqual(['modelers'])
    expect(await found('group')).toEqual([])
    expect(await found('DB_role')).toEqual(['finance people', 'by filter'])
  })

  it('stands in the audit as a revision with what was different', async () => {
    const { json } = await ask('PATCH', '/connections/lake', { baseRole: 'viewer' })
    const { entries } = await administer<{ entries: { detail: unknown; subjectId: string }[] }>(
      server,
      'GET',
      '/audit?limit=1',
    )
    expect(JSON.stringify(entries[0])).toContain('baseRole')
    expect(json.changes).toMatchObject([{ change: 'changed', kind: 'connection', name: 'lake' }])
  })

  it('can be planned before it is made: whom it affects, and then it is applied', async () => {
    const { json } = await ask('PATCH', '/connections/lake?dryRun=plan', { baseRole: 'modeler' })
    expect(json.plan).toMatchObject({ state: 'done', basedOn: revision, summary: { affected: 1 } })
    expect((await decision('lake')).role.name).toBe('no_upload')
    await administer(server, 'POST', `/apply?plan=${json.plan?.id}`)
    expect((await decision('lake')).role.name).toBe('modeler')
  })

  describe('roles', () => {
    it('come with what they amount to, what they lack, and where they are used', async () => {
      expect(await read('/roles/no_upload')).toMatchObject({
        id: 'no_upload',
        facts: {
          base: false,
          tier: 'querier',
          position: 2,
          resolvedRole: { name: 'querier', displayName: 'Querier' },
          exceptions: { added: [], missing: ['upload_data'] },
        },
        uses: [
          'connections["lake"].baseRole',
          'rules["finance people"].grant.role',
          expect.stringMatching(/^grants\["[0-9a-f]{16}"\]\.role$/),
        ],
      })
    })

    it('come the strongest first, the base roles among them', async () => {
      const { roles } = await administer<{ roles: Answer[] }>(server, 'GET', '/roles')
      expect(roles.map(({ id }) => id)).toEqual([
        'connection_admin',
        'modeler',
        'querier',
        'no_upload',
        'no_download',
        'restricted_querier',
        'viewer',
        'no_access',
      ])
      const { roles: found } = await administer<{ roles: Answer[] }>(server, 'GET', '/roles?search=UPLOAD')
      expect(found.map(({ id }) => id)).toEqual(['no_upload'])
    })

    it.each(['PATCH', 'DELETE'])(
      'refuse %s where they are base roles, by each of their names',
      async (method) => {
        for (const name of ['viewer', 'VIEWER', 'QUERY_TOPICS', 'Restricted_Querier']) {
          const answer = await ask(
            method,
            `/roles/${name}`,
            method === 'PATCH' ? { displayName: 'X' } : undefined,
          )
          expect(answer).toMatchObject({
            status: 409,
            json: { detail: expect.stringContaining('base role') },
          })
        }
        expect(
          await ask('POST', '/roles', { name: 'QUERY_TOPICS', displayName: 'X', tier: 'viewer' }),
        ).toMatchObject({ status: 409 })
      },
    )

    it('in use are removed by a second step, which is told, and removal really removes', async () => {
      const first = await ask('DELETE', '/roles/no_upload')
      expect(first.status).toBe(409)
      expect(first.json.detail).toContain('uses=remove')
      expect(first.json.errors).toEqual([
        { path: 'connections["lake"].baseRole', message: 'goes with it' },
        { path: 'rules["finance people"].grant.role', message: expect.stringContaining('goes with it') },
        { path: expect.stringMatching(/^grants\[/), message: expect.stringContaining('goes with it') },
      ])
      expect((await decision('lake')).role.name).toBe('no_upload')
      const second = await ask('DELETE', '/roles/no_upload?uses=remove')
      expect(second.json.changes.map(({ kind }) => kind).toSorted()).toEqual([
        'connection',
        'direct grants',
        'order of roles',
        'role',
        'rule',
      ])
      expect(await decision('lake')).toMatchObject({ decision: 'deny', role: { name: 'no_access' } })
      expect(JSON.stringify(await exported())).not.toContain('no_upload')
    })

    it('in use are replaced by another one when that is said', async () => {
      expect(await ask('DELETE', '/roles/no_upload?replaceWith=nothing')).toMatchObject({ status: 404 })
      expect(await ask('DELETE', '/roles/no_upload?replaceWith=viewer&uses=remove')).toMatchObject({
        status: 422,
      })
      expect(await ask('DELETE', '/models/orders?replaceWith=extra')).toMatchObject({ status: 422 })
      await ask('DELETE', '/roles/no_upload?replaceWith=QUERY_TOPICS')
      expect((await decision('lake')).role.name).toBe('restricted_querier')
    })

    it('are moved inside their tier alone, the base role too', async () => {
      expect(await ask('PUT', '/roles/QUERIER/order', { after: 'no_download' })).toMatchObject({
        status: 200,
        json: { id: 'querier', facts: { position: 3 }, changes: [{ kind: 'order of roles' }] },
      })
      const again = await ask('PUT', '/roles/QUERIER/order', { position: 3 })
      expect(again.json).toMatchObject({ facts: { position: 3 }, changes: [] })
      expect(await ask('PUT', '/roles/no_upload/order', { before: 'modeler' })).toMatchObject({
        status: 409,
        json: { detail: expect.stringContaining('tiers never move') },
      })
    })

    it('are duplicated with what is sent laid over the copy', async () => {
      const copy = await ask('POST', '/roles/QUERY_TOPICS/duplicate', {
        name: 'topics',
        without: ['download'],
      })
      expect(copy).toMatchObject({
        status: 201,
        headers: { location: expect.stringMatching(/\/api\/v1\/roles\/topics$/) },
        json: { entry: { displayName: 'Copy of Restricted Querier', tier: 'restricted_querier' } },
      })
      expect(await ask('POST', '/roles/topics/duplicate', {})).toMatchObject({ status: 409 })
      expect(await ask('POST', '/roles/nobody/duplicate', { name: 'x' })).toMatchObject({ status: 404 })
    })

    it('are checked before they are roles, one whose name is `check` among them', async () => {
      const draft = { permissions: ['view_content', 'query_full_model'] }
      expect(await ask('POST', '/roles/check', draft)).toMatchObject({
        status: 200,
        json: {
          resolvedRole: { name: 'querier' },
          exceptions: { added: [], missing: expect.arrayContaining(['query_topics']) },
          errors: [
            {
              path: 'permissions[1]',
              message:
                '`query_full_model` needs `query_topics`, the core permission of `restricted_querier`, which is missing',
            },
          ],
        },
      })
      expect(
        (await ask('POST', '/roles', { name: 'check', displayName: 'Check', tier: 'viewer' })).status,
      ).toBe(201)
      expect(await read('/roles/check')).toMatchObject({ entry: { displayName: 'Check' } })
      expect(await ask('DELETE', '/roles/check')).toMatchObject({ status: 200 })
    })

    it('are made of a tree that every service may read', async () => {
      const token = await issueToken(server, { scope: 'read' })
      const { json } = await ask('GET', '/permissions', undefined, { Authorization: `Bearer ${token}` })
      expect(json).toMatchObject({
        permissions: expect.arrayContaining([
          {
            id: 'upload_data',
            title: 'Upload data',
            tier: 'restricted_querier',
            parent: 'use_workbooks',
            core: false,
          },
        ]),
      })
    })
  })

  describe('assignments', () => {
    const granted = async (sent: object) => {
      const answer = await ask('POST', '/grants', sent)
      expect(answer.status).toBe(201)
      return new URL(String(answer.headers.location)).pathname.replace('/api/v1', '')
    }

    it('to a group are a rule, and end when that is removed', async () => {
      expect(await decision('warehouse_hr')).toMatchObject({ decision: 'deny' })
      const rule = await granted({
        group: 'Finance',
        role: 'QUERY_TOPICS',
        on: 'warehouse_hr',
        reason: 'audit',
      })
      expect(decodeURIComponent(rule)).toBe('/rules/QUERY_TOPICS on warehouse_hr for Finance')
      expect(await decision('warehouse_hr')).toMatchObject({ role: { name: 'restricted_querier' } })
      expect(
        await ask('POST', '/grants', {
          group: 'finance',
          role: 'restricted_querier',
          on: { connection: 'warehouse_hr' },
        }),
      ).toMatchObject({ status: 409 })
      await ask('DELETE', rule)
      expect(await decision('warehouse_hr')).toMatchObject({ decision: 'deny' })
    })

    it('last as long as they say', async () => {
      const rule = await granted({
        group: 'Finance',
        role: 'viewer',
        on: 'warehouse_hr',
        until: '2020-01-01T00:00:00Z',
      })
      expect(await decision('warehouse_hr')).toMatchObject({ decision: 'deny' })
      await ask('PATCH', rule, { until: null })
      expect(await decision('warehouse_hr')).toMatchObject({ decision: 'allow' })
    })

    it('to a user and on a model are grants', async () => {
      const grant = await granted({ user: 'ADA', role: 'modeler', on: { model: 'orders' } })
      expect(grant).toMatch(/^\/grants\/[0-9a-f]{16}$/)
      const on = () =>
        administer<{ role: { name: string } }>(
          server,
          'GET',
          '/resolve?user=ada&connection=lake&model=orders',
        )
      expect((await on()).role.name).toBe('modeler')
      await ask('DELETE', grant)
      expect((await on()).role.name).toBe('no_upload')
    })

    it.each([
      [{ group: 'Finance', role: 'nobody', on: 'lake' }, 'role', 'there is no role `nobody`'],
      [{ group: 'Finance', role: 'viewer', on: { model: 'x' } }, 'on.model', 'there is no model `x`'],
      [{ group: 'Finance', role: 'viewer' }, 'on', 'should be the name of a connection'],
      [
        { group: 'Finance', user: 'ada', role: 'viewer', on: 'lake' },
        'user',
        'should not stand beside `group`',
      ],
    ])('of %j are refused in these terms', async (sent, path, says) => {
      const { status, json } = await ask('POST', '/grants', sent)
      expect(status).toBe(422)
      expect(json.errors).toEqual([{ path, message: expect.stringContaining(says) }])
    })
  })

  describe('user attributes', () => {
    it('are renamed with everything that names them, and nobody’s decision changes', async () => {
      const before = await decision('warehouse')
      const { json } = await ask('PATCH', '/user-attributes/db_role', { reference: 'database_role' })
      expect(json).toMatchObject({ id: 'database_role', entry: { formerly: ['db_role'] } })
      expect(json.uses).toContain('connections["warehouse"].environmentAttribute')
      expect(await decision('warehouse')).toMatchObject({ decision: before.decision, role: before.role })
      expect(await ask('GET', '/user-attributes/db_role')).toMatchObject({ status: 404 })
      const level = await ask('PATCH', '/user-attributes/level', { reference: 'grade' })
      expect(level.json.uses).toContain('directories["okta"].mayGrant.attributes.grade')
      const { directories } = await exported()
      expect(directories).toMatchObject([{ mayGrant: { attributes: { grade: [1, 7] } } }])
    })

    it('keep, when they are renamed, what SCIM sent under either name', async () => {
      const DYNAMIC = 'urn:signalbox:params:scim:schemas:2.0:UserAttribute'
      const send = (name: string, value: string) =>
        okta.patch(`/Users/${ada}`, { op: 'replace', path: `${DYNAMIC}:${name}`, value })
      const environment = async () =>
        (
          await administer<{ environment: { connection: string } | null }>(
            server,
            'GET',
            '/resolve?user=ada&connection=warehouse',
          )
        ).environment?.connection
      await ask('PATCH', '/user-attributes/db_role', { from: null })
      expect((await send('db_role', 'sales')).status).toBe(200)
      expect(await environment()).toBe('warehouse_sales')
      await ask('PATCH', '/user-attributes/db_role', { reference: 'database_role' })
      expect(await environment()).toBe('warehouse_sales')
      expect((await send('db_role', 'finance')).status).toBe(200)
      expect(await environment()).toBe('warehouse_finance')
      expect((await send('database_role', 'sales')).status).toBe(200)
      expect(await environment()).toBe('warehouse_sales')
      await ask('PATCH', '/user-attributes/database_role', { reference: 'db_role' })
      expect(await environment()).toBe('warehouse_sales')
    })

    it('that decide environments are not removed, with their uses neither', async () => {
      const answer = await ask('DELETE', '/user-attributes/db_role?uses=remove')
      expect(answer).toMatchObject({
        status: 409,
        json: {
          errors: [
            {
              path: 'connections["warehouse"].environmentAttribute',
              message: expect.stringContaining('everybody would run on the connection itself'),
            },
          ],
        },
      })
    })
  })

  describe('models on environments', () => {
    it('are listed, and removed after confirmation', async () => {
      expect(await read('/connections/warehouse/extra-models')).toEqual({
        revision,
        extraModels: [{ name: 'extra', connection: 'warehouse_finance', uses: [] }],
      })
      const place = '/connections/warehouse/extra-models'
      expect(await ask('DELETE', place)).toMatchObject({
        status: 409,
        json: { errors: [{ path: 'models["extra"]', message: 'is built on `warehouse_finance`' }] },
      })
      expect(await ask('DELETE', `${place}?model=orders&confirm=warehouse`)).toMatchObject({ status: 409 })
      expect(await ask('DELETE', `${place}?confirm=warehouse`)).toMatchObject({
        status: 200,
        json: { changes: [{ change: 'removed', kind: 'model', name: 'extra' }] },
      })
      expect((await read(place)) as unknown).toMatchObject({ extraModels: [] })
      expect((await read('/models/orders')).id).toBe('orders')
    })
  })

  it('tells the first hundred uses and counts all', async () => {
    const rules = Array.from({ length: 101 }, (_, i) => ({
      name: `r${i}`,
      group: `g${i}`,
      grant: { role: 'viewer', on: { model: 'extra' } },
    }))
    await administer(server, 'POST', '/apply', { ...CONFIGURATION, rules })
    const { uses, useCount } = await read('/models/extra')
    expect([uses.length, useCount]).toEqual([100, 101])
    const { json } = await ask('DELETE', '/models/extra')
    expect(json.detail).toContain('in use in 101 places, of which the first 100 are told')
    expect(json.errors).toHaveLength(100)
  })

  it('has connections with their environments, models and uses', async () => {
    expect((await read('/connections/warehouse')).facts).toEqual({
      environments: ['warehouse_sales', 'warehouse_finance'],
      environmentOf: [],
      models: [],
      extraModels: ['extra'],
    })
    expect((await read('/connections/WAREHOUSE_FINANCE')).facts).toMatchObject({
      environmentOf: ['warehouse'],
    })
  })

  it.each([
    ['/rules/by level/order', { position: 1 }, 1],
    ['/rules/by level/order', { after: 'modelers' }, 3],
    ['/rules/by level/order', { before: 'finance people' }, 1],
    ['/connections/warehouse/environments/warehouse_finance/order', { before: 'warehouse_sales' }, 1],
  ])('moves %s %j', async (path, to, position) => {
    expect(await ask('PUT', encodeURI(path), to)).toMatchObject({
      status: 200,
      json: { facts: { position } },
    })
  })

  it.each([
    [{ position: 0 }, 422],
    [{ before: 'modelers', after: 'modelers' }, 422],
    [{ before: 'by level' }, 409],
    [{ before: 'nobody' }, 404],
  ])('moves nothing to %j', async (to, status) => {
    expect(await ask('PUT', '/rules/by%20level/order', to)).toMatchObject({ status })
    expect((await read('/status')).revision).toBe(revision)
  })
})
