import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { addDirectory, administer } from '../support/admin.ts'
import { startChild, type ChildServer } from '../support/child-server.ts'
import { GROUP, PATCH, USER } from '../support/scim.ts'
import { openAgent, send } from '../support/wire.ts'
import { findHalves } from './inspect.ts'

const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'

/** When there are so many people of a round the process is killed, wherever its bulk requests are. */
const rounds = [1, 12, 40]

/** Bulk requests at once, and people in each. */
const jobs = 2
const people = 40

/** How far somebody has come: not there, created, a member, called a member. */
type Stage = 0 | 1 | 2 | 3

describe('a server that is killed during bulk requests', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-kill-bulk-'))
  const file = path.join(folder, 'signalbox.db')
  const agent = openAgent(jobs + 1)
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
    const group = await scim('POST', '/Groups', { schemas: [GROUP], displayName: 'Analysts' })
    groupId = (group as { id: string }).id
  })

  afterAll(async () => {
    agent.destroy()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(rounds)(
    'C-CRA-03 has done each of them up to one operation, whole, and goes on from there: at %d people',
    async (count) => {
      const names = Array.from({ length: jobs }, (_, job) =>
        Array.from({ length: people }, (__, i) => `round-${count}-${job}-${String(i).padStart(3, '0')}`),
      )
      const before = await countPeople()
      const answers = names.map((each) =>
        scim('POST', '/Bulk', bulkFor(each)).then(
          () => true,
          () => false,
        ),
      )
      while ((await countPeople()) < before + count);
      await server.stop('SIGKILL')
      expect(await Promise.all(answers)).toEqual(names.map(() => false))

      server = await startChild(`sqlite:${file}`)
      expect(findHalves(file)).toEqual([])
      const found = await everybody(`round-${count}-`)
      for (const each of names) expectPrefix(each.map((name) => found.get(name)?.stage ?? 0))

      for (const each of names) await scim('POST', '/Bulk', bulkFor(each, found))
      const stages = [...(await everybody(`round-${count}-`)).values()].map(({ stage }) => stage)
      expect(stages).toEqual(Array.from({ length: jobs * people }, () => 3))
      expect(findHalves(file)).toEqual([])
    },
    60_000,
  )

  /** What is missing of everybody, one after the other. */
  function bulkFor(names: readonly string[], found: ReadonlyMap<string, Found> = new Map()): object {
    const Operations = names.flatMap((userName) => {
      const { id, stage } = found.get(userName) ?? { id: `bulkId:${userName}`, stage: 0 }
      const patch = (path: string, operation: object) => ({
        method: 'PATCH',
        path,
        data: { schemas: [PATCH], Operations: [operation] },
      })
      return [
        { method: 'POST', path: '/Users', bulkId: userName, data: { schemas: [USER], userName } },
        patch(`/Groups/${groupId}`, { op: 'add', path: 'members', value: [{ value: id }] }),
        patch(`/Users/${id}`, { op: 'add', path: 'title', value: 'member' }),
      ].slice(stage)
    })
    return { schemas: [BULK], Operations }
  }

  async function countPeople(): Promise<number> {
    return ((await scim('GET', '/Users?count=0')) as { totalResults: number }).totalResults
  }

  async function everybody(prefix: string): Promise<ReadonlyMap<string, Found>> {
    const filter = encodeURIComponent(`userName sw "${prefix}"`)
    const { Resources } = (await scim('GET', `/Users?count=1000&filter=${filter}`)) as { Resources: Listed[] }
    return new Map(Resources.map((user) => [user.userName, { id: user.id, stage: stageOf(user) }]))
  }

  async function scim(method: string, at: string, body?: object): Promise<unknown> {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' }
    const answer = await send(`${server.url}/scim/v2`, { method, path: at, headers, body }, agent)
    expect([200, 201]).toContain(answer.status)
    return answer.json
  }
})

interface Found {
  readonly id: string
  readonly stage: Stage
}

interface Listed {
  readonly id: string
  readonly userName: string
  readonly title?: string
  readonly groups: readonly unknown[]
}

function stageOf({ title, groups }: Listed): Stage {
  expect([title === undefined, groups.length]).not.toEqual([false, 0])
  if (title !== undefined) return 3
  return groups.length > 0 ? 2 : 1
}

/** First those who are done, then at most one who is underway, then those who were not begun. */
function expectPrefix(stages: readonly Stage[]): void {
  const done = stages.findIndex((stage) => stage < 3)
  expect(done).toBeGreaterThanOrEqual(0)
  expect(stages.slice(done + 1)).toEqual(stages.slice(done + 1).map(() => 0))
}
