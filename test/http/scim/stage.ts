import { afterAll, beforeAll, describe, expect } from '@jest/globals'
import type { Agent } from 'node:http'
import { addDirectory, type TestDirectory } from '../../support/admin.ts'
import { engines } from '../../support/engines.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { openAgent, send, type WireResponse } from '../../support/wire.ts'

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const ROLE = 'urn:okta:scim:schemas:core:1.0:Role'
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
export const SEARCH_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
export const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'
export const LIST_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

/** What tests read of an answer's body. */
export interface Body {
  readonly [name: string]: unknown
  readonly id: string
  readonly detail: string
  readonly scimType?: string
  readonly totalResults: number
  readonly itemsPerPage: number
  readonly startIndex?: number
  readonly nextCursor?: string
  readonly Resources: readonly Body[]
  readonly members?: readonly { readonly value: string }[]
  readonly meta: { readonly version: string; readonly location: string; readonly resourceType: string }
}

export interface Answer extends Omit<WireResponse, 'json'> {
  readonly json: Body
}

/** A directory of its own, as its identity provider sees it. */
export type Client = Ask & { readonly directory: TestDirectory }

/** Sends a request: its line, and more. */
type Ask = (
  line: string,
  options?: {
    readonly body?: unknown
    readonly headers?: Readonly<Record<string, string | null>>
  },
) => Promise<Answer>

export interface Stage {
  readonly server: TestServer
  readonly agent: Agent
  /** Adds a directory and opens it. */
  open(name?: string): Promise<Client>
}

/** Registers tests once for every engine, each time with a server of their own. */
export function onEachEngine(tests: (stage: () => Stage) => void): void {
  describe.each(engines)('on %s', (engine) => {
    let stage: Stage
    beforeAll(async () => {
      const server = await startServer({ engine })
      const agent = openAgent()
      let directories = 0
      const open = async (name = `directory ${(directories += 1)}`): Promise<Client> =>
        clientOf(server, agent, await addDirectory(server, name, agent))
      stage = { server, agent, open }
    }, 60_000)
    afterAll(async () => {
      stage?.agent.destroy()
      await stage?.server.stop()
    })
    tests(() => stage)
  })
}

function clientOf(server: TestServer, agent: Agent, directory: TestDirectory): Client {
  const ask: Ask = async (line, { body, headers } = {}) => {
    const [method = '', path = ''] = line.split(/ (.*)/)
    const content = body === undefined ? {} : { 'Content-Type': 'application/scim+json' }
    const answer = await send(
      `${server.url}/scim/v2`,
      { method, path, headers: { Authorization: `Bearer ${directory.token}`, ...content, ...headers }, body },
      agent,
    )
    return answer as Answer
  }
  return Object.assign(ask, { directory })
}

/** Adds a user and gives its id. */
export async function addUser(client: Client, userName: string, more: object = {}): Promise<string> {
  const answer = await client('POST /Users', { body: { schemas: [USER], userName, ...more } })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.json.id
}

/** Adds a group and gives its id. */
export async function addGroup(
  client: Client,
  displayName: string,
  members: readonly string[] = [],
  more: object = {},
): Promise<string> {
  const body = {
    schemas: [GROUP],
    displayName,
    members: members.map((value) => ({ value })),
    ...more,
  }
  const answer = await client('POST /Groups', { body })
  if (answer.status !== 201) throw new Error(answer.text)
  return answer.json.id
}

/** Parameters as they stand in an address. */
export const query = (parameters: Readonly<Record<string, string | number>>): string =>
  `?${Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')}`

/** A SCIM error with all its parts (RFC 7644 §3.12). */
export function expectError(answer: Answer, status: number, scimType?: string): void {
  expect({ status: answer.status, text: answer.text }).toEqual({ status, text: answer.text })
  expect(answer.headers['content-type']).toMatch(/^application\/scim\+json\b/)
  expect(answer.json).toEqual({
    schemas: [ERROR],
    status: String(status),
    ...(scimType !== undefined && { scimType }),
    detail: expect.stringMatching(/\S/),
  })
}
