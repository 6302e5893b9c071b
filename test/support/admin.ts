import type { Agent } from 'node:http'
import { send } from './wire.ts'

/** A running server and the right to administer it. */
export interface Installation {
  readonly url: string
  readonly adminToken: string
}

export interface TestDirectory {
  readonly id: string
  readonly token: string
}

/** Calls `/api/v1` as an administrator and gives the body. Throws when the answer is an error. */
export async function administer<T>(
  { url, adminToken }: Installation,
  method: string,
  path: string,
  body?: object,
  agent?: Agent,
): Promise<T> {
  const headers = { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' }
  const answer = await send(url, { method, path: `/api/v1${path}`, headers, body }, agent)
  if (answer.status >= 400) throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.text}`)
  return answer.json as T
}

/** Adds a directory with a token for it. */
export async function addDirectory(
  server: Installation,
  name: string,
  agent?: Agent,
): Promise<TestDirectory> {
  const { id } = await administer<{ id: string }>(
    server,
    'POST',
    '/directories',
    { name, provider: 'generic' },
    agent,
  )
  return { id, token: await issueToken(server, { scope: 'scim', directory: id }, agent) }
}

/** Makes a token and gives its text. */
export async function issueToken(server: Installation, wanted: object, agent?: Agent): Promise<string> {
  const { token } = await administer<{ token: string }>(
    server,
    'POST',
    '/tokens',
    { label: 'test', ...wanted },
    agent,
  )
  return token
}
