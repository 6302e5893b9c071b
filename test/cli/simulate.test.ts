import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { company } from '../../src/cli/simulate/company.ts'
import type { Company } from '../../src/cli/simulate/company.ts'
import { days } from '../../src/cli/simulate/day.ts'
import type { Event } from '../../src/cli/simulate/day.ts'
import { hours } from '../../src/cli/simulate/hours.ts'
import { acmeExtension, providers, simulate } from '../../src/cli/simulate/simulate.ts'
import type { Provider } from '../../src/cli/simulate/simulate.ts'
import { addDirectory, administer } from '../support/admin.ts'
import { startServer } from '../support/server.ts'
import type { TestServer } from '../support/server.ts'

describe('an invented company', () => {
  it('is the same each time, and another one with another seed', () => {
    expect(company({ people: 500, teams: 40 })).toEqual(company({ people: 500, teams: 40 }))
    expect(company({ people: 500, seed: 2 })).not.toEqual(company({ people: 500 }))
  })

  it('begins with the people of a smaller one', () => {
    expect(company({ people: 500 }).people.slice(0, 100)).toEqual(company({ people: 100 }).people)
  })

  it('has no user name, external id or team name twice', () => {
    const { people, teams } = company({ people: 20_000, teams: 500 })
    for (const key of ['userName', 'externalId', 'employeeNumber'] as const)
      expect(new Set(people.map((person) => person[key])).size).toBe(20_000)
    expect(new Set(teams.map(({ name }) => name)).size).toBe(500)
  })

  it('has nobody without a team and no team without members', () => {
    const { people, teams } = company({ people: 300, teams: 25 })
    const placed = new Set(teams.flatMap(({ members }) => members))
    expect(placed.size).toBe(people.length)
    expect(teams.filter(({ members }) => members.length === 0)).toEqual([])
  })

  it('has days on which somebody leaves, somebody moves and a team is renamed', () => {
    const firm = company({ people: 300, teams: 25 })
    expect(days(firm, 3)).toEqual(days(firm, 3))
    expect(days(firm, 9).events.slice(0, days(firm, 3).events.length)).toEqual(days(firm, 3).events)
    expect(new Set(days(firm, 1).events.map(({ kind }) => kind))).toEqual(
      new Set(['leave', 'move', 'rename']),
    )
  })

  it('lets nobody leave twice or move afterwards, and everybody move from where they are', () => {
    const firm = company({ people: 300, teams: 25 })
    const { events, present } = days(firm, 200)
    const { gone } = follow(firm, events)
    expect(gone.size).toBe(300)
    expect(present).toEqual([])
    const earlier = days(firm, 40)
    const later = hours(
      { people: 300, teams: 25 },
      40,
      { joiners: 1, movers: 5, leavers: 2 },
      earlier.present,
    )
    expect(follow(later.firm, [...earlier.events, ...later.events]).joined.size).toBe(40)
  })
})

/** Follows everybody through what happens; fails where something happens to somebody who has left, or elsewhere. */
function follow(
  firm: Company,
  events: readonly Event[],
): { gone: ReadonlySet<number>; joined: ReadonlySet<number> } {
  const gone = new Set<number>()
  const joined = new Set<number>()
  const place = new Map<number, { department: string; team: number }>()
  for (const event of events) {
    if (event.kind === 'rename') continue
    const { person } = event
    expect(gone.has(person)).toBe(false)
    if (event.kind === 'leave') gone.add(person)
    if (event.kind === 'join') {
      expect(joined.has(person)).toBe(false)
      expect(event.teams.length).toBeGreaterThan(0)
      joined.add(person)
    }
    if (event.kind !== 'move') continue
    const known = place.get(person)
    expect([event.before.department, event.from]).toEqual([
      known?.department ?? firm.people[person]?.department,
      known?.team ?? firm.teams.findIndex(({ members }) => members.includes(person)),
    ])
    place.set(person, { department: event.after.department, team: event.to })
  }
  return { gone, joined }
}

describe('hours in an invented company', () => {
  const options = { people: 120, teams: 25 }
  const rates = { joiners: 2.5, movers: 4, leavers: 0.5 }

  it('go by the same way each time, at the rates that were asked for', () => {
    const { events, firm } = hours(options, 24, rates)
    expect(hours(options, 24, rates).events).toEqual(events)
    const of = (kind: string) => events.filter((event) => event.kind === kind)
    expect([of('join'), of('move'), of('leave')].map(({ length }) => length)).toEqual([60, 96, 12])
    expect(firm.people).toHaveLength(180)
    expect(hours(options, 24, { joiners: 0, movers: 0, leavers: 0 }).events).toEqual([])
  })

  it('let nobody leave twice or move afterwards, nobody join twice, and everybody move from where they are', () => {
    const { events, firm } = hours(options, 200, { joiners: 3, movers: 5, leavers: 2 })
    const { joined } = follow(firm, events)
    expect(joined.size).toBe(600)
    const moved = events.filter(({ kind }) => kind === 'move') as { person: number }[]
    expect(moved.filter(({ person }) => joined.has(person))).not.toEqual([])
  })

  it('end when nobody is left', () => {
    const { events } = hours({ people: 5, teams: 7 }, 10, { joiners: 0, movers: 3, leavers: 1 })
    expect(events.filter(({ kind }) => kind === 'leave')).toHaveLength(5)
  })
})

describe('an identity provider that is played', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer()
    const attributes = [{ name: 'dbRole' }, { name: 'costCentre' }]
    await administer(server, 'POST', '/apply', { extensions: [{ urn: acmeExtension, attributes }] })
  })

  afterAll(async () => {
    await server?.stop()
  })

  it.each(Object.keys(providers) as Provider[])(
    '%s brings everybody and their groups in, and finds them again',
    async (provider) => {
      const { token } = await addDirectory(server, provider)
      const options = { provider, url: `${server.url}/scim/v2`, token, people: 60, teams: 25 }
      const steps: string[] = []
      const rates = { joiners: 2, movers: 2, leavers: 1 }
      const first = await simulate({ ...options, days: 10, hours: 5, rates }, ({ step, done, total }) => {
        if (done === total) steps.push(step)
      })
      const { teams } = company({ people: 60, teams: 25 })
      const memberships = teams.reduce((sum, { members }) => sum + members.length, 0)
      expect(first).toMatchObject({ users: 70, groups: 25, memberships, failures: [] })
      expect(steps).toEqual(
        provider === 'entra'
          ? ['users', 'managers', 'groups', 'days', 'hours']
          : ['users', 'groups', 'days', 'hours'],
      )

      const left = await fetch(`${options.url}/Users?count=0&filter=active%20eq%20false`, {
        headers: { Authorization: `Bearer ${token}` },
      })
      expect(await left.json()).toMatchObject({ totalResults: 15 })

      const again = await simulate({ ...options, teams: 0 })
      expect(again).toMatchObject({ users: 60, failures: [] })
      const { directories } = await administer<{ directories: { name: string; users: number }[] }>(
        server,
        'GET',
        '/status',
      )
      expect(directories.find(({ name }) => name === provider)?.users).toBe(70)
    },
    60_000,
  )
})
