import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { PATCH, scimDirectory, USER, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

jest.setTimeout(120_000)

const PEOPLE = 5
const LIMIT = 2

interface Answer {
  readonly decision: 'allow' | 'deny'
  readonly role: { readonly name: string } | null
  readonly held?: object
}

/** What a directory says of one person, by the rules of these tests. */
interface Said {
  readonly here: boolean
  readonly active: boolean
  readonly crew: boolean
}

/** From the least to the most. */
const LEVELS = ['nothing', 'viewer', 'querier'] as const
type Level = (typeof LEVELS)[number]

const levelOf = ({ decision, role }: Answer): Level =>
  decision === 'deny' ? 'nothing' : (role?.name as Level)
const saidOf = ({ here, active, crew }: Said): Level => {
  if (!here || !active) return 'nothing'
  return crew ? 'querier' : 'viewer'
}
const less = (a: Level, b: Level): boolean => LEVELS.indexOf(a) < LEVELS.indexOf(b)

interface World {
  readonly directory: ScimDirectory
  readonly ids: string[]
  readonly said: Said[]
  crew: string | undefined
}

interface Step {
  readonly what: string
  do(world: World): Promise<void>
}

const active = (value: boolean) => ({ op: 'replace', path: 'active', value })
const ok = ({ status }: { status: number }): boolean => status < 300

const person = fc.nat(PEOPLE - 1)
const some = fc.uniqueArray(person, { minLength: 1, maxLength: PEOPLE })

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ who: person, value: fc.boolean() }).map(({ who, value }): Step => ({
    what: `active of ${who} is ${value}`,
    async do({ directory, ids, said }) {
      if (ok(await directory.patch(`/Users/${ids[who]}`, active(value)))) change(said, who, { active: value })
    },
  })),
  some.map((all): Step => ({
    what: `a bulk request deactivates ${all.join()}`,
    async do({ directory, ids, said }) {
      const Operations = all.map((who) => ({
        method: 'PATCH',
        path: `/Users/${ids[who]}`,
        data: { schemas: [PATCH], Operations: [active(false)] },
      }))
      await directory.call('POST', '/Bulk', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations,
      })
      for (const who of all) if (said[who]?.here) change(said, who, { active: false })
    },
  })),
  person.map((who): Step => ({
    what: `delete ${who}`,
    async do({ directory, ids, said }) {
      if (ok(await directory.call('DELETE', `/Users/${ids[who]}`)))
        change(said, who, { here: false, crew: false })
    },
  })),
  person.map((who): Step => ({
    what: `create ${who} again`,
    async do({ directory, ids, said }) {
      const answer = await directory.call('POST', '/Users', {
        schemas: [USER],
        userName: `${directory.id}-${who}`,
      })
      const { id } = answer.json as { id?: string }
      if (ok(answer) && id === ids[who]) change(said, who, { here: true, active: true })
    },
  })),
  fc.record({ all: some, adds: fc.boolean() }).map(({ all, adds }): Step => ({
    what: `${adds ? 'add' : 'remove'} ${all.join()}`,
    async do({ directory, ids, said, crew }) {
      const members = all.filter((who) => said[who]?.here)
      const value = members.map((who) => ({ value: ids[who] }))
      if (crew === undefined || members.length === 0) return
      await directory.patch(`/Groups/${crew}`, { op: adds ? 'add' : 'remove', path: 'members', value })
      for (const who of members) change(said, who, { crew: adds })
    },
  })),
  fc.constant<Step>({
    what: 'delete the group, or make it again',
    async do(world) {
      const { directory, ids, said } = world
      if (world.crew === undefined) {
        const members = ids.filter((_, who) => said[who]?.here)
        world.crew = await directory.createGroup('Crew', members)
        said.forEach(({ here }, who) => change(said, who, { crew: here }))
      } else {
        await directory.call('DELETE', `/Groups/${world.crew}`)
        world.crew = undefined
        said.forEach((_, who) => change(said, who, { crew: false }))
      }
    },
  }),
)

function change(said: Said[], who: number, what: Partial<Said>): void {
  const before = said[who]
  if (before !== undefined) said[who] = { ...before, ...what }
}

describe.each(engines)('a directory that holds on %s', (engine) => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({ engine })
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'lake', dialect: 'postgres', baseRole: 'viewer' }],
      rules: [{ name: 'crew', group: 'Crew', grant: { role: 'querier', on: 'lake' } }],
    })
  })
  afterAll(() => server.stop())

  let runs = 0
  const begin = async (): Promise<World> => {
    const brake = { users: LIMIT, measure: 'hold' }
    const directory = await scimDirectory(server, `run ${(runs += 1)}`, { brake, rehire: 'revive' })
    const ids: string[] = []
    for (let who = 0; who < PEOPLE; who += 1)
      ids.push(await directory.createUser({ userName: `${directory.id}-${who}` }))
    const crew = await directory.createGroup('Crew', ids)
    return { directory, ids, said: ids.map(() => ({ here: true, active: true, crew: true })), crew }
  }
  const resolve = (id: string) => administer<Answer>(server, 'GET', `/resolve?user=${id}&connection=lake`)

  it('takes nothing from more people than it may, gives nobody more than before, and says what the facts say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 20 }), async (play) => {
        const world = await begin()
        const lost = new Set<string>()
        let before = await Promise.all(world.ids.map(resolve))
        for (const step of play) {
          await step.do(world)
          const after = await Promise.all(world.ids.map(resolve))
          for (const [who, id] of world.ids.entries()) {
            const [was, is] = [levelOf(before[who] as Answer), levelOf(after[who] as Answer)]
            const said = saidOf(world.said[who] as Said)
            // Held is what there was, where the directory says less; everything else is what the directory says.
            if (after[who]?.held === undefined) expect([step.what, who, is]).toEqual([step.what, who, said])
            else expect([step.what, who, is === was, less(said, is)]).toEqual([step.what, who, true, true])
            if (less(is, was)) lost.add(id)
            if (!world.said[who]?.here) continue
            const facts = await administer<{ connections: { lake: Answer } }>(
              server,
              'GET',
              `/users/${id}/access`,
            )
            expect(after[who]).toMatchObject(facts.connections.lake)
          }
          expect(lost.size).toBeLessThanOrEqual(LIMIT)
          before = after
        }
      }),
      { numRuns: 12 },
    )
  })

  it('takes nothing from more people than it may when many requests come at once', async () => {
    const { directory, ids, crew } = await begin()
    await Promise.all([
      ...ids.map((id) => directory.patch(`/Users/${id}`, active(false))),
      ...ids.map((id) =>
        directory.patch(`/Groups/${crew}`, { op: 'remove', path: `members[value eq "${id}"]` }),
      ),
    ])
    const answers = await Promise.all(ids.map(resolve))
    expect(answers.filter((answer) => levelOf(answer) !== 'querier').length).toBeLessThanOrEqual(LIMIT)
  })
})
