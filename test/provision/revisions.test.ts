import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { scimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send, type WireResponse } from '../support/wire.ts'

const configuration = (role: string, more: object = {}) => ({
  connections: [{ name: 'lake', dialect: 'postgres', baseRole: role }],
  ...more,
})

interface Revision {
  id: number
  actor: string
  createdAt: string
  restores: number | null
}

describe.each(engines)('revisions of the configuration on %s', (engine) => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({ engine })
    const okta = await scimDirectory(server, 'okta')
    await okta.createUser({ userName: 'ada' })
  })
  afterAll(() => server.stop())

  const admin = <T = { revision: number }>(method: string, path: string, body?: object) =>
    administer<T>(server, method, path, body)
  const ask = (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<WireResponse> =>
    send(server.url, {
      method,
      path: `/api/v1${path}`,
      headers: {
        Authorization: `Bearer ${server.adminToken}`,
        'Content-Type': 'application/json',
        ...headers,
      },
      body,
    })
  const role = async () =>
    (await admin<{ role: { name: string } }>('GET', '/resolve?user=ada&connection=lake')).role.name
  const modeOf = async () => (await admin<{ mode: string }>('GET', '/directories/okta')).mode

  it('are refused when another one is in force than was planned on, with what happened since', async () => {
    expect((await ask('POST', '/revisions/1/rollback')).status).toBe(404)
    await admin('POST', '/apply?basedOn=0', configuration('viewer'))
    const late = await ask('POST', '/apply?basedOn=0', configuration('querier'))
    expect(late).toMatchObject({
      status: 409,
      json: {
        detail: expect.stringContaining('revision 1 is in force and not 0'),
        errors: [{ path: 'revisions[1]', message: expect.stringMatching(/^was applied at .* by /) }],
      },
    })
    expect(await role()).toBe('viewer')
  })

  it('are applied and brought back under the condition of `If-Match` and of `basedOn`', async () => {
    const { headers } = await ask('GET', '/export')
    expect(headers.etag).toBe('"1"')
    const { id } = await admin<{ id: string }>('POST', '/plan', configuration('querier'))
    for (const [path, body] of [
      ['/apply', configuration('querier')],
      [`/apply?plan=${id}`, undefined],
      ['/revisions/1/rollback', undefined],
    ] as const) {
      expect(await ask('POST', path, body, { 'If-Match': '"7"' })).toMatchObject({
        status: 412,
        json: { detail: expect.stringContaining('revision 1 is in force and not 7') },
      })
    }
    expect(await ask('POST', '/revisions/1/rollback?basedOn=7')).toMatchObject({ status: 409 })
    expect(await role()).toBe('viewer')
    const condition = { 'If-Match': String(headers.etag) }
    expect(await ask('POST', '/apply', configuration('viewer'), condition)).toMatchObject({
      status: 200,
      headers: { etag: '"1"' },
      json: { changes: [] },
    })
    expect(await ask('POST', '/revisions/1/rollback?basedOn=1', undefined, condition)).toMatchObject({
      status: 200,
      json: { revision: 1, changes: [] },
    })
  })

  it('are not changed where the condition would not be kept', async () => {
    const condition = { 'If-Match': '"1"' }
    expect(await ask('PATCH', '/directories/okta', { mode: 'strict' }, condition)).toMatchObject({
      status: 400,
      json: { detail: '`If-Match` is not understood here; leave it out' },
    })
    expect(await modeOf()).toBe('tolerant')
    expect(await ask('GET', '/revisions', undefined, condition)).toMatchObject({ status: 200 })
  })

  it('refuse a plan when a directory is treated differently since, and take one once', async () => {
    const { id } = await admin<{ id: string }>('POST', '/plan', configuration('querier'))
    await admin('PATCH', '/directories/okta', { mode: 'strict' })
    expect(await ask('POST', `/apply?plan=${id}`)).toMatchObject({
      status: 409,
      json: { errors: [{ path: 'directories["okta"]', message: 'is treated differently' }] },
    })
    const again = await admin<{ id: string }>('POST', '/plan', configuration('querier'))
    expect(await ask('POST', `/apply?plan=${again.id}`, configuration('viewer'))).toMatchObject({
      status: 422,
    })
    expect(await admin('POST', `/apply?plan=${again.id}`)).toMatchObject({ revision: 2 })
    expect(await ask('POST', `/apply?plan=${again.id}`)).toMatchObject({ status: 409 })
    expect(await ask('POST', '/apply?plan=unknown')).toMatchObject({ status: 404 })
    expect(await role()).toBe('querier')
  })

  it('let only one of two who planned on the same present through', async () => {
    const answers = await Promise.all([
      ask('POST', '/apply?basedOn=2', configuration('modeler')),
      ask('POST', '/apply?basedOn=2', configuration('restricted_querier')),
    ])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]))
  })

  it('bring back the configuration with its directories as they were treated last under it', async () => {
    await admin(
      'POST',
      '/apply',
      configuration('viewer', { directories: [{ name: 'okta', provider: 'entra' }] }),
    )
    expect(await modeOf()).toBe('tolerant')
    await scimDirectory(server, 'later')
    const rolled = await admin<{ revision: number; changes: object[] }>('POST', '/revisions/2/rollback')
    expect(rolled).toMatchObject({
      revision: 5,
      changes: [
        { change: 'changed', kind: 'directory', name: 'okta' },
        { change: 'changed', kind: 'connection', name: 'lake' },
      ],
    })
    expect([await role(), await modeOf()]).toEqual(['querier', 'strict'])
    const detail = await admin<{ restores: number; document: object; changes: object[] }>(
      'GET',
      '/revisions/5',
    )
    expect(detail).toMatchObject({
      restores: 2,
      document: { directories: [{ name: 'later' }, { name: 'okta', mode: 'strict' }] },
      changes: expect.arrayContaining([
        {
          change: 'changed',
          kind: 'connection',
          name: 'lake',
          fields: [{ field: 'baseRole', before: 'viewer', after: 'querier' }],
        },
      ]),
    })
    expect(await admin('POST', '/revisions/5/rollback')).toMatchObject({ revision: 5, changes: [] })
  })

  it('are listed by pages, by actor and by time', async () => {
    const seen: number[] = []
    let cursor = ''
    do {
      const page: { revisions: Revision[]; nextCursor?: string } = await admin(
        'GET',
        `/revisions?limit=2${cursor}`,
      )
      seen.push(...page.revisions.map(({ id }) => id))
      cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`
    } while (cursor !== '')
    expect(seen).toEqual([5, 4, 3, 2, 1])
    const list = async (query: string) =>
      (await admin<{ revisions: Revision[] }>('GET', `/revisions?${query}`)).revisions
    const [last] = await list('limit=1')
    expect(last).toMatchObject({ id: 5, restores: 2 })
    expect(await list('search=nobody')).toEqual([])
    expect((await list(`from=${last?.createdAt}`)).map(({ id }) => id)).toEqual([5])
    expect((await list(`until=${last?.createdAt}`)).map(({ id }) => id)).toEqual([4, 3, 2, 1])
  })

  it('can be planned before they are brought back', async () => {
    const plan = await admin<{ id: string; changes: object[]; state: string }>('POST', '/plan?revision=4')
    expect(plan).toMatchObject({ state: 'done', summary: { affected: 1, kinds: { roleDown: 1 } } })
    expect(await ask('POST', '/plan', 'connections:\n  - { name: lake }\n')).toMatchObject({ status: 422 })
    const { plans } = await admin<{ plans: { id: string }[] }>('GET', '/plans?limit=1')
    expect(plans).toMatchObject([{ id: plan.id }])
  })
})
