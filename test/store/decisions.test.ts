import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { appendChange } from '../../src/store/changes.ts'
import {
  countDecisions,
  deleteDecisions,
  findDecision,
  keepDecisionsOf,
  listDecisions,
  readDecision,
  readDecisions,
  upsertDecisions,
  usersWithDueDecisions,
  type StoredDecision,
} from '../../src/store/decisions.ts'
import { findPeople } from '../../src/store/people.ts'
import {
  advanceRecompute,
  createRecompute,
  finishRecompute,
  nextChunk,
  pendingRecomputes,
  takeRecompute,
} from '../../src/store/recomputes.ts'
import { insertRevision } from '../../src/store/revisions.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { addDirectory, addGroup, addUser, NOW } from './support.ts'

const decision = (
  userSeq: number,
  connection: string,
  rest: Partial<StoredDecision> = {},
): StoredDecision => ({
  userSeq,
  connection,
  directoryId: 'okta',
  decision: 'allow',
  reason: null,
  role: 'viewer',
  tier: 'viewer',
  environment: connection,
  value: null,
  document: `{"user":${userSeq}}`,
  validUntil: null,
  ...rest,
})

describe.each(engines)('decisions on %s', (name) => {
  let test: TestEngine
  let ada = 0
  let bob = 0
  let eve = 0
  beforeAll(async () => {
    test = await openTestEngine(name)
    await test.engine.write(async (db) => {
      await addDirectory(db, 'okta')
      await addDirectory(db, 'entra')
      ada = await addUser(db, 'okta', 'id-ada', {
        userName: 'Ada',
        externalId: 'x1',
        emails: [{ value: 'ADA@example.com' }],
      })
      bob = await addUser(db, 'okta', 'id-bob', { userName: 'Bob', externalId: 'ada', active: false })
      eve = await addUser(db, 'entra', 'id-eve', { userName: 'ada' })
      await upsertDecisions(db, [
        decision(ada, 'warehouse'),
        decision(ada, 'lake', { role: 'querier', tier: 'querier', validUntil: '2026-02-01T00:00:00.000Z' }),
        decision(bob, 'warehouse', {
          decision: 'deny',
          reason: 'inactive',
          role: null,
          tier: null,
          environment: null,
        }),
        decision(eve, 'warehouse', { directoryId: 'entra' }),
      ])
    })
  })
  afterAll(() => test.drop())

  it('replace those for the same user and connection', async () => {
    const changed = decision(ada, 'warehouse', {
      document: '{"text":"é \\" \\\\ \\u0007"}',
      value: 'finance',
    })
    await test.engine.write((db) => upsertDecisions(db, [changed]))
    expect(await readDecision(test.engine.read, ada, 'warehouse')).toEqual(changed)
    expect(await readDecision(test.engine.read, ada, 'none')).toBeUndefined()
    await test.engine.write((db) => upsertDecisions(db, [decision(ada, 'warehouse')]))
  })

  it('are read for many users at once and removed by user and connection', async () => {
    await test.engine.write((db) => upsertDecisions(db, [decision(bob, 'old'), decision(eve, 'old')]))
    await test.engine.write((db) => deleteDecisions(db, [{ userSeq: bob, connection: 'old' }]))
    const read = await readDecisions(test.engine.read, [eve, bob])
    expect(read.map((each) => [each.userSeq, each.connection])).toEqual([
      [bob, 'warehouse'],
      [eve, 'old'],
      [eve, 'warehouse'],
    ])
    await test.engine.write((db) => keepDecisionsOf(db, ['warehouse', 'lake']))
    expect(await readDecision(test.engine.read, eve, 'old')).toBeUndefined()
  })

  it('are listed by what they say, page by page', async () => {
    const list = async (query: Partial<Parameters<typeof listDecisions>[1]>) =>
      (await listDecisions(test.engine.read, { limit: 10, ...query })).map((each) => [
        each.userName,
        each.connection,
      ])
    expect(await list({})).toEqual([
      ['Ada', 'lake'],
      ['Ada', 'warehouse'],
      ['Bob', 'warehouse'],
      ['ada', 'warehouse'],
    ])
    expect(await list({ limit: 2, after: { userSeq: ada, connection: 'lake' } })).toEqual([
      ['Ada', 'warehouse'],
      ['Bob', 'warehouse'],
    ])
    expect(await list({ connection: 'warehouse', role: 'viewer' })).toHaveLength(2)
    expect(
      await list({ connection: 'warehouse', environment: 'warehouse', directoryId: 'entra' }),
    ).toHaveLength(1)
    expect(await list({ decision: 'deny', reason: 'inactive' })).toEqual([['Bob', 'warehouse']])
    expect(await list({ tier: 'querier' })).toEqual([['Ada', 'lake']])
    expect(await list({ value: 'finance' })).toEqual([])
  })

  it('are counted by what they say', async () => {
    const counts = await countDecisions(test.engine.read, { connection: 'warehouse' })
    expect(new Set(counts.map(({ decision: said, reason, count }) => `${said} ${reason} ${count}`))).toEqual(
      new Set(['allow null 2', 'deny inactive 1']),
    )
  })

  it('fall due when their time has passed', async () => {
    expect(await usersWithDueDecisions(test.engine.read, '2026-01-31T23:59:59.999Z', 10)).toEqual([])
    expect(await usersWithDueDecisions(test.engine.read, '2026-02-01T00:00:00.000Z', 10)).toEqual([ada])
  })

  it('are found with everybody whom a text may mean, the strongest match first', async () => {
    const find = async (text: string, directoryId?: string) =>
      (await findPeople(test.engine.read, { text, textKey: text.toLowerCase(), directoryId })).map(
        (person) => [person.id, person.matched, person.directoryName],
      )
    expect(await find('id-ada')).toEqual([['id-ada', 'id', 'okta']])
    expect(await find('ada')).toEqual([
      ['id-eve', 'userName', 'entra'],
      ['id-ada', 'userName', 'okta'],
      ['id-bob', 'externalId', 'okta'],
    ])
    expect(await find('ada', 'entra')).toEqual([['id-eve', 'userName', 'entra']])
    expect(await find('Ada@Example.com')).toEqual([['id-ada', 'email', 'okta']])
    expect(await find('nobody')).toEqual([])
  })

  it('are found in one statement with the position and the revision that they belong to', async () => {
    const find = (text: string) =>
      findDecision(test.engine.read, { text, textKey: text.toLowerCase(), connection: 'warehouse' })
    const revision = await test.engine.write((db) =>
      insertRevision(db, { createdAt: NOW, actor: 'cli', document: '{}', origins: '{}' }),
    )
    const position = await test.engine.write((db) =>
      appendChange(db, { at: NOW, directoryId: null, kind: 'model.applied', subjectId: '1', payload: '{}' }),
    )
    expect(await find('x1')).toEqual({
      position,
      revision,
      meansHeld: false,
      people: [
        {
          seq: ada,
          id: 'id-ada',
          userName: 'Ada',
          active: true,
          directoryId: 'okta',
          directoryName: 'okta',
          matched: 'externalId',
          document: `{"user":${ada}}`,
          validUntil: null,
          stale: false,
        },
      ],
    })
    expect(await find('nobody')).toEqual({ position, revision, meansHeld: false, people: [] })
  })

  it('are stale from the creation of a job until it has passed the user', async () => {
    const stale = async (text: string) =>
      (await findDecision(test.engine.read, { text, textKey: text, connection: 'warehouse' })).people[0]
        ?.stale

    const all = await test.engine.write((db) =>
      createRecompute(db, { cause: 'revision 2', createdAt: NOW, scope: { kind: 'all' } }),
    )
    if (all === undefined) throw new Error('nobody to recompute')
    expect(all).toMatchObject({ scope: 'all', total: 3, done: 0 })
    expect([await stale('id-ada'), await stale('id-eve')]).toEqual([true, true])
    expect(await nextChunk(test.engine.read, all, 2)).toEqual({ seqs: [ada, bob], upTo: bob })
    await test.engine.write((db) => advanceRecompute(db, all.id, bob, 2))
    expect([await stale('id-ada'), await stale('id-eve')]).toEqual([false, true])
    const taken = await test.engine.write((db) => takeRecompute(db))
    expect(taken).toMatchObject({ id: all.id, afterSeq: bob, done: 2 })
    expect(await nextChunk(test.engine.read, taken ?? all, 2)).toEqual({ seqs: [eve], upTo: eve })
    expect(await nextChunk(test.engine.read, { ...all, afterSeq: eve }, 2)).toBeUndefined()
    await test.engine.write((db) => finishRecompute(db, all.id))
    expect(await pendingRecomputes(test.engine.read)).toEqual([])

    const listed = await test.engine.write(async (db) => {
      await addGroup(db, 'okta', 'outer', ['id-bob'])
      return createRecompute(db, {
        cause: 'group',
        createdAt: NOW,
        scope: { kind: 'below', groupIds: ['outer'] },
      })
    })
    expect(listed).toMatchObject({ scope: 'listed', total: 1 })
    expect([await stale('id-ada'), await stale('id-bob')]).toEqual([false, true])
    expect(await nextChunk(test.engine.read, listed ?? all, 10)).toEqual({ seqs: [bob], upTo: bob })

    const users = { kind: 'users', seqs: [ada, 999_999] } as const
    expect(
      await test.engine.write((db) => createRecompute(db, { cause: 'x', createdAt: NOW, scope: users })),
    ).toMatchObject({ total: 1 })
    const nobody = { kind: 'users', seqs: [] } as const
    expect(
      await test.engine.write((db) => createRecompute(db, { cause: 'x', createdAt: NOW, scope: nobody })),
    ).toBeUndefined()
  })
})

describe.each(engines)('documents that wait on %s', (name) => {
  const EXT = 'urn:example:2.0:User'
  const attributes = [`${EXT}:dbRole`, `${EXT}:level`, 'urn:example:other:2.0:User:dbRole']
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
  })
  afterAll(() => test.drop())

  it('go before decisions, and are those that name an attribute with its extension', async () => {
    const found = await test.engine.write(async (db) => {
      await addDirectory(db, 'okta')
      const resources = [
        { [EXT]: { dbRole: 'x' } },
        { [EXT]: { exact: 'x' } },
        { title: `"${EXT}" without it, and "level"` },
        { [EXT]: { level: 1 } },
        { [EXT]: { level: 2 } },
      ]
      const seqs: number[] = []
      for (const [i, resource] of resources.entries()) seqs.push(await addUser(db, 'okta', `u${i}`, resource))
      await createRecompute(db, { cause: 'all', createdAt: NOW, scope: { kind: 'all' } })
      const scope = { kind: 'documents', attributes, total: 3 } as const
      await createRecompute(db, { cause: 'documents', createdAt: NOW, scope })
      const job = await takeRecompute(db)
      if (job === undefined) throw new Error('nothing waits')
      expect(job).toMatchObject({ scope: 'documents', attributes, total: 3, afterSeq: 0 })
      await finishRecompute(db, job.id)
      const first = await nextChunk(db, job, 2)
      const second = await nextChunk(db, { ...job, afterSeq: first?.upTo ?? 0 }, 2)
      const none = await nextChunk(db, { ...job, afterSeq: second?.upTo ?? 0 }, 2)
      expect([first?.upTo, none]).toEqual([seqs[3], undefined])
      return [first, second].map((chunk) => chunk?.seqs.map((seq) => seqs.indexOf(seq)))
    })
    expect(found).toEqual([[0, 3], [4]])
  })
})
