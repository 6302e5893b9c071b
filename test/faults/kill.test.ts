import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { addDirectory, administer } from '../support/admin.ts'
import { startChild } from '../support/child-server.ts'
import type { ChildServer } from '../support/child-server.ts'
import { openAgent, send } from '../support/wire.ts'
import type { WireResponse } from '../support/wire.ts'
import { findHalves } from './inspect.ts'
import { newEntry, nextWrite, possible } from './journal.ts'
import type { Entry, State } from './journal.ts'

/** After so many acknowledged writes of a round the process is killed, whatever else is under way. */
const rounds = [1, 3, 14, 33, 64, 121, 200, 333]
const connections = 8

describe('a server that is killed during a synchronisation', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-kill-'))
  const file = path.join(folder, 'signalbox.db')
  const journal: Entry[] = []
  let server: ChildServer
  let token: string
  let groupId: string

  beforeAll(async () => {
    server = await startChild(`sqlite:${file}`)
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'warehouse', dialect: 'postgres', baseRole: 'no_access' }],
      rules: [{ name: 'analysts', group: 'Analysts', grant: { role: 'viewer', on: 'warehouse' } }],
    })
    ;({ token } = await addDirectory(server, 'okta'))
    const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Analysts' }
    const answer = await scim('POST', '/Groups', body)
    groupId = (answer.json as { id: string }).id
  })

  afterAll(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(rounds)(
    'keeps what it acknowledged and nothing by halves: after %d writes',
    async (count) => {
      await synchroniseUntilKilled(count)
      server = await startChild(`sqlite:${file}`)
      expect(findHalves(file)).toEqual([])

      const found = await everybody()
      for (const entry of journal) {
        const is = found.get(entry.userName)
        expect([entry.userName, possible(entry)]).toEqual([
          entry.userName,
          expect.arrayContaining([is?.state ?? { there: false }]),
        ])
        entry.state = is?.state ?? { there: false }
        entry.id ??= is?.id
        entry.underway = undefined
        found.delete(entry.userName)
      }
      expect([...found.keys()]).toEqual([])
      await expectDecisions()
    },
    30_000,
  )

  async function synchroniseUntilKilled(count: number): Promise<void> {
    let acknowledged = 0
    let killed: Promise<void> | undefined
    const agent = openAgent(connections)
    const connection = async (number: number): Promise<void> => {
      for (let plan = number; ; plan += 1) {
        const entry = newEntry(`round-${count}-${number}-${plan}@example.com`)
        journal.push(entry)
        for (let write = nextWrite(entry, plan, groupId); write; write = nextWrite(entry, plan, groupId)) {
          entry.underway = write.brings
          const answer = await scim(write.method, write.path, write.body, agent).catch(() => undefined)
          // An answer that does not come is no acknowledgement: the write stays under way.
          if (!answer) return
          expect([200, 201, 204]).toContain(answer.status)
          entry.id ??= (answer.json as { id: string }).id
          entry.state = write.brings
          entry.underway = undefined
          acknowledged += 1
          if (acknowledged === count) killed = server.stop('SIGKILL')
        }
      }
    }
    await Promise.all(Array.from({ length: connections }, (_, number) => connection(number)))
    await killed
    agent.destroy()
  }

  /** All people as the server has them, by user name. */
  async function everybody(): Promise<Map<string, { id: string; state: State }>> {
    const people = new Map<string, { id: string; state: State }>()
    for (let total = Infinity; people.size < total;) {
      const answer = await scim('GET', `/Users?startIndex=${people.size + 1}&count=200`)
      const { totalResults, Resources } = answer.json as { totalResults: number; Resources: Listed[] }
      total = totalResults
      for (const { id, userName, active, title, groups = [] } of Resources)
        people.set(userName, { id, state: { there: true, active, title, member: groups.length > 0 } })
    }
    return people
  }

  /** What services are told about everybody is what the journal leads to. */
  async function expectDecisions(): Promise<void> {
    const people = journal.filter(({ id }) => id !== undefined)
    const questions = people.map(({ id }) => ({ user: id, connection: 'warehouse' }))
    const { decisions } = await administer<{ decisions: Told[] }>(server, 'POST', '/resolve', { questions })
    expect(decisions.map(({ decision, reason }) => reason ?? decision)).toEqual(people.map(expectedOf))
  }

  function scim(
    method: string,
    at: string,
    body?: object,
    agent?: ReturnType<typeof openAgent>,
  ): Promise<WireResponse> {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' }
    return send(`${server.url}/scim/v2`, { method, path: at, headers, body }, agent)
  }
})

interface Listed {
  readonly id: string
  readonly userName: string
  readonly active: boolean
  readonly title: string
  readonly groups?: readonly unknown[]
}

interface Told {
  readonly decision: string
  readonly reason: string | null
}

function expectedOf({ state }: Entry): string {
  if (!state.there) return 'unknown_user'
  if (!state.active) return 'inactive'
  return state.member ? 'allow' : 'no_access'
}
