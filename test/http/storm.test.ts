import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { addDirectory, administer, issueToken } from '../support/admin.ts'
import { startChild, type ChildServer } from '../support/child-server.ts'
import { createPlace, engines, type Place } from '../support/engines.ts'
import { GROUP, PATCH, USER } from '../support/scim.ts'
import { openAgent, send, type WireResponse } from '../support/wire.ts'

/** Connections of the storm. */
const CONNECTIONS = 64

/** People of its directory, and members in each of its large PATCHes. */
const PEOPLE = 300

/** How many times as long as alone others may wait in the storm: a few of its requests, and not all that are there. */
const MOST_TIMES = 20

/** How often a round is played at most: what else this machine does is measured along with it. */
const ROUNDS = 5

const SAMPLES = 21

type Ask = (method: string, path: string, body?: object) => Promise<WireResponse>

describe.each(engines)('a storm on %s', (engine) => {
  let place: Place
  let server: ChildServer
  let storm: readonly (() => Promise<WireResponse>)[]
  let others: Readonly<Record<string, (i: number) => Promise<WireResponse>>>
  const agent = openAgent(CONNECTIONS + 8)

  beforeAll(async () => {
    place = await createPlace(engine)
    // A process of its own, so that whoever drives it takes no time from it.
    server = await startChild(place.url)
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'warehouse', dialect: 'postgres', baseRole: 'viewer' }],
    })
    storm = await prepareStorm(asks((await addDirectory(server, 'storming')).token, '/scim/v2'))
    const calm = asks((await addDirectory(server, 'calm')).token, '/scim/v2')
    const reader = asks(await issueToken(server, { scope: 'read' }), '/api/v1')
    const ada = await create(calm, '/Users', { schemas: [USER], userName: 'ada@example.com' })
    others = {
      read: () => calm('GET', `/Users/${ada}`),
      write: (i) => calm('PATCH', `/Users/${ada}`, patch({ op: 'replace', path: 'title', value: `${i}` })),
      decision: () => reader('GET', `/resolve?user=${ada}&connection=warehouse`),
    }
  })

  afterAll(async () => {
    agent.destroy()
    await server.stop()
    await place.remove()
  })

  const asks =
    (token: string, base: string): Ask =>
    (method, path, body) => {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
      return send(server.url, { method, path: base + path, headers, body }, agent)
    }

  it('C-FBM-03 of one directory leaves the reads, writes and decisions of others alone', async () => {
    const rounds: Record<string, number>[] = []
    do {
      const alone = await medians(others)
      const running = startStorm(storm)
      await running.begun
      const beside = await medians(others)
      await running.stop()
      rounds.push(
        Object.fromEntries(Object.entries(beside).map(([what, ms]) => [what, ms / (alone[what] ?? 0)])),
      )
    } while (rounds.length < ROUNDS && !isCalm(rounds.at(-1)))
    expect(rounds.filter(isCalm)).not.toEqual([])
  })
})

const isCalm = (round: Readonly<Record<string, number>> = {}): boolean =>
  Object.values(round).every((times) => times < MOST_TIMES)

/** What the storm is made of, cheap and expensive in turn. */
async function prepareStorm(ask: Ask): Promise<(() => Promise<WireResponse>)[]> {
  await ask('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations: Array.from({ length: PEOPLE }, (_, i) => ({
      method: 'POST',
      path: '/Users',
      bulkId: `person ${i}`,
      data: { schemas: [USER], userName: `person.${i}@example.com`, title: 'Senior analyst' },
    })),
  })
  const group = await create(ask, '/Groups', { schemas: [GROUP], displayName: 'Everybody' })
  const members = Array.from({ length: PEOPLE }, (_, i) => ({ value: `nobody ${i}` }))
  const search = (filter: string) => `/Users?count=1&filter=${encodeURIComponent(filter)}`
  return [
    () => ask('GET', '/Users?count=1'),
    () => ask('GET', search('title co "nothing" or displayName ew "nobody"')),
    () => ask('GET', `${search('title pr or name.familyName pr')}&sortBy=title`),
    () => ask('GET', search('userName eq "person.7@example.com"')),
    () =>
      ask(
        'PATCH',
        `/Groups/${group}`,
        patch({ op: 'add', path: 'members', value: members }, { op: 'remove', path: 'members' }),
      ),
  ]
}

interface Storm {
  /** When each connection has had an answer. */
  readonly begun: Promise<unknown>
  /** @throws when something was answered by anything but a success or a 429 */
  stop(): Promise<void>
}

function startStorm(requests: readonly (() => Promise<WireResponse>)[]): Storm {
  let isOn = true
  const answered = async (i: number): Promise<void> => {
    const answer = await requests[i % requests.length]?.()
    if (answer?.status !== 429) expect([200, 204]).toContain(answer?.status)
  }
  const firsts = Array.from({ length: CONNECTIONS }, (_, i) => answered(i))
  const connections = firsts.map(async (first, connection) => {
    await first
    for (let i = connection + 1; isOn; i += 1) await answered(i)
  })
  return {
    begun: Promise.all(firsts),
    async stop() {
      isOn = false
      await Promise.all(connections)
    },
  }
}

/** The median latency of each, one request at a time. */
async function medians(
  asked: Readonly<Record<string, (i: number) => Promise<WireResponse>>>,
): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const [what, ask] of Object.entries(asked)) {
    const latencies: number[] = []
    for (let i = 0; i < SAMPLES; i += 1) {
      const { status, milliseconds } = await ask(i)
      expect(status).toBe(200)
      latencies.push(milliseconds)
    }
    found[what] = latencies.toSorted((a, b) => a - b)[Math.floor(SAMPLES / 2)] ?? 0
  }
  return found
}

async function create(ask: Ask, path: string, body: object): Promise<string> {
  return ((await ask('POST', path, body)).json as { id: string }).id
}

const patch = (...operations: object[]): object => ({ schemas: [PATCH], Operations: operations })
