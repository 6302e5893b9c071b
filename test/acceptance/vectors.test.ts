import { readFileSync } from 'node:fs'
import type { Agent } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mergePatch } from '../../src/provision/edit/merge-patch.ts'
import { addDirectory, administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { startServer } from '../support/server.ts'
import type { TestServer } from '../support/server.ts'
import { openAgent, send } from '../support/wire.ts'
import type { WireResponse } from '../support/wire.ts'

interface FilterCase {
  readonly name: string
  readonly filter: string
  readonly finds?: readonly string[]
  readonly scimType?: string
}

interface PatchCase {
  readonly name: string
  readonly operations: readonly object[]
  readonly differs?: object
  readonly scimType?: string
}

/** Cases by what they are for; `decided` are those where a suite wants something else, each with the reason. */
interface Vectors<Case> {
  readonly accept: readonly Case[]
  readonly reject: readonly Case[]
  readonly decided: readonly (Case & { readonly suite: string; readonly reason: string })[]
}

const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/acceptance/${file}.json`, import.meta.url), 'utf8'))
const filters = read('filter') as Vectors<FilterCase> & {
  readonly extensions: readonly object[]
  readonly people: Readonly<Record<string, object>>
}
const patches = read('patch') as Vectors<PatchCase> & { readonly given: object }
const all = <Case>({ accept, reject, decided }: Vectors<Case>): readonly Case[] => [
  ...accept,
  ...reject,
  ...decided,
]

describe.each(engines)('on %s', (engine) => {
  let server: TestServer
  let agent: Agent
  let token: string

  beforeAll(async () => {
    server = await startServer({ engine })
    agent = openAgent()
    await administer(server, 'POST', '/apply', { extensions: filters.extensions }, agent)
    token = (await addDirectory(server, 'filters', agent)).token
  })

  afterAll(async () => {
    agent?.destroy()
    await server?.stop()
    const decided = [...filters.decided, ...patches.decided].map(({ name, suite }) => `${name} (${suite})`)
    process.stdout.write(
      `${engine}: ${all(filters).length} filters and ${all(patches).length} PATCHes; decided otherwise: ${[...new Set(decided)].join(', ')}\n`,
    )
  })

  const ask = (method: string, path: string, body?: object): Promise<WireResponse> =>
    send(
      `${server.url}/scim/v2`,
      {
        method,
        path,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body && { 'Content-Type': 'application/scim+json' }),
        },
        body,
      },
      agent,
    )

  async function create(person: object): Promise<string> {
    const answer = await ask('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      ...person,
    })
    expect([answer.status, answer.text]).toEqual([201, answer.text])
    return (answer.json as { id: string }).id
  }

  function expectRefusal(answer: WireResponse, scimType: string | undefined): void {
    expect([answer.status, answer.json]).toEqual([400, expect.objectContaining({ scimType })])
  }

  describe('a filter', () => {
    const ids = new Map<string, string>()

    beforeAll(async () => {
      for (const [name, person] of Object.entries(filters.people)) ids.set(name, await create(person))
    })

    it.each(all(filters))('$name: $filter', async ({ filter, finds, scimType }) => {
      const filled = filter.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
        const id = ids.get(name.toLowerCase()) ?? ''
        return name === name.toUpperCase() ? id.toUpperCase() : id
      })
      const answer = await ask('GET', `/Users?filter=${encodeURIComponent(filled)}`)
      if (finds === undefined) return expectRefusal(answer, scimType)
      expect([answer.status, answer.text]).toEqual([200, answer.text])
      const found = (answer.json as { Resources: { id: string }[] }).Resources.map(({ id }) => id)
      const names = [...ids].flatMap(([name, id]) => (found.includes(id) ? [name] : []))
      expect(names).toEqual(finds)
      expect(found).toHaveLength(finds.length)
    })
  })

  describe('a PATCH', () => {
    beforeAll(async () => {
      token = (await addDirectory(server, 'patches', agent)).token
    })

    it.each(all(patches))('$name', async ({ operations, differs, scimType }) => {
      const id = await create({ ...patches.given, userName: crypto.randomUUID() })
      const before = await ask('GET', `/Users/${id}`)
      const answer = await ask('PATCH', `/Users/${id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: operations,
      })
      const after = await ask('GET', `/Users/${id}`)
      if (differs === undefined) {
        expectRefusal(answer, scimType)
        expect(after.text).toBe(before.text)
        return
      }
      expect([answer.status, answer.text]).toEqual([200, after.text])
      expect(withoutMeta(after)).toEqual(mergePatch(withoutMeta(before), differs))
    })
  })
})

function withoutMeta({ json }: WireResponse): object {
  const { meta: _meta, ...rest } = json as { meta: object }
  return rest
}
