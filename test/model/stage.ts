import type { Agent } from 'node:http'
import { addDirectory, administer } from '../support/admin.ts'
import { startServer } from '../support/server.ts'
import { openAgent, send } from '../support/wire.ts'
import { CONFIGURATION } from './model/access.ts'
import type { Access } from './model/access.ts'
import type { Directory } from './scene.ts'

/** A server on which directories are played with. */
export interface Stage {
  /** A directory that nobody has used. */
  open(strict: boolean): Promise<Directory>
  stop(): Promise<void>
}

/** Starts a server with the configuration that the model knows. */
export async function openStage(engine: 'sqlite' | 'postgres'): Promise<Stage> {
  const server = await startServer({ engine })
  const agent = openAgent()
  await administer(server, 'POST', '/apply', CONFIGURATION, agent)
  const directories: string[] = []
  return {
    async open(strict) {
      const name = `play ${directories.length}`
      directories.push(name)
      const { id, token } = await addDirectory(server, name, agent)
      if (strict) await administer(server, 'PATCH', `/directories/${id}`, { mode: 'strict' }, agent)
      return directoryOf(server, agent, { id, token, strict })
    },
    async stop() {
      agent.destroy()
      await server.stop()
    },
  }
}

function directoryOf(
  server: { readonly url: string; readonly adminToken: string },
  agent: Agent,
  { id, token, strict }: { readonly id: string; readonly token: string; readonly strict: boolean },
): Directory {
  const base = `${server.url}/scim/v2`
  const usual = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' }
  return {
    base,
    strict,
    call: (method, path, body, headers = {}) =>
      send(base, { method, path, body, headers: { ...usual, ...headers } }, agent),
    async resolve(userIds) {
      const questions = userIds.map((user) => ({ user, connection: 'warehouse' }))
      const { decisions } = await administer<{ decisions: Resolved[] }>(
        server,
        'POST',
        '/resolve',
        { questions },
        agent,
      )
      return decisions.map(({ decision, reason, role, environment }) =>
        decision === 'deny'
          ? { decision, reason, role: null, environment: null }
          : { decision, reason, role: role?.name ?? null, environment: environment?.connection ?? null },
      )
    },
    async pending() {
      const { pendingMembers } = await administer<{
        pendingMembers: { group: { id: string }; value: string }[]
      }>(server, 'GET', `/pending-members?directory=${id}&limit=1000`, undefined, agent)
      return pendingMembers.map(({ group, value }) => [group.id, value] as const)
    },
  }
}

interface Resolved {
  readonly decision: Access['decision']
  readonly reason: string | null
  readonly role: { readonly name: string } | null
  readonly environment: { readonly connection: string } | null
}
