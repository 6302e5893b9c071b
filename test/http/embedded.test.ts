import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { administer, issueToken } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { EXAMPLE } from '../support/example.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

const custom = {
  name: 'topics_only',
  displayName: 'Topics only',
  tier: 'restricted_querier',
  without: ['use_ai_assistant'],
}

describe.each(engines)('an embedded context on %s', (engine) => {
  let server: TestServer
  let token: string
  beforeAll(async () => {
    server = await startServer({ engine })
    await administer(server, 'POST', '/apply', {
      ...EXAMPLE,
      roles: [...EXAMPLE.roles, custom],
      models: [{ name: 'sales', connection: 'warehouse' }],
    })
    token = await issueToken(server, { scope: 'read' })
  })
  afterAll(() => server.stop())

  const ask = async (body: object) => {
    const { status, json } = await send(server.url, {
      method: 'POST',
      path: '/api/v1/resolve/embedded',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: { connection: 'warehouse', ...body },
    })
    return { status, json: json as Record<string, unknown> }
  }
  const values = { attributes: { db_role: 'analyst' } }

  it.each<[string, object, string, string]>([
    ['the role of its map', { connectionRoles: { warehouse: 'VIEWER' } }, 'viewer', 'granted'],
    [
      'the other name of a role',
      { connectionRoles: { warehouse: 'QUERY_TOPICS' } },
      'restricted_querier',
      'granted',
    ],
    [
      'a custom role of an allowed tier',
      { connectionRoles: { warehouse: 'topics_only' } },
      'topics_only',
      'granted',
    ],
    ['the role on the model', { model: 'sales', modelRoles: { sales: 'VIEWER' } }, 'viewer', 'granted'],
    [
      'the role on the connection, where that on the model is weaker',
      {
        model: 'sales',
        connectionRoles: { warehouse: 'RESTRICTED_QUERIER' },
        modelRoles: { sales: 'VIEWER' },
      },
      'restricted_querier',
      'lifted',
    ],
  ])('has %s', async (_, context, role, kind) => {
    const { status, json } = await ask({ ...values, ...context })
    expect(status).toBe(200)
    expect(json).toMatchObject({
      decision: 'allow',
      role: { name: role },
      environment: { connection: 'warehouse_analyst', value: 'analyst' },
      attributes: { db_role: 'analyst' },
      because: expect.arrayContaining([expect.objectContaining({ step: 'role', kind, source: 'context' })]),
    })
  })

  it('has no role by the base role of the connection', async () => {
    expect((await ask(values)).json).toMatchObject({
      decision: 'deny',
      reason: 'no_access',
      because: [{ step: 'role', kind: 'none' }],
    })
  })

  it('has nothing on the connection by a role on a model', async () => {
    expect((await ask({ ...values, modelRoles: { sales: 'VIEWER' } })).json).toMatchObject({
      decision: 'deny',
      reason: 'no_access',
    })
  })

  it.each<[string, object, string]>([
    ['no value', {}, 'no_value'],
    ['a value that leads nowhere', { attributes: { db_role: 'nobody' } }, 'unmatched'],
  ])('leads nowhere with %s', async (_, context, reason) => {
    expect((await ask({ connectionRoles: { warehouse: 'viewer' }, ...context })).json).toMatchObject({
      decision: 'deny',
      reason,
    })
  })

  it.each<[string, object, string, string]>([
    [
      'a role of a higher tier',
      { connectionRoles: { warehouse: 'querier_no_upload' } },
      'connectionRoles.warehouse',
      '`querier_no_upload` resolves to `querier`; embedded, only roles that resolve to `viewer` or `restricted_querier` are allowed',
    ],
    ['a role that is none', { modelRoles: { sales: 'king' } }, 'modelRoles.sales', 'there is no role `king`'],
    [
      'an unknown connection',
      { connectionRoles: { lake: 'viewer' } },
      'connectionRoles.lake',
      'there is no connection `lake`',
    ],
    ['an unknown model', { modelRoles: { lake: 'viewer' } }, 'modelRoles.lake', 'there is no model `lake`'],
    ['an unknown attribute', { attributes: { x: 1 } }, 'attributes.x', 'there is no user attribute `x`'],
    [
      'several values where one is meant',
      { attributes: { db_role: ['a', 'b'] } },
      'attributes.db_role',
      '`db_role` takes one value, and here are 2',
    ],
  ])('is refused with %s', async (_, context, path, message) => {
    expect(await ask({ ...values, ...context })).toMatchObject({
      status: 422,
      json: { errors: [{ path, message }] },
    })
  })

  it('is asked about on a connection and a model that exist', async () => {
    expect(await ask({ connection: 'lake' })).toMatchObject({ status: 404 })
    expect(await ask({ model: 'lake' })).toMatchObject({ status: 404 })
  })
})
