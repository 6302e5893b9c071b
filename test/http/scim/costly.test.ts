import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../../support/admin.ts'
import { engines } from '../../support/engines.ts'
import { scimDirectory, type ScimDirectory } from '../../support/scim.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { addUser } from '../../store/support.ts'

const USERS = 2000

describe.each(engines)('a query that takes too long, on %s', (engine) => {
  let server: TestServer
  let directory: ScimDirectory
  beforeAll(async () => {
    server = await startServer({ engine, maxQueryMs: 1 })
    directory = await scimDirectory(server, 'large')
    const title = 'x'.repeat(200)
    await server.ctx.engine.write(async (db) => {
      for (let i = 0; i < USERS; i += 1) await addUser(db, directory.id, `u${i}`, { title: `${title}${i}` })
    })
  })
  afterAll(() => server.stop())

  const list = (parameters: object, path = '/Users') =>
    directory.call('GET', `${path}?${new URLSearchParams({ count: '1', ...parameters }).toString()}`)

  it.each([
    ['/Users', { filter: 'title co "nothing"' }],
    ['/Users', { filter: 'not (title co "x") or emails[value sw "nobody"]' }],
    ['/Users', { sortBy: 'title' }],
    ['/Users', { sortBy: 'title', cursor: '' }],
    ['/', { filter: 'title co "nothing"' }],
    ['/', { sortBy: 'title' }],
  ])('FLT-21 HTTP-09 at %s is refused: %j', async (path, parameters) => {
    const answer = await list(parameters, path)
    expect(answer).toMatchObject({ status: 400, json: { scimType: 'tooMany' } })
    expect((answer.json as { detail: string }).detail).toContain('took more than 0.001 s')
  })

  it('FLT-21 leaves the next one alone', async () => {
    const found = async (parameters: object) => (await list(parameters)).json
    expect(await found({})).toMatchObject({ totalResults: USERS })
    expect(await found({ filter: 'userName eq "u7"' })).toMatchObject({ totalResults: 1 })
    expect(await found({ filter: 'title co "x" and userName eq "u7"' })).toMatchObject({ totalResults: 1 })
    expect(await administer(server, 'GET', '/status')).toMatchObject({ engine })
  })
})
