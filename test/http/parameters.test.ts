import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { endpoints } from '../../src/http/api/router.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** Those that take no parameters: what is not understood must not be done without it. */
const WITHOUT = endpoints.filter(({ query }) => query === undefined)

describe('a parameter that an endpoint does not know', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({})
  })
  afterAll(() => server.stop())

  const ask = async (method: string, path: string) => {
    const answer = await fetch(`${server.url}/api/v1${path}?dryRun=true`, {
      method: method.toUpperCase(),
      headers: { authorization: `Bearer ${server.adminToken}` },
    })
    return { status: answer.status, json: (await answer.json()) as { detail?: string } }
  }

  it.each(WITHOUT)('is refused by $method $path', async ({ method, path }) => {
    expect(await ask(method, path.replaceAll(/\{\w+\}/g, '1'))).toMatchObject({
      status: 400,
      json: { detail: '`dryRun` is not a known setting' },
    })
  })
})
