import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Engine } from '../../db/dialects/dialect.ts'
import { appendAudit, listAudit } from '../../src/store/audit.ts'
import { appendChange, changesAfter, feedPosition, feedPositionAt } from '../../src/store/changes.ts'
import {
  countResources,
  deleteDirectory,
  findDirectory,
  insertDirectory,
  updateDirectory,
} from '../../src/store/directories.ts'
import {
  insertRevision,
  latestRevision,
  latestRevisionId,
  listRevisions,
  readRevision,
} from '../../src/store/revisions.ts'
import { readSetting, writeSetting, writeSettingOnce } from '../../src/store/settings.ts'
import {
  countLiveTokens,
  findTokenByPrefix,
  insertToken,
  revokeToken,
  touchTokens,
} from '../../src/store/tokens.ts'
import { UniquenessError } from '../../src/store/uniqueness-error.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { addDirectory, addGroup, addUser, NOW } from './support.ts'

const change = (subjectId: string, directoryId: string | null = null) => ({
  at: NOW,
  directoryId,
  kind: 'user.updated',
  subjectId,
  payload: '{"é":1}',
})

/** Appends, and ends only when it is told to. */
function holdAppend(engine: Engine, subjectId: string) {
  const appended = Promise.withResolvers<void>()
  const proceed = Promise.withResolvers<void>()
  const done = engine.write(async (db) => {
    await appendChange(db, change(subjectId))
    appended.resolve()
    await proceed.promise
  })
  return { appended: appended.promise, commit: proceed.resolve, done }
}

describe.each(engines)('the feed on %s', (name) => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
  })
  afterAll(() => test.drop())

  it('is empty at position 0', async () => {
    expect(await feedPosition(test.engine.read)).toBe(0)
    expect(await changesAfter(test.engine.read, 0, 10)).toEqual([])
  })

  it('keeps the order in which changes were appended', async () => {
    const last = await test.engine.write(async (db) => {
      await appendChange(db, change('1'))
      await appendChange(db, change('2', 'd'))
      return appendChange(db, change('3'))
    })
    expect(await feedPosition(test.engine.read)).toBe(last)
    const changes = await changesAfter(test.engine.read, 0, 10)
    expect(changes.map(({ seq: _, ...rest }) => rest)).toEqual([change('1'), change('2', 'd'), change('3')])
    expect(await changesAfter(test.engine.read, last, 10)).toEqual([])
    expect((await changesAfter(test.engine.read, 0, 10, 'd')).map(({ subjectId }) => subjectId)).toEqual([
      '2',
    ])
  })

  it('had its position at every moment', async () => {
    const minutes = ['00', '01', '01', '02', '05']
    const positions = await test.engine.write(async (db) => {
      const found: number[] = []
      for (const minute of minutes)
        found.push(await appendChange(db, { ...change(minute), at: `2027-01-01T00:${minute}:00.000Z` }))
      return found
    })
    const positionAt = (time: string) => feedPositionAt(test.engine.read, `2027-01-01T00:${time}.000Z`)
    const [first = 0, , third, fourth, last] = positions
    expect(await positionAt('00:00')).toBe(first)
    expect(await positionAt('01:00')).toBe(third)
    expect(await positionAt('04:59')).toBe(fourth)
    expect(await positionAt('59:00')).toBe(last)
    expect(await feedPositionAt(test.engine.read, '2000-01-01T00:00:00.000Z')).toBe(0)
    expect(await feedPositionAt(test.engine.read, '2026-12-31T00:00:00.000Z')).toBe(first - 1)
  })

  it('shows nothing after a change that is still to come', async () => {
    const before = await feedPosition(test.engine.read)
    const late = holdAppend(test.engine, 'late')
    await late.appended
    const next = test.engine.write((db) => appendChange(db, change('next')))
    // The later one cannot be seen before the earlier one, however long that takes.
    await test.engine.read.selectFrom('changes').selectAll().execute()
    expect(await changesAfter(test.engine.read, before, 10)).toEqual([])
    late.commit()
    await Promise.all([late.done, next])
    expect((await changesAfter(test.engine.read, before, 10)).map(({ subjectId }) => subjectId)).toEqual([
      'late',
      'next',
    ])
  })

  it('skips nothing while many append and a reader follows', async () => {
    const start = await feedPosition(test.engine.read)
    let writing = true
    const writers = Promise.all(
      Array.from({ length: 200 }, (_, i) => test.engine.write((db) => appendChange(db, change(`w${i}`)))),
    ).finally(() => {
      writing = false
    })
    const followed: number[] = []
    let position = start
    while (writing || (await feedPosition(test.engine.read)) > position) {
      for (const { seq } of await changesAfter(test.engine.read, position, 7)) {
        followed.push(seq)
        position = seq
      }
      await new Promise(setImmediate)
    }
    await writers
    expect(followed).toEqual((await changesAfter(test.engine.read, start, 1000)).map(({ seq }) => seq))
    expect(followed).toHaveLength(200)
  })
})

describe.each(engines)('records on %s', (name) => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
  })
  afterAll(() => test.drop())

  it('of the audit are found by what they are about, the newest first', async () => {
    const entry = (subjectId: string, action: string, at = NOW) => ({
      at,
      actor: 'token:sb_x',
      requestId: 'r',
      directoryId: 'd',
      action,
      subjectId,
      detail: '{}',
    })
    await test.engine.write(async (db) => {
      await appendAudit(db, { ...entry('a', 'user.create'), mac: '1' })
      await appendAudit(db, { ...entry('b', 'user.create'), mac: '2' })
      await appendAudit(db, { ...entry('a', 'user.delete', '2027-01-01T00:00:00.000Z'), mac: '3' })
    })
    const list = async (query: Partial<Parameters<typeof listAudit>[1]>) =>
      (await listAudit(test.engine.read, { limit: 10, ...query })).map(({ seq: _, ...rest }) => rest)
    expect(await list({ subjectId: 'a' })).toEqual([
      entry('a', 'user.delete', '2027-01-01T00:00:00.000Z'),
      entry('a', 'user.create'),
    ])
    expect(await list({ action: 'user.create', directoryId: 'd', actor: 'token:sb_x' })).toHaveLength(2)
    expect(await list({ until: NOW })).toHaveLength(2)
    expect(await list({ from: '2026-12-31' })).toHaveLength(1)
    const [newest] = await listAudit(test.engine.read, { limit: 1 })
    expect(await list({ before: newest, limit: 1 })).toEqual([entry('b', 'user.create')])
  })

  it('of revisions follow each other', async () => {
    expect(await latestRevisionId(test.engine.read)).toBe(0)
    expect(await latestRevision(test.engine.read)).toBeUndefined()
    const insert = (document: string) =>
      test.engine.write((db) => insertRevision(db, { createdAt: NOW, actor: 'cli', document, origins: '{}' }))
    const first = await insert('{"a":1}')
    const second = await insert('{"a":2}')
    expect(await latestRevisionId(test.engine.read)).toBe(second)
    expect(await latestRevision(test.engine.read)).toEqual({
      id: second,
      createdAt: NOW,
      actor: 'cli',
      document: '{"a":2}',
    })
    expect((await readRevision(test.engine.read, first))?.document).toBe('{"a":1}')
    expect((await listRevisions(test.engine.read, { limit: 10 })).map(({ id }) => id)).toEqual([
      second,
      first,
    ])
    expect(
      (await listRevisions(test.engine.read, { limit: 10, before: second })).map(({ id }) => id),
    ).toEqual([first])
  })

  it('of settings stay when they are written once', async () => {
    await test.engine.write((db) => writeSettingOnce(db, 'k', '1'))
    await test.engine.write((db) => writeSettingOnce(db, 'k', '2'))
    expect(await readSetting(test.engine.read, 'k')).toBe('1')
    await test.engine.write((db) => writeSetting(db, 'k', '3'))
    expect(await readSetting(test.engine.read, 'k')).toBe('3')
    expect(await readSetting(test.engine.read, 'none')).toBeUndefined()
  })

  it('of tokens are found by prefix, used, and revoked once', async () => {
    await test.engine.write((db) => addDirectory(db, 'tokens'))
    const token = {
      id: 't1',
      prefix: 'p1',
      hash: 'h1',
      scope: 'scim',
      directoryId: 'tokens',
      label: 'Okta',
      createdAt: NOW,
      expiresAt: null,
    } as const
    await test.engine.write((db) => insertToken(db, token))
    await expect(test.engine.write((db) => insertToken(db, { ...token, id: 't2' }))).rejects.toThrow(
      UniquenessError,
    )
    expect(await findTokenByPrefix(test.engine.read, 'p1')).toEqual({
      ...token,
      revokedAt: null,
      lastUsedAt: null,
      clientId: null,
      settings: '{}',
    })
    await test.engine.write((db) =>
      touchTokens(
        db,
        new Map([
          ['t1', '2026-02-02T00:00:00.000Z'],
          ['none', NOW],
        ]),
      ),
    )
    await test.engine.write((db) => touchTokens(db, new Map([['t1', '2026-02-01T00:00:00.000Z']])))
    expect((await findTokenByPrefix(test.engine.read, 'p1'))?.lastUsedAt).toBe('2026-02-02T00:00:00.000Z')
    expect(await countLiveTokens(test.engine.read, 'tokens', NOW)).toBe(1)
    expect(await test.engine.write((db) => revokeToken(db, 't1', NOW))).toMatchObject({ revokedAt: NOW })
    expect(await test.engine.write((db) => revokeToken(db, 't1', NOW))).toBeUndefined()
    expect(await countLiveTokens(test.engine.read, 'tokens', NOW)).toBe(0)
  })

  it('of a directory are counted, and go with it', async () => {
    const directory = {
      id: 'id',
      name: 'Okta',
      nameKey: 'okta',
      provider: 'okta',
      settings: '{}',
      createdAt: NOW,
    }
    await test.engine.write((db) => insertDirectory(db, directory))
    await expect(
      test.engine.write((db) => insertDirectory(db, { ...directory, id: 'id2' })),
    ).rejects.toMatchObject({ attribute: 'name' })
    expect(await test.engine.write((db) => updateDirectory(db, 'id', { settings: '{"a":1}' }, NOW))).toBe(
      true,
    )
    expect(await findDirectory(test.engine.read, 'id', 'none')).toMatchObject({
      name: 'Okta',
      settings: '{"a":1}',
    })
    expect(await findDirectory(test.engine.read, 'none', 'okta')).toMatchObject({ id: 'id' })
    await test.engine.write(async (db) => {
      for (const id of ['u1', 'u2', 'u3']) await addUser(db, 'id', id, { emails: [{ value: id }] })
      await addGroup(db, 'id', 'g', ['u1'])
    })
    expect(await countResources(test.engine.read, 'id')).toEqual({ users: 3, groups: 1 })
    expect(await test.engine.write((db) => deleteDirectory(db, 'id', NOW))).toBe(true)
    for (const table of ['users', 'groups', 'members', 'user_values', 'counts'] as const) {
      expect(await test.engine.read.selectFrom(table).selectAll().execute()).toEqual([])
    }
    expect(await countResources(test.engine.read, 'id')).toEqual({ users: 0, groups: 0 })
  })
})
