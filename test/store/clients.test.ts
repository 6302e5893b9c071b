import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  findClient,
  findSecret,
  forgetExpired,
  hasExpired,
  insertClient,
  insertSecret,
  listClients,
  revokeClient,
  revokeSecret,
  touchClient,
  useAssertion,
} from '../../src/store/clients.ts'
import { countLiveTokens, findTokenByPrefix, insertToken, listTokens } from '../../src/store/tokens.ts'
import { UniquenessError } from '../../src/store/uniqueness-error.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { addDirectory, NOW } from './support.ts'

const LATER = '2026-02-01T00:00:00.000Z'

describe.each(engines)('clients on %s', (name) => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
    await test.engine.write(async (db) => {
      await addDirectory(db, 'd')
      for (const id of ['one', 'two']) {
        await insertClient(db, {
          id,
          directoryId: 'd',
          label: '',
          tokenSeconds: 3600,
          trust: null,
          createdAt: NOW,
        })
        await insertSecret(db, {
          id: `secret of ${id}`,
          clientId: id,
          hash: 'h',
          label: '',
          createdAt: NOW,
          expiresAt: null,
        })
      }
      for (const [id, clientId, expiresAt] of [
        ['early', 'one', NOW],
        ['late', 'one', LATER],
        ['other', 'two', LATER],
        ['made by hand', undefined, NOW],
      ] as const) {
        await insertToken(db, {
          id,
          prefix: id,
          hash: 'h',
          scope: 'scim',
          directoryId: 'd',
          label: '',
          createdAt: NOW,
          expiresAt,
          clientId,
          secretId: clientId && `secret of ${clientId}`,
        })
      }
    })
  })
  afterAll(() => test.drop())

  const tokens = async (): Promise<string[]> => {
    const rows = await test.engine.read.selectFrom('tokens').select('id').orderBy('id').execute()
    return rows.map(({ id }) => id)
  }

  it('are listed by pages, and their tokens neither listed nor counted', async () => {
    const { read } = test.engine
    const first = await listClients(read, 'd', { limit: 1 })
    const after = { createdAt: NOW, id: 'one' }
    const rest = await listClients(read, 'd', { after, limit: 10 })
    expect([first, rest].map((page) => page.map(({ id }) => id))).toEqual([['one'], ['two']])
    expect((await listTokens(read, { limit: 10 })).map(({ id }) => id)).toEqual(['made by hand'])
    expect(await countLiveTokens(read, 'd', NOW)).toBe(0)
    expect(await findTokenByPrefix(read, 'late')).toMatchObject({ clientId: 'one', settings: '{}' })
  })

  it('lose access tokens that have expired, and nothing else', async () => {
    await test.engine.write(async (db) => {
      await useAssertion(db, { clientId: 'one', hash: 'old', expiresAt: NOW })
      await useAssertion(db, { clientId: 'one', hash: 'new', expiresAt: LATER })
    })
    const before = '2026-01-15T00:00:00.000Z'
    expect(await hasExpired(test.engine.read, before)).toBe(true)
    await test.engine.write((db) => forgetExpired(db, before))
    expect(await hasExpired(test.engine.read, before)).toBe(false)
    expect(await tokens()).toEqual(['late', 'made by hand', 'other'])
    await expect(
      test.engine.write((db) => useAssertion(db, { clientId: 'one', hash: 'new', expiresAt: LATER })),
    ).rejects.toThrow(UniquenessError)
    await test.engine.write((db) => useAssertion(db, { clientId: 'two', hash: 'new', expiresAt: LATER }))
  })

  it('end with their tokens, secret by secret or as a whole, once', async () => {
    await test.engine.write(async (db) => {
      expect(await touchClient(db, 'two', 'secret of two', NOW)).toBe(true)
      expect(await revokeSecret(db, 'secret of two', NOW)).toBe(true)
      expect(await revokeSecret(db, 'secret of two', NOW)).toBe(false)
      expect(await touchClient(db, 'two', 'secret of two', NOW)).toBe(false)
      expect(await revokeClient(db, 'one', NOW)).toBe(true)
      expect(await revokeClient(db, 'one', LATER)).toBe(false)
      expect(await touchClient(db, 'one', undefined, NOW)).toBe(false)
    })
    expect(await tokens()).toEqual(['made by hand'])
    expect(await findClient(test.engine.read, 'one')).toMatchObject({ revokedAt: NOW })
    expect(await findSecret(test.engine.read, 'secret of two')).toMatchObject({
      revokedAt: NOW,
      lastUsedAt: NOW,
    })
  })
})
