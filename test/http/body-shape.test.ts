import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { addDirectory } from '../support/admin.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

describe('a body that is nothing but brackets', () => {
  const body = '['.repeat(16 * 1024 ** 2)
  let server: TestServer
  let token: string

  beforeAll(async () => {
    server = await startServer()
    ;({ token } = await addDirectory(server, 'okta'))
  })
  afterAll(() => server.stop())

  it.each(['/scim/v2/Users', '/api/v1/resolve'])('is refused before it is parsed at %s', async (path) => {
    const bearer = path.startsWith('/scim') ? token : server.adminToken
    const headers = { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' }
    const answer = await send(server.url, { method: 'POST', path, headers, body })
    expect(answer.status).toBe(400)
    // Parsed, it would have been no JSON at all.
    expect(answer.json).toMatchObject({ detail: expect.stringContaining('nested too deep') })
  })
})
