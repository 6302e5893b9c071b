import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createAuthenticator } from '../../src/provision/authenticate.ts'
import { forgetHistory } from '../../src/provision/history.ts'
import { startHousekeeping } from '../../src/provision/housekeeping.ts'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { scimDirectory, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

const DAY = 24 * 60 * 60 * 1000
const PAST = [
  'past_users',
  'past_user_keys',
  'past_groups',
  'past_members',
  'past_bindings',
  'past_user_bindings',
  'past_directories',
] as const

describe.each(engines)('history on %s', (engine) => {
  let server: TestServer
  let okta: ScimDirectory
  let clock = Date.now()

  beforeAll(async () => {
    server = await startServer({ engine })
    Object.assign(server.ctx, { now: () => new Date((clock += 1)).toISOString() })
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'lake', dialect: 'postgres' }],
      rules: [{ name: 'team', group: 'Team', grant: { role: 'querier', on: 'lake' } }],
      grants: [{ user: 'ben', role: 'viewer', on: 'lake' }],
    })
    okta = await scimDirectory(server, 'labs')
  })
  afterAll(() => server.stop())

  const ask = (user: string, at: string, connection = 'lake') =>
    send(server.url, {
      method: 'GET',
      path: `/api/v1/resolve?user=${user}&connection=${connection}&at=${at}`,
      headers: { Authorization: `Bearer ${server.adminToken}` },
    })
  const kept = async () => {
    let rows = 0
    for (const table of PAST)
      rows += (await server.ctx.engine.read.selectFrom(table).select('seq').execute()).length
    return rows
  }

  it('begins with the first configuration, and says from when on a connection that came later is known', async () => {
    const revisions = server.ctx.engine.read.selectFrom('revisions').select('created_at').orderBy('id')
    const { created_at: begin } = await revisions.executeTakeFirstOrThrow()
    expect((await ask('ada', '2020-01-01T00:00:00Z')).json).toMatchObject({
      status: 422,
      detail: `nothing was configured at 2020-01-01T00:00:00.000Z yet; answers exist from ${begin} on`,
      errors: [{ path: 'at', message: `should be ${begin} or later` }],
    })
    expect((await ask('ada', begin)).status).toBe(200)

    await administer(server, 'POST', '/connections', { name: 'sea', dialect: 'postgres' })
    const { detail } = (await ask('ada', begin, 'Sea')).json as { detail: string }
    expect(detail).toBe(`there is no connection \`Sea\` at ${begin}`)
    const missing = await ask('ada', begin, 'sea')
    expect(missing.status).toBe(404)
    const [, since = ''] =
      /no connection `sea` at .*; answers about it exist from (\S+) on$/.exec(
        (missing.json as { detail: string }).detail,
      ) ?? []
    expect((await ask('ada', since, 'sea')).status).toBe(200)
  })

  it('knows who bore a name, and whom the configuration meant by it, at every moment', async () => {
    const first = await okta.createUser({ userName: 'one', externalId: 'x1' })
    const moments = [server.ctx.now()]
    await okta.patch(`/Users/${first}`, { op: 'replace', path: 'userName', value: 'ben' })
    moments.push(server.ctx.now())
    await okta.patch(`/Users/${first}`, { op: 'replace', path: 'userName', value: 'two' })
    await okta.patch(`/Users/${first}`, { op: 'replace', path: 'externalId', value: 'x2' })
    const second = await okta.createUser({ userName: 'one', externalId: 'x1' })
    moments.push(server.ctx.now())
    const decisions = (user: string) =>
      Promise.all(
        moments.map(async (at) => {
          const { decision, reason } = (await ask(user, at)).json as { decision: string; reason: string }
          return reason ?? decision
        }),
      )
    // The grant is written for `ben`: whoever bears the name first keeps it through every other one.
    expect(await decisions(first)).toEqual(['no_access', 'allow', 'allow'])
    expect(await decisions('one')).toEqual(['no_access', 'unknown_user', 'no_access'])
    expect(await decisions('ben')).toEqual(['unknown_user', 'allow', 'unknown_user'])
    expect(await decisions('two')).toEqual(['unknown_user', 'unknown_user', 'allow'])
    expect(await decisions('x1')).toEqual(['no_access', 'allow', 'no_access'])
    expect(await decisions('x2')).toEqual(['unknown_user', 'unknown_user', 'allow'])
    expect(await decisions(second)).toEqual(['unknown_user', 'unknown_user', 'no_access'])
    for (const id of [first, second]) await okta.call('DELETE', `/Users/${id}`)
  })

  it('is told for as long as it is kept, and then refused with the moment from which on it is known', async () => {
    const ada = await okta.createUser({ userName: 'ada', externalId: 'x', emails: [{ value: 'a@x.org' }] })
    const ben = await okta.createUser({ userName: 'ben' })
    const team = await okta.createGroup('Team', [ada, ben])
    const asMembers = server.ctx.now()
    await okta.call('DELETE', `/Users/${ada}`)
    await okta.call('DELETE', `/Users/${ben}`)
    const alone = server.ctx.now()
    await okta.call('DELETE', `/Groups/${team}`)
    await administer(server, 'DELETE', '/directories/labs?confirm=labs')
    expect(await kept()).toBeGreaterThan(PAST.length)

    clock += 3 * DAY
    await forgetHistory(server.ctx, 4)
    expect((await ask('ada', asMembers)).json).toMatchObject({ decision: 'allow', role: { name: 'querier' } })
    expect((await ask('ada', alone)).json).toMatchObject({ decision: 'deny', reason: 'unknown_user' })

    await forgetHistory(server.ctx, 2)
    expect(await kept()).toBe(0)
    const refused = await ask('ada', asMembers)
    expect(refused.status).toBe(422)
    const [, since = ''] =
      /answers exist from (\S+) on$/.exec((refused.json as { detail: string }).detail) ?? []
    expect(since > alone).toBe(true)
    expect((await ask('ada', since)).json).toMatchObject({ decision: 'deny', reason: 'unknown_user' })
  })

  it('goes by itself, however much there is of it', async () => {
    await administer(server, 'POST', '/directories', { name: 'labs', provider: 'generic' })
    for (let i = 0; i < 3; i += 1)
      await server.ctx.engine.write((db) =>
        db
          .insertInto('past_members')
          .values(
            Array.from({ length: 600 }, (_, n) => ({
              since: '2020-01-01T00:00:00.000Z',
              until: '2020-01-02T00:00:00.000Z',
              group_id: 'g',
              member_id: `m${i}-${n}`,
            })),
          )
          .execute(),
      )
    await administer(server, 'PATCH', '/directories/labs', { rehire: 'revive' })
    await startHousekeeping(server.ctx, createAuthenticator(server.ctx, undefined), {
      historyDays: 400,
      tombstoneDays: 365,
    }).stop()
    expect(await kept()).toBe(1)
    await startHousekeeping(server.ctx, createAuthenticator(server.ctx, undefined), {
      historyDays: 0,
      tombstoneDays: 365,
    }).stop()
    expect(await kept()).toBe(0)
  })

  it('tells nothing of what is still to come, and understands moments with their time zone alone', async () => {
    for (const at of ['2999-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00'])
      expect([at, (await ask('ada', at)).status]).toEqual([at, 422])
    for (const at of ['yesterday', '2026-11-22', '2026-11-22T04:00:00', ''])
      expect([at, (await ask('ada', at)).status]).toEqual([at, 400])
    const moment = server.ctx.now()
    expect((await ask('ada', moment.replace('Z', '%2B00:00'))).json).toMatchObject({ at: moment })
  })

  it('answers a question about a moment beside others', async () => {
    const at = server.ctx.now()
    const questions = [
      { user: 'ada', connection: 'lake', at },
      { user: 'ada', connection: 'lake', at: '2999-01-01T00:00:00Z' },
      { user: 'ada', connection: 'lake' },
    ]
    const { decisions } = await administer<{ decisions: object[] }>(server, 'POST', '/resolve', { questions })
    expect(decisions).toMatchObject([
      { at, decision: 'deny' },
      { problem: { status: 422 } },
      { decision: 'deny' },
    ])
  })
})
