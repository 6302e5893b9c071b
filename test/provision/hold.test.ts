import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { administer, issueToken } from '../support/admin.ts'
import { runCommand } from '../support/command.ts'
import { engines } from '../support/engines.ts'
import { scimDirectory, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

interface Alarm {
  readonly id: string
  readonly open: boolean
}

interface Answer {
  readonly decision: 'allow' | 'deny'
  readonly reason: string | null
  readonly role: { readonly name: string } | null
  readonly held?: { readonly alarm: string; readonly since: string; readonly kind: string }
  readonly because: readonly { readonly kind: string; readonly text: string }[]
  readonly at: string
}

const off = { op: 'replace', path: 'active', value: false }
const on = { ...off, value: true }

const CONFIG = {
  connections: [
    { name: 'lake', dialect: 'postgres', baseRole: 'viewer' },
    { name: 'vault', dialect: 'postgres' },
  ],
  models: [{ name: 'pay', connection: 'vault' }],
  rules: [
    { name: 'crew', group: 'Crew', grant: { role: 'querier', on: 'lake' } },
    { name: 'payroll', group: 'Payroll', grant: { role: 'viewer', on: { model: 'pay' } } },
  ],
}

describe.each(engines)('what is held on %s', (engine) => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({ engine })
    await administer(server, 'POST', '/apply', CONFIG)
  })
  afterAll(() => server.stop())

  const resolve = (user: string, more = '') =>
    administer<Answer>(server, 'GET', `/resolve?user=${encodeURIComponent(user)}&connection=lake${more}`)
  const alarms = async (directory: ScimDirectory, query = '&open=true') =>
    (await administer<{ alarms: Alarm[] }>(server, 'GET', `/alarms?directory=${directory.id}${query}`)).alarms
  const held = async (directory: ScimDirectory, query = '') =>
    (
      await administer<{ held: { user: { id: string }; access: object[] }[] }>(
        server,
        'GET',
        `/held?directory=${directory.id}${query}`,
      )
    ).held
  const decide = (verb: string, alarm: Alarm | undefined, more: object = {}) =>
    administer<Alarm>(server, 'POST', `/alarms/${alarm?.id}/${verb}`, { reason: 'as agreed', ...more })

  /** A directory with people of whom so many may lose access. */
  const braked = async (name: string, size: number, users: number) => {
    const directory = await scimDirectory(server, name, { brake: { users, measure: 'hold' } })
    const ids: string[] = []
    for (let i = 0; i < size; i += 1) {
      ids.push(
        await directory.createUser({
          userName: `${name}-${i}`,
          externalId: `x-${name}-${i}`,
          emails: [{ value: `${name}-${i}@example.com` }],
        }),
      )
    }
    return { directory, ids }
  }
  const leave = (directory: ScimDirectory, id: string | undefined) => directory.patch(`/Users/${id}`, off)
  /** Whether the stored decisions are those that the facts give. */
  const agree = async (id: string) => {
    const { connections } = await administer<{ connections: { lake: Answer } }>(
      server,
      'GET',
      `/users/${id}/access`,
    )
    expect(await resolve(id)).toMatchObject(connections.lake)
  }

  it('holds those whom a group gives a role that lacks something, many at once too', async () => {
    await administer(server, 'POST', '/apply', {
      ...CONFIG,
      roles: [{ name: 'lean', displayName: 'Lean', tier: 'querier', without: ['upload_data'] }],
      roleOrder: { querier: ['lean', 'querier'] },
      rules: [...CONFIG.rules, { name: 'lean', group: 'Lean', grant: { role: 'lean', on: 'lake' } }],
    })
    const { directory, ids } = await braked('lean', 251, 5)
    await directory.createGroup('Crew', ids)
    await recomputeAll(server.ctx, () => undefined)
    const lean = await directory.createGroup('Lean')
    const value = ids.map((id) => ({ value: id }))
    await directory.patch(`/Groups/${lean}`, { op: 'add', path: 'members', value })
    expect((await resolve('lean-7')).role).toMatchObject({ name: 'querier' })
    await recomputeAll(server.ctx, () => undefined)
    expect((await resolve('lean-7')).role).toMatchObject({ name: 'querier' })
    await administer(server, 'POST', '/apply', CONFIG)
    await recomputeAll(server.ctx, () => undefined)
  })

  it('is who loses something from the one on who is too many, and the answer to the client stays a success', async () => {
    const { directory, ids } = await braked('deactivated', 4, 2)
    const [one = '', two = '', three = '', four = ''] = ids
    for (const id of ids) {
      const { status, json } = await leave(directory, id)
      expect([status, (json as { active: boolean }).active]).toEqual([200, false])
    }
    expect(await resolve(one)).toMatchObject({ decision: 'deny', reason: 'inactive' })
    expect(await resolve(two)).toMatchObject({ decision: 'deny', reason: 'inactive' })
    const [alarm] = await alarms(directory)
    expect(alarm).toMatchObject({ measure: 'hold', people: 4, limit: 2 })
    const listed = await administer<{ assignments: { user: { id: string } }[] }>(
      server,
      'GET',
      `/assignments?held=true&connection=lake&directory=${directory.id}`,
    )
    expect(listed.assignments.map(({ user }) => user.id)).toEqual([three, four])
    for (const id of [three, four]) {
      const answer = await resolve(id)
      expect(answer).toMatchObject({
        decision: 'allow',
        role: { name: 'viewer' },
        held: { alarm: alarm?.id, kind: 'brake' },
      })
      expect(answer.because[0]).toMatchObject({
        kind: 'held',
        text: expect.stringContaining('deny, `inactive`'),
      })
      await agree(id)
    }
    expect(await held(directory)).toMatchObject([
      {
        user: { id: three, userName: 'deactivated-2', deleted: false },
        verdict: 'open',
        access: [
          {
            connection: 'lake',
            has: { role: { name: 'viewer' } },
            would: { decision: 'deny', reason: 'inactive' },
          },
        ],
      },
      { user: { id: four } },
    ])
    expect(await held(directory, '&search=TED-3')).toMatchObject([{ user: { id: four } }])
    expect(await held(directory, `&limit=1`)).toHaveLength(1)
    await expect(decide('acknowledge', alarm, {})).rejects.toThrow(/409.*release or reject/)
    await expect(decide('release', alarm, { reason: ' ' })).rejects.toThrow(/422/)
    await expect(decide('release', { id: 'none', open: true })).rejects.toThrow(/404/)
    const reader = { url: server.url, adminToken: await issueToken(server, { scope: 'read' }) }
    const reason = { reason: 'mine' }
    await expect(administer(reader, 'POST', `/alarms/${alarm?.id}/release`, reason)).rejects.toThrow(/403/)
    expect(await administer(reader, 'GET', '/held')).toHaveProperty('held')
  })

  it('is released person by person or as a whole, and the brake begins to count anew', async () => {
    const { directory, ids } = await braked('released', 6, 1)
    for (const id of ids.slice(0, 4)) await leave(directory, id)
    const [alarm] = await alarms(directory)
    expect(await decide('release', alarm, { users: ['RELEASED-1'] })).toMatchObject({ open: true })
    expect(await resolve('released-1')).toMatchObject({ decision: 'deny', reason: 'inactive' })
    expect(await resolve('released-2')).toMatchObject({ decision: 'allow' })
    await expect(decide('release', alarm, { users: ['released-1'] })).rejects.toThrow(/409.*none of these/)
    expect(await decide('release', alarm)).toMatchObject({
      open: false,
      outcome: 'released',
      reason: 'as agreed',
    })
    for (const id of ids.slice(0, 4)) expect(await resolve(id)).toMatchObject({ reason: 'inactive' })
    expect(await held(directory)).toEqual([])
    await leave(directory, ids[4])
    expect(await resolve('released-4')).toMatchObject({ decision: 'deny' })
    await leave(directory, ids[5])
    expect(await resolve('released-5')).toMatchObject({ decision: 'allow', held: {} })
    const { entries } = await administer<{ entries: { action: string }[] }>(
      server,
      'GET',
      `/audit?subject=${alarm?.id}`,
    )
    expect(entries).toMatchObject([
      { action: 'hold.released', detail: { reason: 'as agreed' } },
      { action: 'hold.released', detail: { users: [ids[1]] } },
      { action: 'brake.tripped' },
    ])
  })

  it('stays when it is rejected, until the directory says again what gives as much', async () => {
    const { directory, ids } = await braked('rejected', 4, 1)
    for (const id of ids.slice(0, 3)) await leave(directory, id)
    const [alarm] = await alarms(directory)
    expect(await decide('reject', alarm)).toMatchObject({ open: false, outcome: 'rejected' })
    await expect(decide('reject', alarm)).rejects.toThrow(/409.*is closed since/)
    await expect(decide('acknowledge', alarm, {})).rejects.toThrow(/409.*is closed since/)
    const told = await administer<{ entries: object[] }>(server, 'GET', `/audit?subject=${alarm?.id}`)
    expect(told.entries.filter((one) => JSON.stringify(one).includes('hold.rejected'))).toHaveLength(1)
    expect(await held(directory, '&verdict=rejected')).toHaveLength(2)
    await directory.patch(`/Users/${ids[1]}`, { op: 'replace', path: 'title', value: 'Captain' })
    expect(await resolve('rejected-1')).toMatchObject({ decision: 'allow', held: { alarm: alarm?.id } })
    await directory.patch(`/Users/${ids[1]}`, on)
    expect(await resolve('rejected-1')).not.toHaveProperty('held')
    await leave(directory, ids[1])
    expect(await resolve('rejected-1')).toMatchObject({ decision: 'deny' })
    expect(await decide('release', alarm, { users: [ids[2]] })).toMatchObject({ outcome: 'rejected' })
    expect(await resolve('rejected-2')).toMatchObject({ decision: 'deny' })
  })

  it('is found under every name after the user was deleted, and is nothing of who takes the name', async () => {
    const { directory, ids } = await braked('gone', 3, 1)
    for (const id of ids) expect((await directory.call('DELETE', `/Users/${id}`)).status).toBe(204)
    const [, , last = ''] = ids
    expect((await directory.call('GET', `/Users/${last}`)).status).toBe(404)
    expect(await resolve('gone-0')).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
    for (const name of [last, 'GONE-2', 'x-gone-2', 'Gone-2@example.com']) {
      expect(await resolve(name)).toMatchObject({
        decision: 'allow',
        role: { name: 'viewer' },
        held: { kind: 'brake' },
      })
    }
    const namesake = await directory.createUser({ userName: 'gone-2', active: false })
    // Neither of them is the one who is meant.
    await expect(resolve('gone-2')).rejects.toThrow(/409.*2 people of the directory gone/)
    const taker = await directory.createUser({ userName: 'taker', externalId: 'gone-2' })
    await expect(resolve('gone-2')).rejects.toThrow(/409/)
    expect(await resolve(taker)).toMatchObject({ decision: 'allow' })
    expect(await resolve(namesake)).toMatchObject({ decision: 'deny' })
    expect(await resolve(last)).toMatchObject({ decision: 'allow', held: {} })
    expect(await held(directory)).toMatchObject([
      { user: { deleted: true } },
      { user: { id: last, deleted: true } },
    ])
    interface Page {
      readonly assignments: { readonly user: { readonly id: string } }[]
      readonly nextCursor?: string
    }
    const listed: string[] = []
    const query = `/assignments?directory=${directory.id}&connection=lake&decision=allow&limit=1`
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`
      const page: Page = await administer<Page>(server, 'GET', query + more)
      listed.push(...page.assignments.map(({ user }) => user.id))
      cursor = page.nextCursor
    }
    expect(listed).toEqual([taker, ids[1], last])
    expect(await administer(server, 'GET', `/users/${last}/access`)).toMatchObject({
      user: { id: last, active: false },
      connections: { lake: { decision: 'allow' } },
    })
    await decide('release', (await alarms(directory))[0])
    expect(await resolve(last)).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
  })

  it('is a role and nothing else where that is lost, gains come through, and configuration counts at once', async () => {
    const { directory, ids } = await braked('stripped', 3, 1)
    const crew = await directory.createGroup('Crew', ids)
    for (const id of ids)
      await directory.patch(`/Groups/${crew}`, { op: 'remove', path: `members[value eq "${id}"]` })
    expect(await resolve('stripped-0')).toMatchObject({ role: { name: 'viewer' } })
    expect(await resolve('stripped-1')).toMatchObject({ role: { name: 'querier' }, held: {} })
    // What it rests on is what there was.
    expect(await resolve('stripped-1', '&explain=true')).toMatchObject({
      because: [
        { kind: 'held', restsOn: [] },
        {
          kind: 'granted',
          restsOn: [
            { fact: 'configuration' },
            { fact: 'name', action: 'group.created' },
            { fact: 'membership', action: 'group.created' },
          ],
        },
        { kind: 'outranked' },
        { kind: 'primary' },
      ],
    })
    const chiefs = await directory.createGroup('Chiefs')
    const rules = [
      ...CONFIG.rules,
      { name: 'chiefs', group: 'Chiefs', grant: { role: 'modeler', on: 'lake' } },
    ]
    await administer(server, 'POST', '/apply', { ...CONFIG, rules })
    await directory.patch(`/Groups/${chiefs}`, { op: 'add', path: 'members', value: [{ value: ids[1] }] })
    expect(await resolve('stripped-1')).toMatchObject({ role: { name: 'modeler' } })
    expect(await resolve('stripped-1')).not.toHaveProperty('held')
    expect(await resolve('stripped-2')).toMatchObject({ role: { name: 'querier' }, held: {} })
    await administer(server, 'POST', '/apply', { ...CONFIG, rules: [] })
    expect(await resolve('stripped-2')).toMatchObject({ role: { name: 'viewer' } })
    expect(await resolve('stripped-2')).not.toHaveProperty('held')
    await administer(server, 'POST', '/apply', CONFIG)
    expect(await resolve('stripped-2')).toMatchObject({ role: { name: 'querier' }, held: {} })
    await recomputeAll(server.ctx, () => {})
    await agree(ids[2] ?? '')
  })

  it('is everybody of a group that is too many at once, also before they are decided', async () => {
    const { directory, ids } = await braked('masses', 260, 30)
    const crew = await directory.createGroup('Crew', ids)
    await recomputeAll(server.ctx, () => {})
    expect((await directory.call('DELETE', `/Groups/${crew}`)).status).toBe(204)
    for (const i of [0, 100, 259])
      expect(await resolve(`masses-${i}`)).toMatchObject({ role: { name: 'querier' }, held: {} })
    await recomputeAll(server.ctx, () => {})
    expect(await alarms(directory)).toMatchObject([{ people: 260 }])
    for (const i of [0, 100, 259]) await agree(ids[i] ?? '')
    expect(await held(directory, '&limit=1000')).toHaveLength(260)
    await decide('release', (await alarms(directory))[0])
    expect(await resolve('masses-259')).toMatchObject({ role: { name: 'viewer' } })
    await recomputeAll(server.ctx, () => {})
    await agree(ids[259] ?? '')
  })

  it('is nobody where many change groups and none of them loses anything', async () => {
    const { directory, ids } = await braked('joiners', 260, 30)
    const crew = await directory.createGroup('Crew', ids)
    await directory.createGroup('Crew of old', ids)
    await recomputeAll(server.ctx, () => {})
    expect(await alarms(directory, '')).toEqual([])
    // Nobody has anything by this one.
    const { status } = await directory.call('PUT', `/Groups/${crew}`, {
      schemas: [],
      displayName: 'Crew',
      members: ids.map((value) => ({ value })),
    })
    expect(status).toBe(200)
    await recomputeAll(server.ctx, () => {})
    expect(await alarms(directory)).toEqual([])
    expect(await held(directory)).toEqual([])
  })

  it('keeps what was asked about the past as it was then', async () => {
    const { directory, ids } = await braked('past', 2, 1)
    const before = (await resolve('past-1')).at
    await leave(directory, ids[0])
    await leave(directory, ids[1])
    const meanwhile = (await resolve('past-1')).at
    while ((await resolve('past-1')).at === meanwhile);
    await decide('release', (await alarms(directory))[0])
    expect(await resolve('past-1', `&at=${before}`)).not.toHaveProperty('held')
    expect(await resolve('past-1', `&at=${meanwhile}`)).toMatchObject({ decision: 'allow', held: {} })
    expect(await resolve('past-1')).toMatchObject({ decision: 'deny' })
    expect(await resolve('past-1', '&explain=true')).toMatchObject({ decision: 'deny' })
  })

  it('is found in the past by the names of the moment, and by the last ones only after the user was deleted', async () => {
    const { directory, ids } = await braked('renamed', 2, 1)
    const [first = '', last = ''] = ids
    await leave(directory, first)
    await leave(directory, last)
    const asNow = async () => {
      const { at } = await resolve(last)
      while ((await resolve(last)).at === at);
      return at
    }
    const meanwhile = await asNow()
    await directory.patch(`/Users/${last}`, { op: 'replace', path: 'userName', value: 'newly-named' })
    const renamed = await asNow()
    await directory.call('DELETE', `/Users/${last}`)
    const deleted = await asNow()
    const unknown = { decision: 'deny', reason: 'unknown_user' }
    const kept = { decision: 'allow', held: { kind: 'brake' } }
    const asked = async (name: string, at: string) => resolve(name, `&at=${at}`)
    expect(await asked('newly-named', meanwhile)).toMatchObject(unknown)
    expect(await asked('renamed-1', meanwhile)).toMatchObject(kept)
    expect(await asked('newly-named', renamed)).toMatchObject(kept)
    expect(await asked('renamed-1', renamed)).toMatchObject(unknown)
    for (const name of ['newly-named', last]) expect(await asked(name, deleted)).toMatchObject(kept)
  })

  it('is who is protected, by name and directory, whatever the brake says', async () => {
    const directory = await scimDirectory(server, 'safe')
    const other = await scimDirectory(server, 'unsafe')
    const create = async (where: ScimDirectory, userName: string) => where.createUser({ userName })
    const [safe, unsafe] = [await create(directory, 'etl'), await create(other, 'etl')]
    const anywhere = { ...CONFIG, protectedUsers: [{ user: 'etl' }] }
    await expect(administer(server, 'POST', '/apply', anywhere)).rejects.toThrow(
      /protectedUsers\[0\]\.directory/,
    )
    const elsewhere = { ...CONFIG, protectedUsers: [{ user: 'etl', directory: 'nowhere' }] }
    await expect(administer(server, 'POST', '/apply', elsewhere)).rejects.toThrow(/no directory `nowhere`/)
    const protectedUsers = [{ user: 'ETL', directory: 'safe', reason: 'nightly load' }]
    await administer(server, 'POST', '/apply', { ...CONFIG, protectedUsers })
    const payroll = await directory.createGroup('Payroll', [safe])
    const pay = (user: string) =>
      administer<Answer>(server, 'GET', `/resolve?user=${user}&connection=vault&model=pay`)
    expect(await pay(safe)).toMatchObject({ decision: 'allow' })
    // What is given on a model alone is no less protected.
    await directory.call('DELETE', `/Groups/${payroll}`)
    expect(await pay(safe)).toMatchObject({ decision: 'allow', held: { kind: 'protected' } })
    const [first] = await alarms(directory)
    expect(first).toMatchObject({ kind: 'protected', user: 'etl', people: 1 })
    await leave(directory, safe)
    await leave(other, unsafe)
    expect(await resolve(unsafe)).toMatchObject({ decision: 'deny' })
    expect(await resolve(safe)).toMatchObject({ decision: 'allow', held: { kind: 'protected' } })
    await agree(safe)
    await directory.call('DELETE', `/Users/${safe}`)
    expect(await resolve(safe)).toMatchObject({ decision: 'allow', held: { kind: 'protected' } })
    expect(await pay(safe)).toMatchObject({ decision: 'allow' })
    const { out } = await runCommand(server, 'hold', 'list', '--directory', 'safe')
    expect(out).toMatch(/safe +etl \(deleted\) +protected +lake +viewer on lake +deny, unknown_user/)
    const ended = await runCommand(
      server,
      'hold',
      'release',
      first?.id ?? '',
      '--user',
      'etl',
      '--reason',
      'retired',
    )
    expect(ended).toMatchObject({ code: 0, out: expect.stringContaining('closed') })
    expect(await resolve(safe)).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
    await administer(server, 'POST', '/apply', CONFIG)
  })

  it('is also what somebody gained while something was held, for whom is protected and under the brake', async () => {
    const directory = await scimDirectory(server, 'twice')
    const boss = await directory.createUser({ userName: 'boss' })
    await administer(server, 'POST', '/apply', {
      ...CONFIG,
      rules: [...CONFIG.rules, { name: 'keys', group: 'Keys', grant: { role: 'viewer', on: 'vault' } }],
      protectedUsers: [{ user: 'boss', directory: 'twice' }],
    })
    const vault = (user: string) =>
      administer<Answer>(server, 'GET', `/resolve?user=${user}&connection=vault&explain=true`)
    const twice = async (where: ScimDirectory, who: string, kind: string) => {
      const crew = await where.createGroup('Crew', [who])
      const keys = await where.createGroup('Keys')
      const out = { op: 'remove', path: `members[value eq "${who}"]` }
      await where.patch(`/Groups/${crew}`, out)
      expect(await resolve(who)).toMatchObject({ role: { name: 'querier' }, held: { kind } })
      await where.patch(`/Groups/${keys}`, { op: 'add', path: 'members', value: [{ value: who }] })
      expect(await vault(who)).toMatchObject({ decision: 'allow' })
      await where.patch(`/Groups/${keys}`, out)
      expect(await vault(who)).toMatchObject({ decision: 'allow', held: { kind } })
      expect(await resolve(who)).toMatchObject({ role: { name: 'querier' }, held: { kind } })
      await agree(who)
      await leave(where, who)
      expect(await vault(who)).toMatchObject({ decision: 'allow', held: { kind } })
      expect(await alarms(where)).toHaveLength(1)
      expect(await held(where, '&limit=1000')).toContainEqual(
        expect.objectContaining({
          access: expect.arrayContaining([expect.objectContaining({ connection: 'vault' })]),
        }),
      )
      await where.call('DELETE', `/Users/${who}`)
      expect(await vault(who)).toMatchObject({ decision: 'allow', held: { kind } })
      expect(await resolve(who)).toMatchObject({ role: { name: 'querier' }, held: { kind } })
      await decide('release', (await alarms(where))[0])
      expect(await vault(who)).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
    }
    await twice(directory, boss, 'protected')
    const { directory: other, ids } = await braked('again', 3, 1)
    await leave(other, ids[0])
    await leave(other, ids[1])
    await twice(other, ids[2] ?? '', 'brake')
    await administer(server, 'POST', '/apply', CONFIG)
  })

  it('is asked about anew when a directory deactivates or deletes whom it was not let take something from', async () => {
    const { directory, ids } = await braked('anew', 5, 1)
    const crew = await directory.createGroup('Crew', ids)
    await directory.patch(`/Groups/${crew}`, { op: 'remove', path: 'members' })
    await decide('reject', (await alarms(directory))[0])
    const [one = '', two = '', three = ''] = ids
    // One is no more than an ordinary leaver.
    await directory.patch(`/Users/${one}`, { op: 'replace', path: 'title', value: 'Captain' })
    expect(await resolve(one)).toMatchObject({ role: { name: 'querier' }, held: {} })
    await leave(directory, one)
    expect(await resolve(one)).toMatchObject({ decision: 'deny', reason: 'inactive' })
    await agree(one)
    await leave(directory, two)
    await directory.call('DELETE', `/Users/${three}`)
    const [alarm, ...others] = await alarms(directory)
    expect([alarm?.open, others]).toEqual([true, []])
    for (const id of [two, three])
      expect(await resolve(id)).toMatchObject({ role: { name: 'querier' }, held: { alarm: alarm?.id } })
    await decide('release', alarm)
    expect(await resolve(two)).toMatchObject({ decision: 'deny', reason: 'inactive' })
    expect(await resolve(three)).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
    await directory.call('DELETE', `/Users/${ids[3]}`)
    expect(await resolve(ids[3] ?? '')).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
  })

  it('is one alarm however often a directory takes and gives again, which ends with the last who is held', async () => {
    const directory = await scimDirectory(server, 'toggled')
    const boss = await directory.createUser({ userName: 'toggle' })
    const protectedUsers = [{ user: 'toggle', directory: 'toggled' }]
    await administer(server, 'POST', '/apply', { ...CONFIG, protectedUsers })
    for (let i = 0; i < 3; i += 1) {
      await leave(directory, boss)
      expect(await alarms(directory)).toMatchObject([{ kind: 'protected', people: 1 }])
      await directory.patch(`/Users/${boss}`, on)
      expect(await alarms(directory)).toEqual([])
    }
    expect(await alarms(directory, '')).toMatchObject([{ outcome: 'unfounded' }])
    const { directory: other, ids } = await braked('back', 5, 1)
    await leave(other, ids[0])
    for (let i = 0; i < 3; i += 1) {
      await leave(other, ids[1])
      expect(await resolve('back-1')).toMatchObject({ held: {} })
      await other.patch(`/Users/${ids[1]}`, on)
    }
    expect(await alarms(other, '')).toMatchObject([{ kind: 'brake', outcome: 'unfounded' }])
    await administer(server, 'POST', '/apply', CONFIG)
  })

  it('is found by id before anybody of another directory, who has the id for a name', async () => {
    const { directory, ids } = await braked('taken', 3, 1)
    for (const id of ids) await directory.call('DELETE', `/Users/${id}`)
    const last = ids[2] ?? ''
    const before = (await resolve(last)).at
    while ((await resolve(last)).at === before);
    const other = await scimDirectory(server, 'taking')
    await other.createUser({ userName: 'mallory', externalId: last })
    expect(await resolve(last)).toMatchObject({ decision: 'allow', held: {} })
    expect(await resolve(last, `&directory=${directory.id}`)).toMatchObject({ held: {} })
    await other.createUser({ userName: last, active: false })
    expect(await resolve(last)).toMatchObject({ decision: 'allow', held: {} })
    expect(await resolve(last, '&explain=true')).toMatchObject({ decision: 'allow', held: {} })
    expect(await resolve(last, `&at=${(await resolve(last)).at}`)).toMatchObject({ held: {} })
    // Whoever bears the very name that is held in another directory is not the only one who is meant.
    await other.createUser({ userName: 'TAKEN-2' })
    await expect(resolve('taken-2')).rejects.toThrow(/409.*several directories/)
    expect(await resolve('taken-2', `&directory=${directory.id}`)).toMatchObject({ held: {} })
    expect(await resolve('taken-2', '&directory=taking')).not.toHaveProperty('held')
    // A name that is weaker is none.
    await directory.createUser({ userName: 'weaker', externalId: 'taken-2' })
    expect(await resolve('taken-2', `&directory=${directory.id}`)).toMatchObject({ held: {} })
    const { user } = await administer<{ user: object }>(server, 'GET', `/users/${last}/access`)
    expect(user).toMatchObject({ id: last, active: false })
  })

  it('is also what is had on a model alone, one by one and many at once', async () => {
    await administer(server, 'POST', '/apply', {
      connections: [
        { name: 'lake', dialect: 'postgres' },
        { name: 'vault', dialect: 'postgres' },
      ],
      models: [{ name: 'pay', connection: 'vault' }],
      rules: [CONFIG.rules[1]],
    })
    const { directory, ids } = await braked('models', 260, 3)
    const payroll = await directory.createGroup('Payroll', ids)
    await recomputeAll(server.ctx, () => undefined)
    const pay = (user: string) =>
      administer<Answer>(server, 'GET', `/resolve?user=${user}&connection=vault&model=pay`)
    await leave(directory, ids[0])
    await directory.patch(`/Groups/${payroll}`, { op: 'remove', path: `members[value eq "${ids[1]}"]` })
    await directory.call('DELETE', `/Users/${ids[2]}`)
    for (const id of ids.slice(0, 3)) expect(await pay(id)).toMatchObject({ decision: 'deny' })
    await leave(directory, ids[3])
    expect(await pay(ids[3] ?? '')).toMatchObject({ decision: 'allow', held: {} })
    await decide('release', (await alarms(directory))[0])
    await directory.call('DELETE', `/Groups/${payroll}`)
    expect(await pay(ids[3] ?? '')).toMatchObject({ decision: 'deny' })
    for (const id of [ids[4] ?? '', ids[259] ?? '']) expect(await pay(id)).toMatchObject({ held: {} })
    await recomputeAll(server.ctx, () => undefined)
    for (const id of [ids[4] ?? '', ids[259] ?? '']) expect(await pay(id)).toMatchObject({ held: {} })
    expect(await held(directory, '&limit=1000')).toHaveLength(256)
    await decide('release', (await alarms(directory))[0])
    await administer(server, 'POST', '/apply', CONFIG)
    await recomputeAll(server.ctx, () => undefined)
  })

  it('is a value of an attribute that somebody is stripped of', async () => {
    await administer(server, 'POST', '/apply', {
      ...CONFIG,
      userAttributes: [
        { reference: 'db_role', type: 'string' },
        { reference: 'regions', type: 'string', multiple: true },
      ],
    })
    const { directory, ids } = await braked('values', 2, 1)
    const urn = 'urn:signalbox:params:scim:schemas:2.0:UserAttribute'
    const values = { db_role: 'auditor', regions: ['eu', 'us'] }
    for (const id of ids) await directory.patch(`/Users/${id}`, { op: 'add', value: { [urn]: values } })
    // Another value is another value.
    for (const id of ids)
      await directory.patch(`/Users/${id}`, { op: 'replace', path: `${urn}:db_role`, value: 'writer' })
    expect(await alarms(directory)).toEqual([])
    await directory.patch(`/Users/${ids[0]}`, { op: 'remove', path: `${urn}:db_role` })
    await directory.patch(`/Users/${ids[1]}`, { op: 'replace', path: `${urn}:regions`, value: ['eu'] })
    expect(await resolve('values-0')).toMatchObject({ attributes: { db_role: null } })
    expect(await resolve('values-1')).toMatchObject({ attributes: { regions: ['eu', 'us'] }, held: {} })
    await administer(server, 'POST', '/apply', CONFIG)
  })

  it('is what the configuration gives by name, which is nothing of who takes the name until that is released', async () => {
    const { directory, ids } = await braked('granted', 1, 1)
    const grants = [{ user: 'gina', directory: 'granted', role: 'viewer', on: 'vault' }]
    await administer(server, 'POST', '/apply', { ...CONFIG, grants })
    const gina = await directory.createUser({ userName: 'gina' })
    await leave(directory, ids[0])
    await directory.call('DELETE', `/Users/${gina}`)
    const vault = (user: string) =>
      administer<Answer>(server, 'GET', `/resolve?user=${user}&connection=vault`)
    const next = await directory.createUser({ userName: 'gina' })
    for (const how of ['created', 'applied again']) {
      expect([how, await vault(gina)]).toMatchObject([how, { decision: 'allow', held: {} }])
      expect([how, await vault(next)]).toMatchObject([how, { decision: 'deny' }])
      await administer(server, 'POST', '/apply', { ...CONFIG, grants })
    }
    await decide('release', (await alarms(directory))[0])
    expect(await vault(gina)).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
    expect(await vault(next)).toMatchObject({ decision: 'allow' })
    await administer(server, 'POST', '/apply', CONFIG)
  })

  it('is who is protected among many who are decided in the background', async () => {
    const { directory, ids } = await braked('crowd', 255, 1000)
    const crew = await directory.createGroup('Crew', ids)
    await recomputeAll(server.ctx, () => {})
    const protectedUsers = [{ user: 'crowd-7', directory: 'crowd' }]
    await administer(server, 'POST', '/apply', { ...CONFIG, protectedUsers })
    await recomputeAll(server.ctx, () => {})
    await administer(server, 'PATCH', '/directories/crowd', { brake: { measure: 'alarm' } })
    await directory.call('DELETE', `/Groups/${crew}`)
    expect(await resolve('crowd-7')).toMatchObject({ role: { name: 'querier' }, held: { kind: 'protected' } })
    expect(await resolve('crowd-8')).toMatchObject({ role: { name: 'viewer' } })
    await recomputeAll(server.ctx, () => {})
    await agree(ids[7] ?? '')
    await agree(ids[8] ?? '')
  })
})
