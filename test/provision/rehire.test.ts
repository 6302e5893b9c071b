import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createAuthenticator } from '../../src/provision/authenticate.ts'
import { startHousekeeping } from '../../src/provision/housekeeping.ts'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { scimDirectory, USER, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

describe.each(engines)('a person who comes back, on %s', (engine) => {
  let server: TestServer

  beforeEach(async () => {
    server = await startServer({ engine })
  })
  afterEach(() => server.stop())

  const hire = (directory: ScimDirectory, user: object) =>
    directory.call('POST', '/Users', { schemas: [USER], ...user })
  const idOf = ({ json }: { json: unknown }) => (json as { id: string }).id
  /** Somebody who was here and is not any longer. */
  const leaver = async (
    directory: ScimDirectory,
    how: 'deleted' | 'deactivated',
    user: object,
  ): Promise<string> => {
    const id = await directory.createUser(user)
    const answer =
      how === 'deleted'
        ? await directory.call('DELETE', `/Users/${id}`)
        : await directory.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false })
    expect(answer.status).toBeLessThan(300)
    return id
  }
  const ADA = { userName: 'ada@example.com', externalId: '00u-ada' }

  describe('with the policy `new`, which is the default', () => {
    it('gets a fresh id after deletion', async () => {
      const directory = await scimDirectory(server, 'okta')
      const old = await leaver(directory, 'deleted', ADA)
      const again = await hire(directory, ADA)
      expect(again.status).toBe(201)
      expect(idOf(again)).not.toBe(old)
      expect((await directory.call('GET', `/Users/${old}`)).status).toBe(404)
    })

    it('is refused with 409, and nothing else, however many ask at once for a name that is taken', async () => {
      const directory = await scimDirectory(server, 'okta')
      const user = { ...ADA, emails: [{ value: 'ada@example.com' }] }
      const answers = await Promise.all(Array.from({ length: 20 }, () => hire(directory, user)))
      answers.push(await hire(directory, ADA), await hire(directory, { userName: ADA.userName }))
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        201,
        ...Array<number>(21).fill(409),
      ])
    })

    it('is refused as one who is there while deactivated', async () => {
      const directory = await scimDirectory(server, 'okta')
      const old = await leaver(directory, 'deactivated', ADA)
      expect(await hire(directory, ADA)).toMatchObject({ status: 409, json: { scimType: 'uniqueness' } })
      expect((await directory.call('GET', `/Users/${old}`)).json).toMatchObject({ active: false })
    })
  })

  describe('with the policy `revive`', () => {
    let directory: ScimDirectory
    beforeEach(async () => {
      directory = await scimDirectory(server, 'okta', { rehire: 'revive' })
    })

    it.each([
      ['the same names', {}],
      ['another user name', { userName: 'ada.new@example.com' }],
      ['the user name in another letter case', { userName: 'ADA@example.com' }],
      ['no external id', { externalId: undefined }],
      ['an external id in another letter case is another one', { externalId: '00U-ADA' }],
    ])('gets the old id back after deletion, with %s', async (what, change) => {
      const old = await leaver(directory, 'deleted', ADA)
      const again = await hire(directory, { ...ADA, title: 'Guide', ...change })
      expect(again).toMatchObject({ status: 201, json: { title: 'Guide', active: true } })
      if (what.includes('another one')) expect(idOf(again)).not.toBe(old)
      else expect(idOf(again)).toBe(old)
    })

    it.each([
      ['the same names', {}],
      ['another user name', { userName: 'ada.new@example.com' }],
      ['no external id', { externalId: undefined }],
    ])('is the same user again after deactivation, with %s', async (_, change) => {
      const old = await leaver(directory, 'deactivated', { ...ADA, nickName: 'Countess' })
      const again = await hire(directory, { ...ADA, title: 'Guide', ...change })
      expect(again).toMatchObject({ status: 201, json: { id: old, active: true, title: 'Guide' } })
      expect(again.json).not.toHaveProperty('nickName')
      expect((await directory.call('GET', '/Users')).json).toMatchObject({ totalResults: 1 })
    })

    it('has a version that none had before, and no memberships but those that are pushed', async () => {
      const id = await directory.createUser(ADA)
      const group = await directory.createGroup('Tours', [id])
      await directory.patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'Guide' })
      await directory.call('DELETE', `/Users/${id}`)
      const again = await hire(directory, ADA)
      expect(again).toMatchObject({ json: { id, meta: { version: 'W/"3"' } } })
      expect(await directory.members(group)).toEqual([])
    })

    it('joins the groups that were pushed with the old id meanwhile', async () => {
      const old = await leaver(directory, 'deleted', ADA)
      const other = await directory.createUser({ userName: 'bob' })
      const group = await directory.createGroup('Tours', [other, old])
      expect(await directory.members(group)).toEqual([other])
      expect(idOf(await hire(directory, ADA))).toBe(old)
      expect(await directory.members(group)).toEqual([other, old].toSorted())
    })

    it('keeps a unique value while deactivated, and can have it again after deletion while nobody else has it', async () => {
      const urn = 'urn:example:staff:2.0:User'
      await administer(server, 'POST', '/apply', {
        directories: [{ name: 'okta', provider: 'generic', rehire: 'revive' }],
        extensions: [{ urn, attributes: [{ name: 'badge', uniqueness: 'server' }] }],
      })
      const ada = { ...ADA, [urn]: { badge: 'B-1' } }
      const bob = { userName: 'bob@example.com', [urn]: { badge: 'b-1' } }
      const refused = { status: 409, json: { scimType: 'uniqueness' } }
      const id = await leaver(directory, 'deactivated', ada)
      expect(await hire(directory, bob)).toMatchObject(refused)
      expect(idOf(await hire(directory, ada))).toBe(id)
      await directory.call('DELETE', `/Users/${id}`)
      const other = await directory.createUser(bob)
      expect(await hire(directory, ada)).toMatchObject(refused)
      await directory.call('DELETE', `/Users/${other}`)
      expect(idOf(await hire(directory, ada))).toBe(id)
    })

    it('is decided for again at once', async () => {
      await administer(server, 'POST', '/apply', {
        directories: [{ name: 'okta', provider: 'generic', rehire: 'revive' }],
        connections: [{ name: 'lake', dialect: 'postgres', baseRole: 'viewer' }],
      })
      const resolve = () => administer(server, 'GET', `/resolve?user=${ADA.userName}&connection=lake`)
      for (const how of ['deleted', 'deactivated'] as const) {
        const old = await leaver(directory, how, ADA)
        expect(await resolve()).toMatchObject({ decision: 'deny' })
        expect(idOf(await hire(directory, ADA))).toBe(old)
        expect(await resolve()).toMatchObject({ decision: 'allow' })
        await directory.call('DELETE', `/Users/${old}`)
      }
    })

    it('can leave and come back again and again', async () => {
      const old = await leaver(directory, 'deleted', ADA)
      for (let i = 0; i < 3; i++) {
        expect(idOf(await hire(directory, ADA))).toBe(old)
        expect((await directory.call('DELETE', `/Users/${old}`)).status).toBe(204)
      }
    })

    it('is not known again after a while, and nothing is kept of them then', async () => {
      const { ctx } = server
      const later = async (days: number): Promise<void> => {
        const then = { ...ctx, now: () => new Date(Date.now() + days * 24 * 3_600_000).toISOString() }
        await startHousekeeping(then, createAuthenticator(ctx, undefined), {
          historyDays: 400,
          tombstoneDays: 30,
        }).stop()
      }
      const old = await leaver(directory, 'deleted', ADA)
      await later(29)
      expect(idOf(await hire(directory, ADA))).toBe(old)
      await directory.call('DELETE', `/Users/${old}`)
      await leaver(directory, 'deleted', { userName: 'ben@example.com' })
      await later(31)
      expect(await ctx.engine.read.selectFrom('tombstones').selectAll().execute()).toEqual([])
      expect(idOf(await hire(directory, ADA))).not.toBe(old)
    })

    it('takes the last of several that had the name', async () => {
      const first = await leaver(directory, 'deleted', { userName: 'ada', externalId: 'one' })
      const second = await leaver(directory, 'deleted', { userName: 'ada', externalId: 'two' })
      expect(second).not.toBe(first)
      expect(idOf(await hire(directory, { userName: 'ada', externalId: 'one' }))).toBe(first)
      await directory.call('DELETE', `/Users/${first}`)
      expect(idOf(await hire(directory, { userName: 'ada' }))).toBe(first)
    })

    describe('nobody takes over an account by accident', () => {
      it.each(['deleted', 'deactivated'] as const)(
        'not one that was %s, by its user name with another external id',
        async (how) => {
          const old = await leaver(directory, how, ADA)
          const namesake = await hire(directory, { ...ADA, externalId: '00u-another' })
          if (how === 'deactivated') expect(namesake.status).toBe(409)
          else expect(idOf(namesake)).not.toBe(old)
        },
      )

      it('not one that is active, by its external id with another user name', async () => {
        const alive = await directory.createUser(ADA)
        const other = await hire(directory, { userName: 'eve@example.com', externalId: ADA.externalId })
        expect(other.status).toBe(201)
        expect(idOf(other)).not.toBe(alive)
        expect((await directory.call('GET', `/Users/${alive}`)).json).toMatchObject(ADA)
      })

      it('not one that is active, by its user name', async () => {
        await leaver(directory, 'deleted', { userName: 'old', externalId: '00u-eve' })
        await directory.createUser(ADA)
        const other = await hire(directory, { userName: ADA.userName, externalId: '00u-eve' })
        expect(other).toMatchObject({ status: 409, json: { scimType: 'uniqueness' } })
      })

      it('not one that was deleted while the person is here under another name', async () => {
        const old = await leaver(directory, 'deleted', ADA)
        await administer(server, 'PATCH', '/directories/okta', { rehire: 'new' })
        await directory.createUser({ userName: 'ada.new', externalId: ADA.externalId })
        await administer(server, 'PATCH', '/directories/okta', { rehire: 'revive' })
        expect(idOf(await hire(directory, ADA))).not.toBe(old)
      })

      it('not one of two deactivated ones with one external id', async () => {
        await leaver(directory, 'deactivated', { userName: 'one', externalId: 'twin' })
        await administer(server, 'PATCH', '/directories/okta', { rehire: 'new' })
        await leaver(directory, 'deactivated', { userName: 'two', externalId: 'twin' })
        await administer(server, 'PATCH', '/directories/okta', { rehire: 'revive' })
        expect(await hire(directory, { userName: 'three', externalId: 'twin' })).toMatchObject({
          status: 201,
        })
        expect((await directory.call('GET', '/Users')).json).toMatchObject({ totalResults: 3 })
      })

      it('not one of another directory', async () => {
        const other = await scimDirectory(server, 'entra', { rehire: 'revive' })
        const old = await leaver(other, 'deleted', ADA)
        expect(idOf(await hire(directory, ADA))).not.toBe(old)
        expect(idOf(await hire(other, ADA))).toBe(old)
      })
    })

    it.each(['deleted', 'deactivated'] as const)(
      'gives a %s account to one of many who ask at once',
      async (how) => {
        const old = await leaver(directory, how, ADA)
        const answers = await Promise.all(Array.from({ length: 12 }, () => hire(directory, ADA)))
        expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
          201,
          ...Array<number>(11).fill(409),
        ])
        expect(idOf(answers.find(({ status }) => status === 201) ?? { json: {} })).toBe(old)
        expect((await directory.call('GET', '/Users')).json).toMatchObject({ totalResults: 1 })
      },
    )
  })

  describe('with the policy `refuse`', () => {
    it.each([
      ['deleted', 'was deleted from this directory on'],
      ['deactivated', 'is deactivated in this directory'],
    ] as const)('is refused when %s, and told what to do', async (how, says) => {
      const directory = await scimDirectory(server, 'okta', { rehire: 'refuse' })
      await leaver(directory, how, ADA)
      for (const change of [{}, { userName: 'ada.new@example.com' }, { externalId: undefined }]) {
        const answer = await hire(directory, { ...ADA, ...change })
        expect(answer).toMatchObject({ status: 409, json: { scimType: 'uniqueness' } })
        expect((answer.json as { detail: string }).detail).toContain(says)
        expect((answer.json as { detail: string }).detail).toContain(
          'set `rehire` of the directory to `revive` or `new`',
        )
      }
      expect((await hire(directory, { userName: 'bob', externalId: '00u-bob' })).status).toBe(201)
    })
  })
})
