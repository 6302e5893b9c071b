import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { addGroup, addDirectory, addUser, NOW, userContent, userType } from './support.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { parseFilter } from '../../src/scim/filter/parse.ts'
import { listUsers } from '../../src/store/list.ts'
import {
  deleteUser,
  lockUsers,
  readUser,
  readUserForUpdate,
  updateUser,
  userSeqs,
} from '../../src/store/users.ts'
import { UniquenessError } from '../../src/store/uniqueness-error.ts'

describe.each(engines)('users on %s', (name) => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
    await test.engine.write(async (db) => {
      await addDirectory(db, 'okta')
      await addDirectory(db, 'entra')
    })
  })
  afterAll(() => test.drop())

  it('are read as they were written', async () => {
    const resource = { externalId: 'e-1', displayName: 'Ada', emails: [{ value: 'Ada@Example.com' }] }
    const seq = await test.engine.write((db) => addUser(db, 'okta', 'Ada', resource))

    const { document, ...columns } = (await readUser(test.engine.read, 'okta', 'Ada')) ?? {}
    expect(columns).toEqual({
      seq,
      id: 'Ada',
      userName: 'Ada',
      version: 1,
      createdAt: NOW,
      modifiedAt: NOW,
      groups: undefined,
    })
    expect(document).toBe(userContent('Ada', { userName: 'Ada', ...resource }).document)
    const others = await test.engine.read
      .selectFrom('users')
      .select(['directory_id', 'external_id', 'display_name', 'active'])
      .where('seq', '=', seq)
      .execute()
    expect(others).toEqual([{ directory_id: 'okta', external_id: 'e-1', display_name: 'Ada', active: 1 }])
  })

  it.each([1, 3, 4, 20])('are found by each of %d values', async (count) => {
    const emails = Array.from({ length: count }, (_, i) => ({ value: `${i}@${count}.example.com` }))
    await test.engine.write((db) => addUser(db, 'okta', `has-${count}`, { emails }))
    for (const { value } of emails) {
      const filter = parseFilter(`emails[value eq "${value}"]`, userType)
      const { resources } = await listUsers(test.engine.read, 'okta', { filter, count: 2 })
      expect(resources.map(({ id }) => id)).toEqual([`has-${count}`])
    }
  })

  it('of another directory are not seen, changed or deleted', async () => {
    await test.engine.write((db) => addUser(db, 'okta', 'mine'))
    const user = {
      ...userContent('mine', { userName: 'mine' }),
      id: 'mine',
      directoryId: 'entra',
      version: 1,
    }

    expect(await readUser(test.engine.read, 'entra', 'mine')).toBeUndefined()
    expect(await test.engine.write((db) => updateUser(db, user))).toBe(false)
    expect(await test.engine.write((db) => deleteUser(db, 'entra', 'mine', NOW))).toBeUndefined()
    expect((await readUser(test.engine.read, 'okta', 'mine'))?.version).toBe(1)
  })

  it('USR-13 USR-14 show the groups they are direct members of', async () => {
    await test.engine.write(async (db) => {
      await addUser(db, 'okta', 'grouped')
      await addGroup(db, 'okta', 'g1', ['grouped'], { displayName: 'Say "hi"' })
      await addGroup(db, 'okta', 'g2', ['grouped', 'g1'])
      await addGroup(db, 'okta', 'g3', ['g2'])
    })
    const user = await readUser(test.engine.read, 'okta', 'grouped', 'https://x/scim/v2')
    expect(JSON.parse(user?.groups ?? '')).toEqual([
      { value: 'g1', $ref: 'https://x/scim/v2/Groups/g1', display: 'Say "hi"', type: 'direct' },
      { value: 'g2', $ref: 'https://x/scim/v2/Groups/g2', display: 'g2', type: 'direct' },
    ])
    const alone = await test.engine.write(async (db) => {
      await addUser(db, 'okta', 'alone')
      return readUser(db, 'okta', 'alone', 'https://x')
    })
    expect(alone?.groups).toBe('[]')
  })

  it('USR-01 SCH-26 TEN-02 have a user name that nobody else in the directory has, in any letter case', async () => {
    await test.engine.write((db) => addUser(db, 'okta', 'u1', { userName: 'Grace' }))
    const again = test.engine.write((db) => addUser(db, 'okta', 'u2', { userName: 'GRACE' }))
    await expect(again).rejects.toThrow(UniquenessError)
    await expect(again).rejects.toMatchObject({ attribute: 'userName' })
    await expect(
      test.engine.write((db) => addUser(db, 'entra', 'u3', { userName: 'grace' })),
    ).resolves.toBeDefined()
  })

  it('CRT-05 SCH-26 are made once when fifty clients make them at once', async () => {
    const attempts = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        test.engine.write((db) => addUser(db, 'okta', `race-${i}`, { userName: 'race' })),
      ),
    )
    const refused = attempts.filter((attempt) => attempt.status === 'rejected')
    expect(refused).toHaveLength(49)
    for (const { reason } of refused) expect(reason).toBeInstanceOf(UniquenessError)
  })

  it('are written only from the version that was read', async () => {
    await test.engine.write((db) => addUser(db, 'okta', 'versioned'))
    const user = {
      ...userContent('versioned', { userName: 'versioned', active: false }),
      id: 'versioned',
      directoryId: 'okta',
      version: 1,
    }
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => test.engine.write((db) => updateUser(db, user))),
    )
    expect(outcomes.filter(Boolean)).toHaveLength(1)
    const { document } = user
    expect(await readUser(test.engine.read, 'okta', 'versioned')).toMatchObject({ version: 2, document })
  })

  it('lose nothing when many change them after reading them for update', async () => {
    await test.engine.write((db) => addUser(db, 'okta', 'counter', { title: '0' }))
    const increment = () =>
      test.engine.write(async (db) => {
        const user = await readUserForUpdate(db, 'okta', 'counter')
        if (user === undefined) throw new Error('gone')
        const { title } = JSON.parse(user.document)
        const content = userContent('counter', { userName: 'counter', title: String(Number(title) + 1) })
        return updateUser(db, { ...content, id: 'counter', directoryId: 'okta', version: user.version })
      })
    const outcomes = await Promise.all(Array.from({ length: 32 }, increment))
    expect(outcomes).not.toContain(false)
    const user = await readUser(test.engine.read, 'okta', 'counter')
    expect(JSON.parse(user?.document ?? '').title).toBe('32')
  })

  it('DEL-02 USR-20 leave no membership, value or decision behind', async () => {
    await test.engine.write(async (db) => {
      await addUser(db, 'okta', 'leaver', { emails: [{ value: 'leaver@example.com' }] })
      await addGroup(db, 'okta', 'left1', ['leaver'])
      await addGroup(db, 'okta', 'left2', ['leaver'])
    })
    const deleted = await test.engine.write((db) => deleteUser(db, 'okta', 'leaver', NOW))
    expect(deleted).toMatchObject({ id: 'leaver', userName: 'leaver' })
    expect([...(deleted?.groupIds ?? [])].sort()).toEqual(['left1', 'left2'])
    const rows = await test.engine.read
      .selectFrom('members')
      .selectAll()
      .where('member_id', '=', 'leaver')
      .execute()
    expect(rows).toEqual([])
    const values = await test.engine.read
      .selectFrom('user_values')
      .selectAll()
      .where('value', '=', 'leaver@example.com')
      .execute()
    expect(values).toEqual([])
    expect(await test.engine.write((db) => deleteUser(db, 'okta', 'leaver', NOW))).toBeUndefined()
  })

  it('are locked in one order, so that nobody waits in a circle', async () => {
    await test.engine.write(async (db) => {
      await addUser(db, 'okta', 'lock-a')
      await addUser(db, 'okta', 'lock-b')
    })
    const touch = (ids: readonly string[]) =>
      test.engine.write(async (db) => {
        const seqs = await userSeqs(db, ids)
        await lockUsers(db, seqs)
        return seqs.length
      })
    const orders = Array.from({ length: 20 }, (_, i) => (i % 2 ? ['lock-a', 'lock-b'] : ['lock-b', 'lock-a']))
    expect(await Promise.all(orders.map(touch))).toEqual(orders.map(() => 2))
  })

  it.each([1, 5])(
    'SCH-26 have a unique value that nobody else in the directory has, beside %d others',
    async (count) => {
      const urn = 'urn:example:2.0:User'
      const plates = Array.from({ length: count }, (_, i) => `P-${count}-${i}`)
      const valuesOf = (badge: string) => ({ [urn]: { badge, plates } })
      await test.engine.write((db) => addUser(db, 'okta', `first-${count}`, { [urn]: { plates } }))
      const rejected = test.engine.write((db) =>
        addUser(db, 'okta', `second-${count}`, valuesOf(`B-${count}`)),
      )
      await expect(rejected).rejects.toBeInstanceOf(UniquenessError)
      await expect(rejected).rejects.toMatchObject({
        attribute: `${urn}:plates several unique`,
        value: `p-${count}-0`,
      })
      expect(await readUser(test.engine.read, 'okta', `second-${count}`)).toBeUndefined()
      await test.engine.write((db) => addUser(db, 'entra', `third-${count}`, valuesOf(`B-${count}`)))
    },
  )

  it('SCH-26 are told of a user name that is taken rather than of what is taken besides', async () => {
    const resource = { userName: 'Twin', 'urn:example:2.0:User': { badge: 'twin' } }
    await test.engine.write((db) => addUser(db, 'okta', 'twin-1', resource))
    const again = test.engine.write((db) => addUser(db, 'okta', 'twin-2', resource))
    await expect(again).rejects.toMatchObject({ name: 'UniquenessError', attribute: 'userName' })
  })

  it('are still listed when an indexed value is too long for the index', async () => {
    const value = `${'x'.repeat(9000)}@example.com`
    await test.engine.write((db) => addUser(db, 'okta', 'long', { emails: [{ value }] }))
    const page = await listUsers(test.engine.read, 'okta', { count: 1000 })
    expect(page.resources.map(({ id }) => id)).toContain('long')
  })
})
