import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { tierRank, TIERS } from '../../schemas/roles.ts'
import type { Facts, GroupFact } from '../../src/mapping/facts.ts'
import { map } from '../../src/mapping/map.ts'
import { whyNot, type Wanted } from '../../src/mapping/why-not.ts'
import { decide } from '../../src/resolve/decide.ts'
import type { Because, Decision, Question } from '../../src/resolve/decision.ts'
import { modelOf } from './cases.ts'

const TEAMS = 'urn:acme:params:scim:User'
const VALUES = ['admin', 'analyst', 'finance', 'Finance', 'nowhere']
const GROUPS = ['engineers', 'analysts', 'modelers', 'emea', 'apac', 'sales']

const document = {
  extensions: [{ urn: TEAMS, attributes: [{ name: 'teams', multiValued: true }] }],
  userAttributes: [{ reference: 'db_role', multiple: true, from: `${TEAMS}:teams` }],
  roles: [{ name: 'querier_no_upload', displayName: 'No upload', tier: 'querier', without: ['upload_data'] }],
  connections: [
    {
      name: 'warehouse',
      dialect: 'postgres',
      environmentAttribute: 'db_role',
      values: ['admin'],
      environments: [
        { connection: 'wh_analyst', values: ['analyst'], grantTo: { groups: ['engineers'] } },
        { connection: 'wh_finance', values: ['finance'] },
      ],
    },
    { name: 'wh_analyst', dialect: 'postgres' },
    { name: 'wh_finance', dialect: 'postgres' },
  ],
  models: [{ name: 'sales', connection: 'warehouse' }],
  rules: [
    {
      name: 'analysts',
      group: 'analysts',
      grant: { role: 'querier', on: 'warehouse' },
      set: { db_role: 'analyst' },
    },
    { name: 'emea', group: 'emea', grant: { role: 'querier_no_upload', on: 'warehouse' } },
    {
      name: 'modelers',
      group: 'modelers',
      grant: { role: 'modeler', on: { model: 'sales' } },
      set: { db_role: 'admin' },
    },
    { name: 'employees', when: 'userType eq "Employee"', grant: { role: 'viewer', on: 'warehouse' } },
  ],
}
const model = modelOf(document)
const open = modelOf({
  ...document,
  connections: document.connections.map((connection) =>
    Object.assign({}, connection, { whenUnmatched: 'base', whenAmbiguous: 'firstInOrder' }),
  ),
})

const off = modelOf({
  ...document,
  connections: document.connections.map((connection) =>
    Object.assign({}, connection, { assignDynamically: false }),
  ),
})

const group = (id: string) =>
  fc.subarray(['ada', ...GROUPS]).map((members): GroupFact => ({ id, displayName: id, members }))
const facts = fc
  .record({
    active: fc.boolean(),
    teams: fc.uniqueArray(fc.constantFrom(...VALUES)),
    userType: fc.constantFrom('Employee', 'Contractor'),
    groups: fc.tuple(...GROUPS.map(group)),
    mayGrant: fc.option(
      fc.record({
        upTo: fc.constantFrom(...TIERS),
        attributes: fc.record({ db_role: fc.subarray(VALUES) }),
      }),
      { nil: undefined },
    ),
  })
  .map(({ active, teams, userType, groups, mayGrant }): Facts => ({
    user: { id: 'ada', userName: 'ada', names: ['ada'], active, resource: { userType, [TEAMS]: { teams } } },
    directory: { id: 'directory', name: 'okta', mayGrant },
    groups,
    bindings: new Map(GROUPS.map((id) => [id, id])),
    at: '2026-06-01T00:00:00.000Z',
  }))
const question = fc.constantFrom<Question>(
  { connection: 'warehouse' },
  { connection: 'warehouse', model: 'sales' },
  { connection: 'warehouse', environment: 'wh_analyst' },
  { connection: 'warehouse', environment: 'warehouse' },
  { connection: 'wh_analyst' },
)
const anyModel = fc.constantFrom(model, open, off)
const wanted = fc.oneof(
  fc.constantFrom(...model.roles.keys()).map((role) => ({ role })),
  fc.constantFrom('warehouse', 'wh_analyst', 'wh_finance').map((environment) => ({ environment })),
)

describe('a decision', () => {
  it('does not depend on the order of the facts', () => {
    const shuffled = facts.chain((some) =>
      fc.tuple(
        fc.constant(some),
        fc.infiniteStream(fc.nat()).map((random) => reorder(some, random)),
      ),
    )
    fc.assert(
      fc.property(anyModel, shuffled, question, (access, [some, other], asked) => {
        expect(decide(access, map(access, other), asked)).toEqual(decide(access, map(access, some), asked))
      }),
    )
  })

  it('is the same when it is computed again, by a model that was compiled again', () => {
    fc.assert(
      fc.property(facts, question, (some, asked) => {
        const again = modelOf(document)
        expect(decide(again, map(again, some), asked)).toEqual(decide(model, map(model, some), asked))
      }),
      { numRuns: 30 },
    )
  })

  it('becomes allow by more facts only where a grant or a value is named that was not there', () => {
    fc.assert(
      fc.property(anyModel, facts, facts, question, (access, some, extra, asked) => {
        const before = decide(access, map(access, some), asked)
        const after = decide(access, map(access, union(some, extra)), asked)
        if (before.decision === 'allow' || after.decision === 'deny') return
        const known = new Set(before.because.map(({ text }) => text))
        const fresh = after.because.filter((because) => names(because) && !known.has(because.text))
        expect(fresh.map(({ source, group: from }) => source ?? from)).not.toContain(undefined)
        expect(fresh).not.toHaveLength(0)
      }),
      { numRuns: 1000 },
    )
  })

  it('is not moved by groups and attributes that the configuration does not name', () => {
    const strangers = fc.array(fc.subarray(['ada', ...GROUPS]), { maxLength: 5 })
    fc.assert(
      fc.property(anyModel, facts, strangers, question, (access, some, members, asked) => {
        const groups = members.map((list, at) => ({ id: `x${at}`, displayName: `x${at}`, members: list }))
        const resource = { ...some.user.resource, title: 'Chief' }
        const more = { ...some, user: { ...some.user, resource }, groups: [...groups, ...some.groups] }
        expect(decide(access, map(access, more), asked)).toEqual(decide(access, map(access, some), asked))
      }),
    )
  })

  it('goes outside the time of a rule as if the rule were not there, and inside as if it had none', () => {
    const last = document.rules.length
    const time = fc.constantFrom(
      { from: '2026-07-01T00:00:00Z' },
      { until: '2026-05-01T00:00:00Z' },
      { from: '2026-05-01T00:00:00Z', until: '2026-07-01T00:00:00Z' },
    )
    fc.assert(
      fc.property(fc.nat(last - 1), time, facts, question, (at, period, some, asked) => {
        const rules = document.rules.map((rule, i) => (i === at ? { ...rule, ...period } : rule))
        const isNow = 'from' in period && 'until' in period
        const others = isNow ? document.rules : document.rules.toSpliced(at, 1)
        const answers = [rules, others].map((each) => {
          const access = modelOf({ ...document, rules: each })
          const { because: _, ...answer } = decide(access, map(access, some), asked)
          return answer
        })
        expect(answers[0]).toEqual(answers[1])
      }),
    )
  })

  it('never reaches above the ceiling of the directory', () => {
    fc.assert(
      fc.property(anyModel, facts, question, (access, some, asked) => {
        const decision = decide(access, map(access, some), asked)
        const { mayGrant } = some.directory
        if (!mayGrant?.upTo || decision.decision === 'deny') return
        expect(tierRank(decision.role?.tier ?? 'no_access')).toBeLessThanOrEqual(tierRank(mayGrant.upTo))
        const value = decision.environment?.value
        if (value) expect(mayGrant.attributes?.['db_role']).toContain(value)
      }),
    )
  })

  it('allows with a role, an environment and permissions, or denies with a reason and neither', () => {
    fc.assert(
      fc.property(anyModel, facts, question, (access, some, asked) => {
        expect(shapeOf(decide(access, map(access, some), asked))).toEqual(
          expect.stringMatching(/^(allow: role, environment, permissions|deny: reason)$/),
        )
      }),
    )
  })
})

function shapeOf({ decision, reason, environment, role, permissions }: Decision): string {
  const parts = [
    reason === null ? '' : 'reason',
    decision === 'allow' && role !== null ? 'role' : '',
    environment === null ? '' : 'environment',
    permissions.length > 0 ? 'permissions' : '',
  ]
  return `${decision}: ${parts.filter(Boolean).join(', ')}`
}

/** Whether a reason gives something: a role, a value, or the right to pick. */
function names({ kind }: Because): boolean {
  return kind === 'granted' || kind === 'value' || kind === 'picked'
}

function union(some: Facts, extra: Facts): Facts {
  const teams = [...new Set([...teamsOf(some), ...teamsOf(extra)])]
  const groups = some.groups.map((known, at) => ({
    ...known,
    members: [...new Set([...known.members, ...(extra.groups[at]?.members ?? [])])],
  }))
  return { ...some, user: { ...some.user, resource: { ...some.user.resource, [TEAMS]: { teams } } }, groups }
}

function reorder(some: Facts, random: Iterator<number>): Facts {
  const shuffle = <T>(list: readonly T[]): T[] =>
    list
      .map((item) => ({ item, key: Number(random.next().value) }))
      .toSorted((left, right) => left.key - right.key)
      .map(({ item }) => item)
  const resource = { ...some.user.resource, [TEAMS]: { teams: shuffle(teamsOf(some)) } }
  const groups = shuffle(some.groups).map((each) =>
    Object.assign({}, each, { members: shuffle(each.members) }),
  )
  return {
    ...some,
    user: { ...some.user, resource },
    groups,
    bindings: new Map(shuffle([...some.bindings])),
  }
}

function teamsOf({ user }: Facts): string[] {
  return (user.resource[TEAMS] as { teams: string[] }).teams
}

describe('why not', () => {
  it('is said of every way to what somebody lacks, and of none to what they have', () => {
    fc.assert(
      fc.property(anyModel, facts, question, wanted, (access, some, asked, what) => {
        const { has, ways } = whyNot(access, some, asked, compiled(access, what))
        const { decision, role, environment } = decide(access, map(access, some), asked)
        const had = 'role' in what ? role?.name === what.role : environment?.connection === what.environment
        if (decision === 'allow') expect(has).toBe(had)
        else if (has) expect(what).toEqual({ role: 'no_access' })
        if (has) expect(ways).toEqual([])
        expect(ways.filter(({ fails }) => fails.length === 0)).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })
})

function compiled({ roles }: typeof model, what: { role: string } | { environment: string }): Wanted {
  if ('environment' in what) return what
  const role = roles.get(what.role)
  if (role === undefined) throw new Error('a wanted role is one of the model')
  return { role }
}
