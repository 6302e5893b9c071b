import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { company } from '../../src/cli/simulate/company.ts'
import { day } from '../../src/cli/simulate/day.ts'
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
    expect(day(firm, 3)).toEqual(day(firm, 3))
    expect(new Set(day(firm, 3).map(({ kind }) => kind))).toEqual(new Set(['leave', 'move', 'rename']))
  })
})

describe('an identity provider that is played', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer()
    const attributes = [{ name: 'dbRole' }, { name: 'costCentre' }]
    await administer(server, 'POST', '/apply', { extensions: [{ urn: acmeExtension, attributes }] })
  }, 60_000)

  afterAll(async () => {
    await server?.stop()
  })

  it.each(Object.keys(providers) as Provider[])(
    '%s brings everybody and their groups in, and finds them again',
    async (provider) => {
      const { token } = await addDirectory(server, provider)
      const options = { provider, url: `${server.url}/scim/v2`, token, people: 60, teams: 25 }
      const steps: string[] = []
      const first = await simulate({ ...options, days: 2 }, ({ step, done, total }) => {
        if (done === total) steps.push(step)
      })
      const { teams } = company({ people: 60, teams: 25 })
      const memberships = teams.reduce((sum, { members }) => sum + members.length, 0)
      expect(first).toMatchObject({ users: 60, groups: 25, memberships, failures: [] })
      expect(steps).toEqual(
        provider === 'entra' ? ['users', 'managers', 'groups', 'days'] : ['users', 'groups', 'days'],
      )

      const again = await simulate({ ...options, teams: 0 })
      expect(again).toMatchObject({ users: 60, failures: [] })
      const { directories } = await administer<{ directories: { name: string; users: number }[] }>(
        server,
        'GET',
        '/status',
      )
      expect(directories.find(({ name }) => name === provider)?.users).toBe(60)
    },
    60_000,
  )
})
