import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { addDirectory, administer, type TestDirectory } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { ACME } from '../support/example.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { openAgent, send, type WireResponse } from '../support/wire.ts'

const PEOPLE = ['ada', 'ben'] as const
const NAMES = [...PEOPLE, 'ada.new'] as const
const GROUPS = ['Team', 'Analysts'] as const
const VALUES = ['finance', 'FIN', 'admin', undefined] as const

/** Whoever is meant is a place in the list of all that were ever made. */
const anyone = fc.nat(3)
const few = fc.array(anyone, { maxLength: 2 })
const pick = <const T>(from: readonly T[]) => fc.constantFrom(...from)

/** What identity providers and administrators do. */
const steps = {
  createUser: fc.record({ name: pick(NAMES), external: fc.boolean(), value: pick(VALUES) }),
  rename: fc.record({ user: anyone, name: pick(NAMES) }),
  address: fc.record({ user: anyone, name: pick(NAMES) }),
  value: fc.record({ user: anyone, value: pick(VALUES) }),
  active: fc.record({ user: anyone, active: fc.boolean() }),
  deleteUser: fc.record({ user: anyone }),
  createGroup: fc.record({ name: pick(GROUPS), users: few, groups: few }),
  add: fc.record({ group: anyone, users: few, groups: few }),
  remove: fc.record({ group: anyone, users: few, groups: few }),
  renameGroup: fc.record({ group: anyone, name: pick(GROUPS) }),
  replaceGroup: fc.record({ group: anyone, name: pick(GROUPS), users: few, groups: few }),
  deleteGroup: fc.record({ group: anyone }),
  apply: fc.record({
    rules: fc.subarray(['of a group', 'of a filter', 'with a value']),
    upTo: pick(['querier', 'modeler', undefined]),
    values: pick([['finance'], undefined]),
    rehire: pick(['new', 'revive']),
    granted: fc.subarray([...PEOPLE]),
    overridden: fc.subarray([...PEOPLE]),
    // How many ticks of the clock later grants and overrides begin and end.
    from: fc.nat(60),
    until: fc.nat(200),
    baseRole: pick(['viewer', undefined]),
    default: pick(['finance', undefined]),
    whenUnmatched: pick(['deny', 'base']),
    mayPick: fc.subarray([...GROUPS]),
    mayPickAlone: fc.subarray([...PEOPLE]),
  }),
  removeDirectory: fc.constant({}),
}

type Kind = keyof typeof steps
type Choice<K extends Kind> = (typeof steps)[K] extends fc.Arbitrary<infer T> ? T : never
type Step = { [K in Kind]: { readonly kind: K } & Choice<K> }[Kind]

const often: Partial<Record<Kind, number>> = {
  createUser: 2,
  rename: 3,
  createGroup: 2,
  add: 2,
  remove: 2,
  renameGroup: 2,
  apply: 3,
}
const step = fc.oneof(
  ...Object.entries(steps).map(([kind, choice]) => ({
    weight: often[kind as Kind] ?? 1,
    arbitrary: (choice as fc.Arbitrary<object>).map((chosen) => ({ kind, ...chosen }) as Step),
  })),
)

interface Question {
  readonly user: string
  readonly connection: string
  readonly at?: string
}

/** A configuration that uses everything. */
const EVERYTHING: Choice<'apply'> = {
  rules: ['of a group', 'of a filter', 'with a value'],
  upTo: undefined,
  values: undefined,
  rehire: 'revive',
  granted: ['ben'],
  overridden: [],
  from: 0,
  until: 100,
  baseRole: 'viewer',
  default: undefined,
  whenUnmatched: 'deny',
  mayPick: ['Team'],
  mayPickAlone: ['ben'],
}

interface Answer {
  readonly question: Question
  readonly at?: string
  readonly position?: number
  readonly problem?: { readonly status: number }
  readonly decision?: string
  readonly reason?: string | null
  readonly because?: readonly { readonly restsOn?: readonly Basis[] }[]
}

interface Basis {
  readonly fact: string
  readonly at: string | null
  readonly request?: string
}

describe.each(engines)('what was answered, on %s,', (engine) => {
  let server: TestServer
  let directory: TestDirectory
  let users: string[]
  let groups: string[]
  /** The ids of all requests of the identity provider. */
  const requests = new Set<string>()
  const agent = openAgent(1)

  beforeAll(async () => {
    server = await startServer({ engine })
    // Every look at the clock is a millisecond later than the one before, so no two things happen at one moment.
    let clock = Date.now()
    Object.assign(server.ctx, { now: () => new Date((clock += 1)).toISOString() })
  })
  afterAll(async () => {
    agent.destroy()
    await server.stop()
  })

  const scim = async (method: string, path: string, body?: object): Promise<WireResponse> => {
    const headers = { Authorization: `Bearer ${directory.token}`, 'Content-Type': 'application/scim+json' }
    const answer = await send(server.url, { method, path: `/scim/v2${path}`, headers, body }, agent)
    expect(answer.status).toBeLessThan(500)
    requests.add(String(answer.headers['x-request-id']))
    return answer
  }
  const make = async (path: string, body: object, list: string[]) => {
    const { status, json } = await scim('POST', path, body)
    if (status === 201) list.push((json as { id: string }).id)
  }
  const patch = (path: string, ...Operations: object[]) => scim('PATCH', path, { Operations })
  const userAt = (place: number) => users[place % users.length] ?? 'nobody'
  const groupAt = (place: number) => groups[place % groups.length] ?? 'nobody'
  const membersOf = (of: { users: readonly number[]; groups: readonly number[] }) =>
    [...of.users.map(userAt), ...of.groups.map(groupAt)].map((value) => ({ value }))

  const perform = async (one: Step): Promise<void> => {
    switch (one.kind) {
      case 'createUser':
        return make(
          '/Users',
          {
            userName: one.name,
            userType: 'Employee',
            ...(one.external && { externalId: `x-${one.name}` }),
            [ACME]: { dbRole: one.value },
          },
          users,
        )
      case 'rename':
        await patch(`/Users/${userAt(one.user)}`, { op: 'replace', path: 'userName', value: one.name })
        return
      case 'address': {
        const value = [{ type: 'work', value: `${one.name}@example.com` }]
        await patch(`/Users/${userAt(one.user)}`, { op: 'replace', path: 'emails', value })
        return
      }
      case 'value': {
        const path = `${ACME}:dbRole`
        const operation = one.value === undefined ? { op: 'remove' } : { op: 'replace', value: one.value }
        await patch(`/Users/${userAt(one.user)}`, { ...operation, path })
        return
      }
      case 'active':
        await patch(`/Users/${userAt(one.user)}`, { op: 'replace', value: { active: one.active } })
        return
      case 'deleteUser':
        await scim('DELETE', `/Users/${userAt(one.user)}`)
        return
      case 'createGroup':
        return make('/Groups', { displayName: one.name, members: membersOf(one) }, groups)
      case 'add':
      case 'remove':
        await patch(`/Groups/${groupAt(one.group)}`, { op: one.kind, path: 'members', value: membersOf(one) })
        return
      case 'replaceGroup':
        await scim('PUT', `/Groups/${groupAt(one.group)}`, {
          displayName: one.name,
          members: membersOf(one),
        })
        return
      case 'renameGroup':
        await patch(`/Groups/${groupAt(one.group)}`, { op: 'replace', path: 'displayName', value: one.name })
        return
      case 'deleteGroup':
        await scim('DELETE', `/Groups/${groupAt(one.group)}`)
        return
      case 'apply':
        await administer(server, 'POST', '/apply', configurationOf(one), agent)
        return
      case 'removeDirectory':
        return startOver()
    }
  }

  const later = (ticks: number) => new Date(Date.parse(server.ctx.now()) + ticks).toISOString()

  const configurationOf = (one: Choice<'apply'>) => ({
    directories: [
      {
        name: 'okta',
        provider: 'okta',
        rehire: one.rehire,
        mayGrant: { upTo: one.upTo, attributes: one.values && { db_role: one.values } },
      },
    ],
    extensions: [{ urn: ACME, attributes: [{ name: 'dbRole' }] }],
    userAttributes: [
      {
        reference: 'db_role',
        from: `${ACME}:dbRole`,
        valueMap: { FIN: 'finance' },
        default: one.default,
      },
    ],
    connections: [
      {
        name: 'lake',
        dialect: 'postgres',
        baseRole: one.baseRole,
        environmentAttribute: 'db_role',
        values: ['admin'],
        whenUnmatched: one.whenUnmatched,
        environments: [
          {
            connection: 'pond',
            values: ['finance'],
            grantTo: { users: one.mayPickAlone, groups: one.mayPick },
          },
        ],
      },
      { name: 'pond', dialect: 'postgres', baseRole: 'viewer' },
    ],
    models: [{ name: 'sales', connection: 'lake' }],
    rules: [
      { name: 'of a group', group: 'Analysts', grant: { role: 'modeler', on: 'lake' } },
      {
        name: 'of a filter',
        when: 'userType eq "Employee" and not (emails.value sw "ben")',
        grant: { role: 'querier', on: { model: 'sales' } },
      },
      { name: 'with a value', group: 'Team', set: { db_role: 'admin' } },
    ].filter(({ name }) => one.rules.includes(name)),
    grants: one.granted.map((user) => ({
      user,
      role: 'connection_admin',
      on: 'lake',
      from: later(one.from),
      until: later(one.until + one.from + 1),
    })),
    overrides: one.overridden.map((user) => ({
      user,
      attribute: 'db_role',
      value: 'finance',
      until: later(one.until),
    })),
  })

  /** A directory without anybody in the place of the one before. */
  const startOver = async (): Promise<void> => {
    const { directories } = await administer<{ directories: { name: string }[] }>(
      server,
      'GET',
      '/directories',
      undefined,
      agent,
    )
    for (const { name } of directories)
      await administer(server, 'DELETE', `/directories/${name}?confirm=${name}`, undefined, agent)
    directory = await addDirectory(server, 'okta', agent)
    users = []
    groups = []
  }

  const ask = async (questions: readonly Question[]): Promise<Answer[]> =>
    (await administer<{ decisions: Answer[] }>(server, 'POST', '/resolve', { questions }, agent)).decisions

  /** Every way in which somebody may be meant, and every kind of question, in turn. */
  const questionsAt = (place: number): Question[] =>
    [...NAMES, 'x-ada', 'ada@example.com', ...users.slice(0, 3)].map((user, i) => {
      const asked = { user, connection: 'lake', explain: (place + i) % 4 > 0 }
      switch ((place + i) % 5) {
        case 0:
          return { ...asked, model: 'sales' }
        case 1:
          return { ...asked, environment: 'pond', directory: 'okta' }
        default:
          return asked
      }
    })

  /** People in nested groups, and a configuration that speaks of both. */
  const begin = async (): Promise<void> => {
    await startOver()
    await administer(server, 'POST', '/apply', configurationOf(EVERYTHING), agent)
    for (const name of PEOPLE) await perform({ kind: 'createUser', name, external: true, value: 'finance' })
    await perform({ kind: 'createGroup', name: 'Team', users: [0], groups: [] })
    await perform({ kind: 'createGroup', name: 'Analysts', users: [1], groups: [0] })
  }

  it('is answered again for that moment, with all that it rests on, whatever has happened since', async () => {
    const all: Answer[] = []
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (history) => {
        await begin()
        const remembered: Answer[] = []
        for (const [place, one] of history.entries()) {
          await perform(one)
          const at = later(0)
          const answers = await ask(questionsAt(place))
          remembered.push(...answers.map((answer) => ({ at, ...answer })))
        }
        expect(await askAgain(remembered)).toEqual(remembered.map(withoutPosition))
        for (const { because = [] } of remembered) {
          for (const { fact, at, request = '' } of because.flatMap(({ restsOn = [] }) => restsOn)) {
            expect([fact, at, request]).toEqual([fact, expect.any(String), expect.stringMatching(/./)])
            if (fact === 'membership' || fact === 'attribute') expect(requests).toContain(request)
          }
        }
        all.push(...remembered.filter((_, place) => place % 10 === 0))
      }),
      { numRuns: engine === 'sqlite' ? 8 : 4, interruptAfterTimeLimit: 120_000 },
    )
    expect(await askAgain(all)).toEqual(all.map(withoutPosition))
    expect(all.map(({ decision }) => decision)).toEqual(expect.arrayContaining(['allow', 'deny']))
  }, 240_000)

  const askAgain = async (remembered: readonly Answer[]): Promise<Answer[]> => {
    const answers: Answer[] = []
    for (let from = 0; from < remembered.length; from += 1000) {
      const asked = remembered.slice(from, from + 1000)
      const again = await ask(asked.map(({ question, at = '' }) => ({ ...question, at })))
      answers.push(...again.map((answer, place) => ({ at: asked[place]?.at ?? '', ...answer })))
    }
    return answers.map(withoutPosition)
  }
})

/** What a moment later is still the same: not the position of the feed, nor that a moment was asked for. */
function withoutPosition({ position: _, question, problem, ...answer }: Answer): Answer {
  const { at: _at, ...asked } = question
  return { ...answer, question: asked, ...(problem && { problem: { status: problem.status } }) }
}
