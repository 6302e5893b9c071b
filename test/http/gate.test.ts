import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createGate } from '../../src/http/gate.ts'
import { HttpError } from '../../src/http/errors.ts'
import { addDirectory, administer, type TestDirectory } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { openAgent, send } from '../support/wire.ts'

const ours = { directoryId: 'ours', rate: undefined }
const theirs = { directoryId: 'theirs', rate: undefined }

/** A gate whose clock and pauses a test moves. */
function stillGate(rate?: { perSecond: number; burst: number }) {
  const clock = { at: 5000 }
  const pauses: number[] = []
  const gate = createGate({
    rate,
    now: () => clock.at,
    after: (milliseconds) => {
      pauses.push(Math.round(milliseconds))
      return Promise.resolve()
    },
  })
  return { clock, pauses, gate }
}

const turn = (): Promise<void> => new Promise(setImmediate)

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

  it('refuses whoever has waited for more than a second for a slot, and gives the slot to the next', async () => {
    const { gate, clock } = stillGate()
    for (let i = 0; i < 64; i += 1) void gate.enter(ours)
    const late = gate.enter(ours)
    clock.at += 900
    const early = gate.enter(ours)
    clock.at += 200
    gate.leave(ours)
    await expect(late).rejects.toMatchObject({ status: 429 })
    await expect(early).resolves.toBeUndefined()
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
    expect(refused.length).toBeGreaterThan(80)
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
})

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}
