import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Agent } from 'node:http'
import { addDirectory, issueToken } from '../../support/admin.ts'
import { engines } from '../../support/engines.ts'
import { startServer } from '../../support/server.ts'
import type { TestServer } from '../../support/server.ts'
import { openAgent, send } from '../../support/wire.ts'
import type { WireResponse } from '../../support/wire.ts'

export const user = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const group = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
export const json = { 'Content-Type': 'application/scim+json' }

/** A request, and the error that it gets. `{ours.ada}` and the like become ids, `{ours}` a token. */
export interface WrongRequest {
  /** `METHOD /path`. */
  readonly send: string
  readonly headers?: Record<string, string | null>
  readonly body?: unknown
  /** The text of the bearer token; null: none. */
  readonly token?: string | null
  readonly status: number
  readonly scimType?: string
  /** Texts that `detail` names. */
  readonly says?: readonly string[]
  /** Headers of the answer. */
  readonly answers?: Record<string, RegExp>
}

/** A server with two directories of the same look, `ours` and `theirs`, that no wrong request may change. */
export interface Stage {
  readonly server: TestServer
  readonly agent: Agent
}

let stage: Stage
/** All resources of both directories, as they were sent last. */
let known: string
const holes = new Map<string, string>()

/** Registers tests once for every engine, each time before a fresh stage. */
export function onEachEngine(tests: (stage: () => Stage) => void): void {
  describe.each(engines)('on %s', (engine) => {
    useStage(engine)
    tests(() => stage)
  })
}

function useStage(engine: (typeof engines)[number]): void {
  beforeAll(async () => {
    const server = await startServer({ engine })
    const agent = openAgent()
    stage = { server, agent }
    for (const name of ['ours', 'theirs']) {
      const { id, token } = await addDirectory(server, name, agent)
      holes.set(`${name}.directory`, id).set(name, token)
      for (const who of ['ada', 'ben']) {
        const userName = `${who}@example.com`
        const body = { schemas: [user], userName, emails: [{ type: 'work', value: userName }] }
        holes.set(`${name}.${who}`, await create(`{${name}}`, '/Users', body))
      }
      const body = { schemas: [group], displayName: 'Engineering', members: [{ value: `{${name}.ada}` }] }
      holes.set(`${name}.group`, await create(`{${name}}`, '/Groups', body))
    }
    holes.set('read', await issueToken(server, { scope: 'read' }, agent))
    holes.set('admin', server.adminToken)
    known = await everything()
  }, 60_000)

  afterAll(async () => {
    stage?.agent.destroy()
    await stage?.server.stop()
  })
}

/** One test for each wrong request: the error is as it has to be, and nothing was stored or lost. */
export function check(requests: Record<string, WrongRequest>): void {
  it.each(Object.entries(requests))('%s', async (_name, wrong) => {
    const answer = await ask(wrong)
    expect({ status: answer.status, text: answer.text }).toEqual({ status: wrong.status, text: answer.text })
    expectScimError(answer, wrong.scimType, wrong.says)
    for (const [name, value] of Object.entries(wrong.answers ?? {}))
      expect(answer.headers[name]).toMatch(value)
    await expectNothingChanged()
  })
}

/** Sends a request of a test; its `status` is not looked at. */
export function ask(wrong: WrongRequest): Promise<WireResponse> {
  const [method = '', path = ''] = fill(wrong.send).split(/ (.*)/)
  const token = wrong.token === null ? {} : { Authorization: `Bearer ${fill(wrong.token ?? '{ours}')}` }
  const given = Object.entries(wrong.headers ?? (wrong.body === undefined ? {} : json))
  const headers = Object.fromEntries(given.map(([name, value]) => [name, value && fill(value)]))
  const body = Buffer.isBuffer(wrong.body) || wrong.body === undefined ? wrong.body : fillBody(wrong.body)
  return send(
    `${stage.server.url}/scim/v2`,
    { method, path, headers: { ...token, ...headers }, body },
    stage.agent,
  )
}

/** A SCIM error with all its parts (RFC 7644 §3.12). */
export function expectScimError(
  answer: WireResponse,
  scimType?: unknown,
  says: readonly string[] = [],
): void {
  expect(answer.headers['content-type']).toMatch(/^application\/scim\+json\b/)
  expect(answer.json).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(answer.status),
    ...(Boolean(scimType) && { scimType }),
    detail: expect.stringMatching(/\S/),
  })
  const { detail } = answer.json as { detail: string }
  expect(detail.length).toBeLessThan(1000)
  for (const text of says) expect(detail).toContain(fill(text))
}

/** Nothing was stored and nothing lost, in either directory. */
export async function expectNothingChanged(): Promise<void> {
  const before = known
  known = await everything()
  expect(known).toBe(before)
}

async function everything(): Promise<string> {
  const texts: string[] = []
  for (const token of ['{ours}', '{theirs}'])
    for (const path of ['/Users', '/Groups?attributes=displayName,members,externalId,meta']) {
      const answer = await ask({ send: `GET ${path}`, token, status: 200 })
      if (answer.status !== 200) throw new Error(`GET ${path} was answered ${answer.text}`)
      texts.push(answer.text)
    }
  return texts.join('\n')
}

async function create(token: string, path: string, body: object): Promise<string> {
  const answer = await ask({ send: `POST ${path}`, token, body, status: 201 })
  if (answer.status !== 201) throw new Error(answer.text)
  return (answer.json as { id: string }).id
}

/** Puts ids and tokens in the place of the names in braces; a name in capitals stands for the id in capitals. */
export const fill = (text: string): string =>
  text.replaceAll(/\{([\w.]+)\}/g, (hole, name: string) => {
    const upper = name === name.toUpperCase() ? holes.get(name.toLowerCase())?.toUpperCase() : undefined
    return upper ?? holes.get(name) ?? hole
  })

const fillBody = (body: unknown): string => fill(typeof body === 'string' ? body : JSON.stringify(body))
