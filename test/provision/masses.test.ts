import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { addDirectory, administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { openAgent, send } from '../support/wire.ts'

const PEOPLE = 600

describe.each(engines)('a change that touches many people at once, on %s', (engine) => {
  let server: TestServer
  let token: string
  let ids: string[]
  let group: string
  const agent = openAgent(16)

  beforeAll(async () => {
    server = await startServer({ engine })
    ;({ token } = await addDirectory(server, 'many'))
    await administer(server, 'POST', '/apply', configuration('viewer'))
    ids = await Promise.all(
      Array.from({ length: PEOPLE }, async (_, i) => {
        const body = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: `p${i}` }
        return ((await scim('POST', '/Users', body)).json as { id: string }).id
      }),
    )
    group = (
      (
        await scim('POST', '/Groups', {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
          displayName: 'Everybody',
          members: ids.map((value) => ({ value })),
        })
      ).json as { id: string }
    ).id
  })
  afterAll(async () => {
    agent.destroy()
    await server.stop()
  })

  const configuration = (role: string) => ({
    connections: [{ name: 'lake', dialect: 'postgres' }],
    rules: [{ name: 'all', group: 'Everybody', grant: { role, on: 'lake' } }],
  })
  const scim = (method: string, path: string, body?: object) =>
    send(
      server.url,
      {
        method,
        path: `/scim/v2${path}`,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
        body,
      },
      agent,
    )
  const roleOf = async (user: string) =>
    (
      await administer<{ role: { name: string } | null }>(
        server,
        'GET',
        `/resolve?user=${user}&connection=lake`,
      )
    ).role?.name
  const stored = async (role: string) => {
    const { assignments } = await administer<{ assignments: object[] }>(
      server,
      'GET',
      `/assignments?role=${role}&limit=1000`,
    )
    return assignments.length
  }

  it('answers by the facts at once, shows its progress, and stores the same in the end', async () => {
    await recomputeAll(server.ctx, () => {})
    expect(await stored('viewer')).toBe(PEOPLE)

    await administer(server, 'POST', '/apply', configuration('modeler'))
    expect(await roleOf('p0')).toBe('modeler')
    expect(await roleOf(`p${PEOPLE - 1}`)).toBe('modeler')

    const seen: [number, number][] = []
    await recomputeAll(server.ctx, (done, total) => seen.push([done, total]))
    for (const [done, total] of seen) expect(done).toBeLessThanOrEqual(total)
    expect(await stored('modeler')).toBe(PEOPLE)
    expect(await administer(server, 'GET', '/status')).toMatchObject({ recomputing: [] })
  })

  it('takes everything from everybody at once when their group is deleted', async () => {
    await scim('DELETE', `/Groups/${group}`)
    expect(await roleOf('p0')).toBe('no_access')
    expect(await roleOf(`p${PEOPLE - 1}`)).toBe('no_access')
    await recomputeAll(server.ctx, () => {})
    expect(await stored('modeler')).toBe(0)
  })

  it('keeps every member that many clients add at the same moment', async () => {
    const { id } = (await scim('POST', '/Groups', { schemas: [], displayName: 'Crowd' })).json as {
      id: string
    }
    const add = (value: string) =>
      scim('PATCH', `/Groups/${id}`, { Operations: [{ op: 'add', path: 'members', value: [{ value }] }] })
    const answers = await Promise.all(ids.slice(0, 32).map(add))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]))
    const { members } = (await scim('GET', `/Groups/${id}`)).json as { members: { value: string }[] }
    expect(new Set(members.map(({ value }) => value))).toEqual(new Set(ids.slice(0, 32)))
  })

  it('stores what the facts say when people and their groups change at the same moment', async () => {
    const { id } = (await scim('POST', '/Groups', { schemas: [], displayName: 'Everybody' })).json as {
      id: string
    }
    const some = ids.slice(0, 40)
    await Promise.all(
      some.flatMap((value, i) => [
        scim('PATCH', `/Groups/${id}`, { Operations: [{ op: 'add', path: 'members', value: [{ value }] }] }),
        scim('PATCH', `/Users/${value}`, {
          Operations: [{ op: 'replace', path: 'active', value: i % 2 === 0 }],
        }),
      ]),
    )
    await recomputeAll(server.ctx, () => {})
    for (const [i] of some.entries()) {
      expect(await administer(server, 'GET', `/resolve?user=p${i}&connection=lake`)).toMatchObject(
        i % 2 === 0
          ? { decision: 'allow', role: { name: 'modeler' } }
          : { decision: 'deny', reason: 'inactive' },
      )
    }
  })

  it('stores what the facts say when a group above is deleted or renamed while people come in below', async () => {
    const create = async (displayName: string, members: string[] = []) =>
      (
        (
          await scim('POST', '/Groups', {
            schemas: [],
            displayName,
            members: members.map((value) => ({ value })),
          })
        ).json as { id: string }
      ).id
    const patch = (id: string, ...Operations: object[]) => scim('PATCH', `/Groups/${id}`, { Operations })
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'lake', dialect: 'postgres' }],
      rules: ['Above', 'Beside'].map((name) => ({
        name,
        group: name,
        grant: { role: 'modeler', on: 'lake' },
      })),
    })
    await recomputeAll(server.ctx, () => {})
    for (const [round, user] of ids.slice(100, 108).entries()) {
      const below = await create(`Below ${round}`)
      const above = await create('Above', [below])
      const renamed = await create(`Renamed ${round}`, [below])
      const answers = await Promise.all([
        round % 2 === 0
          ? scim('DELETE', `/Groups/${above}`)
          : patch(renamed, { op: 'replace', path: 'displayName', value: 'Beside' }),
        patch(below, { op: 'add', path: 'members', value: [{ value: user }] }),
        patch(renamed, {
          op: 'add',
          path: 'members',
          value: [{ value: ids[200 + round] }, { value: above }],
        }),
      ])
      for (const { status } of answers) expect(status).toBeLessThan(300)
      await recomputeAll(server.ctx, () => {})
      const facts = await administer<{ connections: { lake: object } }>(
        server,
        'GET',
        `/users/${user}/access`,
      )
      const answer = await administer<object>(server, 'GET', `/resolve?user=${user}&connection=lake`)
      expect(answer).toMatchObject(facts.connections.lake)
      for (const id of round % 2 === 0 ? [renamed, below] : [above, renamed, below])
        await scim('DELETE', `/Groups/${id}`)
    }
  })

  it('lets one of two conditional writes win', async () => {
    const [user] = ids
    const version = ((await scim('GET', `/Users/${user}`)).json as { meta: { version: string } }).meta.version
    const write = (displayName: string) =>
      send(
        server.url,
        {
          method: 'PATCH',
          path: `/scim/v2/Users/${user}`,
          headers: {
            Authorization: `Bearer ${token}`,
            'Content-Type': 'application/json',
            'If-Match': version,
          },
          body: { Operations: [{ op: 'replace', path: 'displayName', value: displayName }] },
        },
        agent,
      )
    const answers = await Promise.all(['one', 'two', 'three'].map(write))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412])
  })
})
