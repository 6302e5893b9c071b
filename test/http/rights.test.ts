import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { endpoints } from '../../src/http/api/router.ts'
import { addDirectory, administer, issueToken } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { USER } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { openAgent, send } from '../support/wire.ts'

const SCOPES = ['scim', 'read', 'admin'] as const

/** What may be asked below `/scim/v2`. */
const SCIM = [
  ...['/Users', '/Groups'].flatMap((type) => [
    ...['GET', 'POST'].map((method) => ({ method, path: type })),
    ...['GET', 'PUT', 'PATCH', 'DELETE'].map((method) => ({ method, path: `${type}/nobody` })),
    { method: 'POST', path: `${type}/.search` },
  ]),
  ...['/', '/Me', '/Schemas', '/ResourceTypes', '/ServiceProviderConfig'].map((path) => ({
    method: 'GET',
    path,
  })),
  ...['/.search', '/Bulk'].map((path) => ({ method: 'POST', path })),
].map(({ method, path }) => ({ method, path: `/scim/v2${path}`, scopes: ['scim'] as const }))

const API = endpoints.map(({ method, path, scopes }) => ({
  method: method.toUpperCase(),
  path: `/api/v1${path.replaceAll(/\{\w+\}/g, 'nobody')}`,
  scopes,
}))

describe.each(engines)('the rights of a token on %s', (engine) => {
  let server: TestServer
  const tokens = new Map<string, string>()
  const agent = openAgent()

  beforeAll(async () => {
    server = await startServer({ engine })
    tokens.set('scim', (await addDirectory(server, 'okta', agent)).token)
    tokens.set('read', await issueToken(server, { scope: 'read' }, agent))
    tokens.set('admin', await issueToken(server, { scope: 'admin' }, agent))
  })
  afterAll(async () => {
    agent.destroy()
    await server.stop()
  })

  it.each(SCOPES)('HTTP-07 let it do what its scope %s says, and nothing else', async (scope) => {
    const Authorization = `Bearer ${tokens.get(scope)}`
    const wrong: string[] = []
    for (const { method, path, scopes } of [...SCIM, ...API]) {
      // A body that nobody can read: whoever is let in is told so.
      const body = method === 'GET' || method === 'DELETE' ? undefined : '{'
      const headers = { Authorization, 'Content-Type': 'application/json' }
      const { status } = await send(server.url, { method, path, headers, body }, agent)
      const isLetIn = status !== 401 && status !== 403
      if (isLetIn !== (scopes as readonly string[]).includes(scope))
        wrong.push(`${method} ${path}: ${status}`)
    }
    expect(wrong).toEqual([])
  })

  it('HTTP-07 let the data of a directory hand out some values of some attributes, and no other', async () => {
    await administer(server, 'POST', '/apply', {
      directories: [
        {
          name: 'okta',
          provider: 'okta',
          mayGrant: { upTo: 'viewer', attributes: { db_role: ['finance'] } },
        },
      ],
      userAttributes: [
        { reference: 'db_role', from: 'title' },
        { reference: 'region', from: 'locale' },
      ],
      connections: [{ name: 'warehouse', dialect: 'postgres', baseRole: 'viewer' }],
      rules: [{ name: 'everybody', when: 'userName pr', grant: { role: 'querier', on: 'warehouse' } }],
    })
    const decided = async (userName: string, title: string) => {
      const headers = { Authorization: `Bearer ${tokens.get('scim')}`, 'Content-Type': 'application/json' }
      const body = { schemas: [USER], userName, title, locale: 'anything' }
      await send(server.url, { method: 'POST', path: '/scim/v2/Users', headers, body }, agent)
      return administer(server, 'GET', `/resolve?user=${userName}&connection=warehouse`)
    }
    const allowed = { role: { tier: 'viewer' }, attributes: { region: 'anything' } }
    expect(await decided('ada', 'finance')).toMatchObject({ ...allowed, attributes: { db_role: 'finance' } })
    expect(await decided('ben', 'admin')).toMatchObject({ ...allowed, attributes: { db_role: null } })
  })
})
