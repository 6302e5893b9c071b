import type { Agent } from 'node:http'
import { administer, type Installation } from './admin.ts'
import { send, type WireResponse } from './wire.ts'

/** A client as the administration interface gives it out. */
export interface TestClient {
  readonly id: string
  readonly directory: string
  readonly secret?: string
  readonly tokenUrl: string
  readonly secrets: readonly { readonly id: string }[]
}

/** Adds an OAuth client to a directory. */
export const addClient = (
  server: Installation,
  directory: string,
  wanted: object = {},
  agent?: Agent,
): Promise<TestClient> => administer(server, 'POST', `/directories/${directory}/clients`, wanted, agent)

/** Asks the token endpoint below the SCIM base URL, or another one; a field that is undefined is not sent. */
export function askToken(
  { url }: Pick<Installation, 'url'>,
  fields: Readonly<Record<string, string | undefined>>,
  options: { readonly headers?: Record<string, string>; readonly path?: string; readonly agent?: Agent } = {},
): Promise<WireResponse> {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries({ grant_type: 'client_credentials', ...fields }))
    if (value !== undefined) form.set(name, value)
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', ...options.headers }
  const path = options.path ?? '/scim/v2/oauth2/token'
  return send(url, { method: 'POST', path, headers, body: form.toString() }, options.agent)
}

/** Asks for a token with an assertion. */
export const askWithAssertion = (
  server: Pick<Installation, 'url'>,
  clientId: string | undefined,
  assertion: string,
): Promise<WireResponse> =>
  askToken(server, {
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  })
