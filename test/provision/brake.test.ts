import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { administer } from '../support/admin.ts'
import { runCommand } from '../support/command.ts'
import { engines } from '../support/engines.ts'
import { scimDirectory, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

interface Alarm {
  readonly id: string
  readonly people: number
  readonly limit: number
  readonly open: boolean
  readonly directory: { readonly name: string }
}

const off = { op: 'replace', path: 'active', value: false }
const on = { ...off, value: true }

describe.each(engines)('the brake of a directory on %s', (engine) => {
  let server: TestServer
  const logged: { msg: string; people?: number }[] = []

  beforeAll(async () => {
    const log = pino({ level: 'error' }, { write: (line: string) => logged.push(JSON.parse(line) as never) })
    server = await startServer({ engine, log })
    await administer(server, 'POST', '/apply', {
      connections: [
        { name: 'lake', dialect: 'postgres', baseRole: 'viewer' },
        { name: 'vault', dialect: 'postgres' },
      ],
      rules: [{ name: 'crew', group: 'Crew', grant: { role: 'querier', on: 'lake' } }],
    })
  })
  afterAll(() => server.stop())

  const people = async (directory: ScimDirectory, count: number): Promise<string[]> => {
    const ids: string[] = []
    // Fewer at once than a busy machine makes wait for too long.
    while (ids.length < count) {
      const some = Array.from({ length: Math.min(20, count - ids.length) }, (_, i) => ids.length + i)
      const made = some.map((i) => directory.createUser({ userName: `${directory.id}-${i}` }))
      ids.push(...(await Promise.all(made)))
    }
    return ids
  }
  const braked = async (name: string, size: number, brake: object) => {
    const directory = await scimDirectory(server, name, { brake })
    return { directory, ids: await people(directory, size) }
  }
  const alarms = async (directory: ScimDirectory, query = '') =>
    (await administer<{ alarms: Alarm[] }>(server, 'GET', `/alarms?directory=${directory.id}${query}`)).alarms

  it('stands at 500 people or a tenth within an hour when nobody says otherwise', async () => {
    const { id } = await scimDirectory(server, 'plain')
    expect(await administer(server, 'GET', `/directories/${id}`)).toMatchObject({
      brake: { users: 500, percent: 10, minutes: 60 },
    })
    await administer(server, 'PATCH', `/directories/${id}`, { brake: { users: 7 } })
    expect(await administer(server, 'PATCH', `/directories/${id}`, { brake: { minutes: 5 } })).toMatchObject({
      brake: { users: 7, percent: 10, minutes: 5 },
    })
  })

  it('lets 20 people leave a small directory without a word', async () => {
    const { directory, ids } = await braked('small', 22, {})
    for (const id of ids.slice(0, 20)) await directory.patch(`/Users/${id}`, off)
    expect(await alarms(directory)).toEqual([])
    await directory.patch(`/Users/${ids[20]}`, off)
    expect(await alarms(directory)).toMatchObject([{ people: 21, limit: 20, open: true, measure: 'alarm' }])
  })

  it('lets managers leave while others change those who report to them', async () => {
    const { directory, ids } = await braked('led', 20, {})
    const manager = (value: string | undefined) => ({
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { value } },
    })
    const reports: string[] = []
    for (let i = 0; i < 60; i += 1)
      reports.push(await directory.createUser({ userName: `led-by-${i}`, ...manager(ids[i % 20]) }))
    const nick = { op: 'replace', path: 'nickName', value: 'nick' }
    const waiting = ids.flatMap((id, at) => [
      () => directory.call('DELETE', `/Users/${id}`),
      ...[0, 20, 40].map((more) => () => directory.patch(`/Users/${reports[at + more]}`, nick)),
    ])
    const statuses: number[] = []
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        statuses.push((await next()).status)
    }
    const began = performance.now()
    await Promise.all(Array.from({ length: 6 }, work))
    expect(new Set(statuses)).toEqual(new Set([200, 204]))
    expect(performance.now() - began).toBeLessThan(15_000)
  })

  it('lets people leave while others change the groups that they were in', async () => {
    const { directory, ids } = await braked('busy', 60, {})
    const crew = await directory.createGroup('Crew', ids)
    const leave = ids.slice(0, 30).map((id) => () => directory.call('DELETE', `/Users/${id}`))
    const drop = ids.slice(30).map((id) => () => {
      const path = `members[value eq "${id}"]`
      return directory.patch(`/Groups/${crew}`, { op: 'remove', path })
    })
    const waiting = leave.flatMap((one, at) => [one, drop[at] ?? one])
    const statuses: number[] = []
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        statuses.push((await next()).status)
    }
    const began = performance.now()
    await Promise.all(Array.from({ length: 6 }, work))
    expect(new Set(statuses)).toEqual(new Set([204]))
    // Two who wait for each other are told apart after a second.
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(await directory.members(crew)).toEqual([])
  })

  it.each([
    ['deactivated', (directory: ScimDirectory, id: string) => directory.patch(`/Users/${id}`, off)],
    ['deleted', (directory: ScimDirectory, id: string) => directory.call('DELETE', `/Users/${id}`)],
  ])('counts who is %s, each person once, and tells the feed, the audit and the log', async (how, leave) => {
    const { directory, ids } = await braked(how, 6, { users: 2 })
    const [one = '', two = '', ...others] = ids
    for (const change of [off, on, off, on, off]) await directory.patch(`/Users/${one}`, change)
    await leave(directory, one)
    await leave(directory, two)
    expect(await alarms(directory)).toEqual([])
    for (const id of others)
      expect(await leave(directory, id)).toHaveProperty('status', how === 'deleted' ? 204 : 200)
    const [alarm, ...more] = await alarms(directory)
    expect(more).toEqual([])
    // One alarm tells of all who follow within the window.
    expect(alarm).toMatchObject({ people: 6, limit: 2, directory: { name: how } })
    expect(logged).toContainEqual(expect.objectContaining({ alarm: alarm?.id, people: 3, directory: how }))
    const { entries } = await administer<{ entries: object[] }>(server, 'GET', `/audit?subject=${alarm?.id}`)
    expect(entries).toMatchObject([{ action: 'brake.tripped', detail: { people: 3, limit: 2, minutes: 60 } }])
    expect((await administer<{ openAlarms: number }>(server, 'GET', '/status')).openAlarms).toBeGreaterThan(0)
  })

  it('counts who is stripped of a role, and not who gains or keeps what there is', async () => {
    const { directory, ids } = await braked('stripped', 4, { users: 2 })
    const crew = await directory.createGroup('Crew', ids)
    await directory.patch(`/Users/${ids[0]}`, { op: 'replace', path: 'title', value: 'Captain' })
    await directory.patch(`/Groups/${crew}`, { op: 'remove', path: `members[value eq "${ids[0]}"]` })
    await directory.patch(`/Groups/${crew}`, { op: 'remove', path: `members[value eq "${ids[1]}"]` })
    expect(await alarms(directory)).toEqual([])
    await directory.call('DELETE', `/Groups/${crew}`)
    expect(await alarms(directory)).toMatchObject([{ people: 4, limit: 2 }])
  })

  it('takes a part of the directory only above 20 people', async () => {
    const { directory, ids } = await braked('percent', 44, { percent: 50, users: 40 })
    const crew = await directory.createGroup('Crew', ids)
    await directory.patch(`/Groups/${crew}`, {
      op: 'remove',
      path: 'members',
      value: ids.slice(0, 22).map((value) => ({ value })),
    })
    expect(await alarms(directory)).toEqual([])
    await directory.patch(`/Users/${ids[22]}`, off)
    expect(await alarms(directory)).toMatchObject([{ people: 23, limit: 22 }])
  })

  it('counts people who are decided in the background, and nobody whom an administrator took something from', async () => {
    const { directory, ids } = await braked('many', 260, {})
    const crew = await directory.createGroup('Crew', ids)
    await recomputeAll(server.ctx, () => {})
    const document = await administer<{ connections: object[] }>(server, 'GET', '/export')
    await administer(server, 'POST', '/apply', { ...document, rules: [] })
    await recomputeAll(server.ctx, () => {})
    expect(await alarms(directory)).toEqual([])
    await administer(server, 'POST', '/apply', document)
    await recomputeAll(server.ctx, () => {})
    await directory.call('DELETE', `/Groups/${crew}`)
    await recomputeAll(server.ctx, () => {})
    expect(await alarms(directory)).toMatchObject([{ people: 260, limit: 26 }])
  })

  it('misses nobody when many leave at the same moment', async () => {
    const { directory, ids } = await braked('storm', 32, { users: 31, percent: 100 })
    await Promise.all(ids.map((id) => directory.patch(`/Users/${id}`, off)))
    expect(await alarms(directory)).toMatchObject([{ people: 32, limit: 31 }])
  })

  it('is acknowledged once, by API or command line, and listed page by page', async () => {
    const { directory, ids } = await braked('Acknowledged', 2, { users: 1 })
    for (const id of ids) await directory.patch(`/Users/${id}`, off)
    const [alarm] = await alarms(directory, '&open=true')
    const done = await runCommand(
      server,
      'alarm',
      'acknowledge',
      alarm?.id ?? '',
      '--reason',
      'spring cleaning',
    )
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('Acknowledged') })
    expect(await alarms(directory, '&open=true')).toEqual([])
    expect(await alarms(directory, '&open=false&search=acknow')).toMatchObject([
      { outcome: 'acknowledged', closedBy: 'cli', reason: 'spring cleaning' },
    ])
    await expect(administer(server, 'POST', `/alarms/${alarm?.id}/acknowledge`, {})).rejects.toThrow(/409/)
    await expect(administer(server, 'POST', '/alarms/none/acknowledge', {})).rejects.toThrow(/404/)
    const { out } = await runCommand(server, 'alarm', 'list', '--all')
    expect(out).toMatch(/Acknowledged +2 +1 in 60 min +alarm +acknowledged +cli +spring cleaning/)
    const all = await administer<{ alarms: Alarm[] }>(server, 'GET', '/alarms')
    const paged: Alarm[] = []
    for (let cursor = ''; ;) {
      const page = await administer<{ alarms: Alarm[]; nextCursor?: string }>(
        server,
        'GET',
        `/alarms?limit=2${cursor}`,
      )
      paged.push(...page.alarms)
      if (page.nextCursor === undefined) break
      cursor = `&cursor=${page.nextCursor}`
    }
    expect(paged).toEqual(all.alarms)
  })

  it.each([
    [{ users: 0 }, 'brake.users'],
    [{ percent: 101 }, 'brake.percent'],
    [{ minutes: 1441 }, 'brake.minutes'],
    [{ seconds: 1 }, 'brake'],
  ])('refuses %j', async (brake, path) => {
    const { id } = await scimDirectory(server, `wrong ${JSON.stringify(brake)}`)
    await expect(administer(server, 'PATCH', `/directories/${id}`, { brake })).rejects.toThrow(path)
  })
})
