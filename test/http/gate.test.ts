import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createGate } from '../../src/http/gate.ts'
import { HttpError } from '../../src/http/errors.ts'
import { createRequestCost } from '../../src/http/request-cost.ts'
import type { Rate } from '../../src/provision/meter.ts'
import { addDirectory, administer, issueToken, type TestDirectory } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { openAgent, send } from '../support/wire.ts'

const ours = { directoryId: 'ours', rate: undefined }
const theirs = { directoryId: 'theirs', rate: undefined }

/** A gate whose clock, work and pauses a test moves. */
function stillGate(rate?: Rate, connections?: number) {
  const clock = { at: 5000, computed: 0 }
  const pauses: number[] = []
  const gate = createGate({
    rate,
    ...(connections !== undefined && { connections }),
    now: () => clock.at,
    cost: createRequestCost(() => clock.computed),
    after: (milliseconds) => {
      pauses.push(Math.round(milliseconds))
      return Promise.resolve()
    },
  })
  return { clock, pauses, gate }
}

const turn = (): Promise<void> => new Promise(setImmediate)

/** How many requests of a directory that storms a gate lets be in hand, once it knows how long each takes. */
async function inHand({ gate, clock }: ReturnType<typeof stillGate>, milliseconds: number): Promise<number> {
  let admitted = 0
  const ask = (): void => {
    void Promise.resolve(gate.enter(ours)).then(() => {
      admitted += 1
    })
  }
  for (let i = 0; i < 100; i += 1) ask()
  for (let turns = 0; turns < 200; turns += 1) {
    await turn()
    const ending = admitted
    admitted = 0
    clock.computed += ending * milliseconds
    for (let i = 0; i < ending; i += 1) {
      gate.leave(ours)
      ask()
    }
  }
  await turn()
  return admitted
}

describe('the gate', () => {
  it('lets a burst pass, then keeps a pace, and refuses what would wait for more than a second', async () => {
    const { gate, pauses, clock } = stillGate({ perSecond: 10, burst: 5 })
    for (let i = 0; i < 5; i += 1) expect(gate.enter(ours)).toBeUndefined()
    for (let i = 0; i < 10; i += 1) await gate.enter(ours)
    expect(pauses).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
    const refusal = thrownBy(() => gate.enter(ours))
    expect(refusal).toMatchObject({
      status: 429,
      headers: {
        'retry-after': '1',
        'x-rate-limit-limit': '5',
        'x-rate-limit-remaining': '0',
        'x-rate-limit-reset': '1',
      },
    })
    expect(gate.enter(theirs)).toBeUndefined()
    clock.at += 2000
    expect(gate.enter(ours)).toBeUndefined()
  })

  it('goes by the rate of the directory where it has one', () => {
    const { gate } = stillGate({ perSecond: 1000, burst: 1000 })
    const slow = { ...ours, rate: { perSecond: 1, burst: 1 } }
    expect(gate.enter(slow)).toBeUndefined()
    expect(gate.enter(slow)).toBeInstanceOf(Promise)
    expect(thrownBy(() => gate.enter(slow))).toBeInstanceOf(HttpError)
    for (let i = 0; i < 16; i += 1) expect(gate.enter(theirs)).toBeUndefined()
  })

  it('makes one directory wait for itself and not for another', async () => {
    const { gate } = stillGate()
    const order: string[] = []
    const enter = (who: typeof ours, name: string): void => {
      const entered = gate.enter(who)
      if (entered === undefined) order.push(name)
      else void entered.then(() => order.push(name))
    }
    for (let i = 0; i < 300; i += 1) enter(ours, 'ours')
    expect(order).toHaveLength(64)
    enter(theirs, 'theirs')
    expect(order.at(-1)).toBe('theirs')
    // In company a directory has sixteen at a time: nobody new before so many have left.
    for (let i = 0; i < 50; i += 1) gate.leave(ours)
    await turn()
    expect(order).toHaveLength(67)
    for (let left = 50; left < 300; left += 1) {
      gate.leave(ours)
      await turn()
    }
    expect(order.filter((name) => name === 'ours')).toHaveLength(300)
  })

  it('refuses whoever has waited for more than five seconds for a slot, and gives the slot to the next', async () => {
    const { gate, clock } = stillGate()
    for (let i = 0; i < 64; i += 1) void gate.enter(ours)
    const late = gate.enter(ours)
    clock.at += 4900
    const early = gate.enter(ours)
    clock.at += 200
    gate.leave(ours)
    await expect(late).rejects.toMatchObject({ status: 429 })
    await expect(early).resolves.toBeUndefined()
  })

  it.each([
    { each: 0.1, alone: 64, inCompany: 16 },
    { each: 0.9, alone: 64, inCompany: 4 },
    { each: 7.9, alone: 8, inCompany: 1 },
    { each: 500, alone: 1, inCompany: 1 },
    { each: 0.1, connections: 10, alone: 10, inCompany: 5 },
  ])(
    'has the less in hand the longer each takes: $each ms',
    async ({ each, connections, alone, inCompany }) => {
      expect(await inHand(stillGate(undefined, connections), each)).toBe(alone)
      const still = stillGate(undefined, connections)
      still.gate.pass()
      expect(await inHand(still, each)).toBe(inCompany)
    },
  )

  it('makes whoever comes next wait for what a request asked for beyond one', () => {
    const { gate } = stillGate({ perSecond: 10, burst: 5 })
    expect(gate.enter(ours)).toBeUndefined()
    gate.charge(ours, 100)
    expect(thrownBy(() => gate.enter(ours))).toMatchObject({ status: 429, headers: { 'retry-after': '9' } })
    expect(gate.enter(theirs)).toBeUndefined()
  })

  it('lets others of the directory go before the next part of a request that is many', async () => {
    const { gate, clock } = stillGate()
    for (let i = 0; i < 64; i += 1) expect(gate.enter(ours)).toBeUndefined()
    expect(gate.yield(ours)).toBeUndefined()
    const order: string[] = []
    void gate.enter(ours)?.then(() => order.push('other'))
    void gate.yield(ours)?.then(() => order.push('part'))
    await turn()
    expect(order).toEqual(['other'])
    clock.at += 60_000
    gate.leave(ours)
    await turn()
    expect(order).toEqual(['other', 'part'])
  })

  it('keeps no more than a thousand waiting', () => {
    const { gate } = stillGate()
    for (let i = 0; i < 1064; i += 1) void gate.enter(ours)
    expect(thrownBy(() => gate.enter(ours))).toMatchObject({ status: 429 })
  })
})

describe.each(engines)('rates on %s', (engine) => {
  let server: TestServer
  let storming: TestDirectory
  let calm: TestDirectory
  const agent = openAgent(200)

  beforeAll(async () => {
    server = await startServer({ engine, rateLimit: 20, rateBurst: 30 })
    storming = await addDirectory(server, 'storming')
    calm = await addDirectory(server, 'calm')
  })
  afterAll(async () => {
    agent.destroy()
    await server.stop()
  })

  const get = ({ token }: TestDirectory, path = '/Users') =>
    send(
      `${server.url}/scim/v2`,
      { method: 'GET', path, headers: { Authorization: `Bearer ${token}` } },
      agent,
    )

  it('C-RES-01 one directory floods and is refused in a form that clients read, another one goes on', async () => {
    const flood = Array.from({ length: 150 }, (_, i) => get(storming, i % 2 === 0 ? '/Users' : '/Schemas'))
    const served = await Promise.all(Array.from({ length: 25 }, () => get(calm)))
    const answers = await Promise.all(flood)
    expect(served.map(({ status }) => status)).toEqual(served.map(() => 200))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(30)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(30)
    for (const { json, headers } of refused) {
      expect(json).toEqual({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: '429',
        detail: expect.stringContaining('20 times a second'),
      })
      expect(headers).toMatchObject({
        'retry-after': '1',
        'x-rate-limit-limit': '30',
        'x-rate-limit-reset': '1',
      })
    }
    for (const { milliseconds, status } of answers)
      if (status === 200) expect(milliseconds).toBeLessThan(3000)
  })

  it('C-RES-01 the configuration can say otherwise for a directory, at once', async () => {
    const rateLimit = { perSecond: 1000, burst: 500 }
    await administer(server, 'POST', '/apply', {
      directories: [{ name: 'calm', provider: 'generic', rateLimit }],
    })
    const answers = await Promise.all(Array.from({ length: 100 }, () => get(calm)))
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(await administer(server, 'GET', '/export')).toMatchObject({
      directories: [{ name: 'calm', rateLimit }, { name: 'storming' }],
    })
  })

  it('C-BLK-01 a bulk request counts as its operations', async () => {
    const rateLimit = { perSecond: 1, burst: 50 }
    await administer(server, 'POST', '/apply', {
      directories: [{ name: 'bulky', provider: 'generic', rateLimit }],
    })
    const bulky = { id: '', token: await issueToken(server, { scope: 'scim', directory: 'bulky' }) }
    const operations = Array.from({ length: 100 }, (_, i) => ({ method: 'DELETE', path: `/Users/${i}` }))
    const answer = await send(
      `${server.url}/scim/v2`,
      {
        method: 'POST',
        path: '/Bulk',
        headers: { Authorization: `Bearer ${bulky.token}`, 'Content-Type': 'application/scim+json' },
        body: {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
          Operations: operations,
        },
      },
      agent,
    )
    expect(answer.status).toBe(200)
    const refused = await get(bulky)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(5)
  })
})

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
