import type { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { engines } from '../support/engines.ts'
import { administer } from '../support/admin.ts'
import { startServer } from '../support/server.ts'
import type { TestServer } from '../support/server.ts'
import { openAgent } from '../support/wire.ts'
import type { WireRequest, WireResponse } from '../support/wire.ts'
import { checkAnswer, checkForm, checkTokenForm } from './check.ts'
import { valueAt } from '../../src/cli/doctor/differences.ts'
import { readBaseWorld, readFixtures, readSources } from './fixture.ts'
import type { Check, Fixture } from './fixture.ts'
import { isTokenRequest, setStage } from './stage.ts'
import type { Stage } from './stage.ts'

const fixtures = readFixtures()
const world = readBaseWorld()

describe('the recorded requests', () => {
  it('are all there, each under its own id, with sources that have an address', () => {
    const ids = fixtures.map(({ fixture }) => fixture.id)
    expect(new Set(ids).size).toBe(102)
    const sources = readSources()
    const refs = fixtures.flatMap(({ fixture }) => fixture.ref.split(','))
    expect(refs.filter((ref) => !(ref in sources))).toEqual([])
  })

  it.each(fixtures)('$path lies where its client and id say', ({ path, fixture }) => {
    expect(path.startsWith(`${fixture.client}/${fixture.id}-`)).toBe(true)
  })
})

describe.each(engines)('replayed on %s', (engine) => {
  let server: TestServer
  let agent: Agent

  beforeAll(async () => {
    server = await startServer({ engine })
    agent = openAgent(24)
    await administer(server, 'POST', '/apply', { extensions: world.extensions }, agent)
  })

  afterAll(async () => {
    agent?.destroy()
    await server?.stop()
  })

  for (const { fixture } of fixtures)
    it(`${fixture.id} ${fixture.scenario}: ${fixture.effect}`, async () => {
      const stage = await setStage(server, world, fixture, agent)
      await replay(fixture, stage)
      for (const text of fixture.expect.log ?? []) expect(await lastAudit(server, stage)).toContain(text)
    })
})

async function replay(fixture: Fixture, stage: Stage): Promise<void> {
  const { request, expect: wanted } = fixture
  const earlier: WireResponse[] = []
  for (const step of fixture.world?.earlier ?? []) earlier.push(await playStep(stage, step))
  const before = await Promise.all((wanted.afterwards ?? []).map((step) => stateBefore(stage, step)))

  const [answer] = await Promise.all([
    stage.play(request),
    ...(wanted.alongside ?? []).map((step) => playStep(stage, step)),
  ])
  const heard = [answer]
  checkStatus(answer, fixture.status)
  if (isTokenRequest(request)) {
    checkTokenForm(answer)
    await checkToken(stage, answer)
  } else checkForm(answer, request.headers?.['Accept'])
  checkAnswer(answer, wanted.response ?? {}, { stage, earlier: earlier.filter(isPage) })
  await checkStored(stage, request, answer)
  heard.push(...(await playAfterwards(stage, wanted.afterwards, before)))

  if (wanted.repeat) {
    const state = heard.slice(1).map(({ text }) => text)
    const again = await stage.play(request)
    expect(wanted.repeat).toContain(again.status)
    const after = await playAfterwards(stage, wanted.afterwards, before)
    // A request that was already done is a no-op: not even a version moves.
    expect(after.map(({ text }) => text)).toEqual(state)
    heard.push(again, ...after)
  }
  for (const text of wanted.never ?? [])
    expect(heard.filter((one) => one.text.includes(text)).map((one) => one.text)).toEqual([])
}

async function playAfterwards(
  stage: Stage,
  steps: readonly Check[] = [],
  before: readonly (WireResponse | undefined)[],
): Promise<WireResponse[]> {
  const answers: WireResponse[] = []
  for (const [index, step] of steps.entries()) {
    const answer = await playStep(stage, step)
    checkAnswer(answer, step, { stage, before: before[index] })
    answers.push(answer)
  }
  return answers
}

async function playStep(stage: Stage, step: Check): Promise<WireResponse> {
  const answer = await stage.play(requestOf(step))
  checkStatus(answer, step.status ?? (step.send.startsWith('POST') ? [201] : [200]))
  checkForm(answer, undefined)
  return answer
}

/** The state that a step's `changes` are laid over; nothing for a step that has none. */
const stateBefore = async (stage: Stage, step: Check): Promise<WireResponse | undefined> =>
  step.changes && (await stage.play(requestOf(step)))

function requestOf({ send: line, body }: Check): WireRequest {
  const [method = '', path = ''] = line.split(/ (.*)/)
  return {
    method,
    path,
    ...(body !== undefined && { headers: { 'Content-Type': 'application/scim+json' }, body }),
  }
}

/** A write's answer shows the resource as it is stored: the next GET says the same (RFC 7644 §3.3, §3.5). */
async function checkStored(stage: Stage, { method }: WireRequest, answer: WireResponse): Promise<void> {
  const location = valueAt(answer.json, 'meta/location')
  if (method === 'GET' || answer.status > 201 || typeof location !== 'string') return
  const stored = await stage.play({ method: 'GET', path: location.slice(stage.base.length) })
  expect(stored.json).toEqual(answer.json)
}

/** A token that was given out opens its directory. */
async function checkToken(stage: Stage, answer: WireResponse): Promise<void> {
  const headers = { Authorization: `Bearer ${String(valueAt(answer.json, 'access_token'))}` }
  checkStatus(await stage.play({ method: 'GET', path: '/Users', headers }), [200])
}

function checkStatus(answer: WireResponse, accepted: readonly number[]): void {
  if (!accepted.includes(answer.status))
    throw new Error(
      `answered ${answer.status} and not ${accepted.join(' or ')}: ${answer.text.slice(0, 1000)}`,
    )
}

const isPage = ({ json }: WireResponse): boolean => Array.isArray(valueAt(json, 'Resources'))

/** What the audit says of the last request to a directory. */
async function lastAudit(server: TestServer, { directory }: Stage): Promise<string> {
  const rows = server.ctx.engine.read
    .selectFrom('audit')
    .select('detail')
    .where('directory_id', '=', directory)
  return (await rows.orderBy('seq', 'desc').limit(1).executeTakeFirstOrThrow()).detail
}
