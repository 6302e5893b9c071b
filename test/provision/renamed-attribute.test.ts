import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { scimDirectory, USER, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

const URN = 'urn:signalbox:params:scim:schemas:2.0:UserAttribute'
const ALIAS = 'urn:omni:params:1.0:UserAttribute'

const configuration = (reference: string, ...formerly: readonly string[]) => ({
  userAttributes: [{ reference, formerly, matching: true }],
  userAttributeAliases: [ALIAS],
  connections: [
    {
      name: 'lake',
      dialect: 'postgres',
      baseRole: 'viewer',
      environmentAttribute: reference,
      values: ['admin'],
      environments: [{ connection: 'lake_finance', values: ['finance'] }],
    },
    { name: 'lake_finance', dialect: 'postgres' },
  ],
})

describe.each(engines)('a user attribute that is renamed, on %s,', (engine) => {
  let server: TestServer
  let okta: ScimDirectory
  let ada: string

  const apply = async (document: object) => {
    await administer(server, 'POST', '/apply', document)
    await recomputeAll(server.ctx, () => {})
  }
  const resolve = () =>
    administer<{ environment: { connection: string } | null }>(
      server,
      'GET',
      '/resolve?user=ada&connection=lake',
    )
  const environment = async () => (await resolve()).environment?.connection

  beforeAll(async () => {
    server = await startServer({ engine })
    okta = await scimDirectory(server, 'okta')
    await apply(configuration('db_role'))
    ada = await okta.createUser({ userName: 'ada', schemas: [USER, URN], [URN]: { db_role: 'finance' } })
    await apply(configuration('warehouse_role', 'db_role'))
  })
  afterAll(() => server.stop())

  it('keeps the values of users', async () => {
    expect(await resolve()).toMatchObject({
      decision: 'allow',
      environment: { connection: 'lake_finance' },
      attributes: { warehouse_role: 'finance' },
    })
  })

  it.each(['db_role', 'warehouse_role', 'Warehouse_Role'])('is set and cleared as %s', async (name) => {
    for (const urn of [URN, ALIAS]) {
      const path = `${urn}:${name}`
      await okta.patch(`/Users/${ada}`, { op: 'replace', path, value: 'admin' })
      expect(await environment()).toBe('lake')
      await okta.patch(`/Users/${ada}`, { op: 'remove', path })
      expect(await resolve()).toMatchObject({ decision: 'deny', reason: 'no_value' })
    }
    await okta.patch(`/Users/${ada}`, { op: 'add', value: { [URN]: { [name]: 'finance' } } })
    expect(await environment()).toBe('lake_finance')
  })

  it.each(['db_role', 'warehouse_role'])('is found as %s', async (name) => {
    const filter = encodeURIComponent(`${URN}:${name} eq "finance"`)
    const found = await okta.call('GET', `/Users?filter=${filter}&attributes=${URN}:${name}`)
    expect(found.json).toMatchObject({ totalResults: 1, Resources: [{ [URN]: { db_role: 'finance' } }] })
  })

  it('is taken by both names where they say the same, and refused where they do not', async () => {
    const put = (values: object) =>
      okta.call('PUT', `/Users/${ada}`, { schemas: [USER, URN], userName: 'ada', [URN]: values })
    expect((await put({ db_role: 'admin', warehouse_role: 'admin' })).status).toBe(200)
    expect(await environment()).toBe('lake')
    expect(await put({ db_role: 'admin', warehouse_role: 'finance' })).toMatchObject({
      status: 400,
      json: {
        scimType: 'invalidSyntax',
        detail: expect.stringContaining('`db_role` and `warehouse_role` are the same attribute'),
      },
    })
    const patched = await okta.patch(`/Users/${ada}`, {
      op: 'replace',
      value: { [URN]: { db_role: 'finance', warehouse_role: 'admin' } },
    })
    expect(patched).toMatchObject({ status: 400, json: { scimType: 'invalidSyntax' } })
    expect(await environment()).toBe('lake')
  })

  it('has its values again when the old configuration is back', async () => {
    await apply(configuration('db_role'))
    expect(await environment()).toBe('lake')
  })
})
