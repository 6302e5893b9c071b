import { addDirectory, administer } from './admin.ts'
import type { TestServer } from './server.ts'
import { send, type WireResponse } from './wire.ts'

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** A directory as its identity provider uses it. */
export interface ScimDirectory {
  readonly id: string
  /** Sends one request below `/scim/v2`. */
  call(method: string, path: string, body?: unknown): Promise<WireResponse>
  /** Creates a user and gives its id. Throws when that is refused. */
  createUser(user: object): Promise<string>
  /** Creates a group and gives its id. Throws when that is refused. */
  createGroup(displayName: string, members?: readonly string[], more?: object): Promise<string>
  /** Applies PATCH operations. */
  patch(path: string, ...operations: object[]): Promise<WireResponse>
  /** The ids of the members of a group, in order. */
  members(groupId: string): Promise<string[]>
}

/** Adds a directory with settings. */
export async function scimDirectory(
  server: TestServer,
  name: string,
  settings: object = {},
): Promise<ScimDirectory> {
  const { id, token } = await addDirectory(server, name)
  await administer(server, 'PATCH', `/directories/${id}`, settings)
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' }
  const call = (method: string, path: string, body?: unknown): Promise<WireResponse> =>
    send(server.url, { method, path: `/scim/v2${path}`, headers, body })
  const create = async (path: string, body: object): Promise<string> => {
    const answer = await call('POST', path, body)
    if (answer.status !== 201) throw new Error(`POST ${path} was answered ${answer.status}: ${answer.text}`)
    return (answer.json as { id: string }).id
  }
  return {
    id,
    call,
    createUser: (user) => create('/Users', { schemas: [USER], ...user }),
    createGroup: (displayName, members = [], more = {}) =>
      create('/Groups', {
        schemas: [GROUP],
        displayName,
        members: members.map((value) => ({ value })),
        ...more,
      }),
    patch: (path, ...operations) => call('PATCH', path, { schemas: [PATCH], Operations: operations }),
    async members(groupId) {
      const { members = [] } = (await call('GET', `/Groups/${groupId}`)).json as {
        members?: { value: string }[]
      }
      return members.map(({ value }) => value).toSorted()
    },
  }
}
