import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseElementFilter } from '../../src/scim/filter/parse.ts'
import { parseAttrPath } from '../../src/scim/path/parse.ts'
import { edgesAbove, usersBelow } from '../../src/store/closure.ts'
import { readFacts, readFactsOf } from '../../src/store/facts.ts'
import { bindGroups } from '../../src/store/bindings.ts'
import {
  deleteGroup,
  readGroup,
  readGroupForUpdate,
  touchGroups,
  updateGroup,
} from '../../src/store/groups.ts'
import { applyMembers, countMembers, listMembers, type MemberOperation } from '../../src/store/members.ts'
import { deleteUser } from '../../src/store/users.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { addDirectory, addGroup, addUser, groupContent, groupType, NOW } from './support.ts'

const members = (...ids: string[]) => ids.map((value) => ({ value }))
const add = (...ids: string[]): MemberOperation => ({ kind: 'add', members: members(...ids) })
const remove = (...ids: string[]): MemberOperation => ({ kind: 'remove', members: members(...ids) })
const replace = (...ids: string[]): MemberOperation => ({ kind: 'replace', members: members(...ids) })
const clear: MemberOperation = { kind: 'clear' }
const removeWhere = (text: string): MemberOperation => ({
  kind: 'removeWhere',
  filter: parseElementFilter(text, parseAttrPath('members', groupType)),
})

describe.each(engines)('members on %s', (name) => {
  let test: TestEngine
  let seqs: Record<string, number> = {}
  beforeAll(async () => {
    test = await openTestEngine(name)
    await test.engine.write(async (db) => {
      await addDirectory(db, 'd')
      await addDirectory(db, 'other')
      for (const id of ['a', 'b', 'c', 'e'])
        seqs = { ...seqs, [id]: await addUser(db, 'd', id, { displayName: id.toUpperCase() }) }
      await addUser(db, 'other', 'foreign')
      for (const id of ['g', 'h', 'i']) await addGroup(db, 'd', id)
    })
  })
  afterAll(() => test.drop())
  beforeEach(() =>
    test.engine.write(async (db) => {
      await db.deleteFrom('members').execute()
    }),
  )

  const apply = (...operations: MemberOperation[]) =>
    test.engine.write((db) => applyMembers(db, 'd', 'g', operations, NOW))
  const idsIn = async (groupId: string) =>
    (await listMembers(test.engine.read, groupId, { limit: 100 })).map(({ id }) => id)
  const sorted = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).sort()

  it('are added once, as what they are', async () => {
    const first = await apply(add('a', 'h', 'a'))
    expect([...first.added].sort((x, y) => (x.id < y.id ? -1 : 1))).toEqual([
      { id: 'a', type: 'User' },
      { id: 'h', type: 'Group' },
    ])
    expect(await apply(add('a', 'b'))).toEqual({
      added: [{ id: 'b', type: 'User' }],
      removed: [],
      unknown: [],
    })
    expect(await idsIn('g')).toEqual(['a', 'b', 'h'])
    expect(await countMembers(test.engine.read, 'g')).toBe(3)
  })

  it('USR-18 must belong to the directory', async () => {
    const changes = await apply(add('a', 'nobody', 'foreign'))
    expect(changes.unknown).toEqual(['nobody', 'foreign'])
    expect(await idsIn('g')).toEqual(['a'])
  })

  it('are removed, replaced and cleared', async () => {
    await apply(add('a', 'b', 'c'))
    expect(await apply(remove('a', 'nobody', 'e'))).toEqual({
      added: [],
      removed: [{ id: 'a', type: 'User' }],
      unknown: [],
    })
    expect(await apply(replace('b', 'e'))).toEqual({
      added: [{ id: 'e', type: 'User' }],
      removed: [{ id: 'c', type: 'User' }],
      unknown: [],
    })
    expect(sorted((await apply(clear)).removed)).toEqual(['b', 'e'])
    expect(await apply(clear)).toEqual({ added: [], removed: [], unknown: [] })
  })

  it.each([
    ['value eq "a"', ['a']],
    ['value eq "a" or value eq "b"', ['a', 'b']],
    ['type eq "group"', ['h']],
    ['display eq "b"', ['b']],
    ['not (type eq "User")', ['h']],
    ['display sw "h"', ['h']],
    ['value pr', ['a', 'b', 'h']],
    ['value ne "a"', ['b', 'h']],
  ])('are removed where %s', async (filter, expected) => {
    await apply(add('a', 'b', 'h'))
    expect(sorted((await apply(removeWhere(filter))).removed)).toEqual(expected)
  })

  it('change as a set does, whatever the operations', async () => {
    const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'e', 'h', 'nobody'))
    const operation = fc.oneof(
      ids.map((list) => add(...list)),
      ids.map((list) => remove(...list)),
      ids.map((list) => replace(...list)),
      fc.constant(clear),
    )
    let before = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 5 }), async (operations) => {
        const after = new Set(before)
        for (const each of operations) {
          if (each.kind === 'clear' || each.kind === 'replace') after.clear()
          if (!('members' in each)) continue
          for (const { value } of each.members) {
            if (each.kind === 'remove') after.delete(value)
            else if (value !== 'nobody') after.add(value)
          }
        }
        const changes = await apply(...operations)
        expect(await idsIn('g')).toEqual([...after].sort())
        expect(sorted(changes.added)).toEqual([...after].filter((id) => !before.has(id)).sort())
        expect(sorted(changes.removed)).toEqual([...before].filter((id) => !after.has(id)).sort())
        before = after
      }),
      { numRuns: 60 },
    )
  })

  it('that 32 clients add at once are all there', async () => {
    await test.engine.write(async (db) => {
      for (let i = 0; i < 32; i += 1) await addUser(db, 'd', `many-${i}`)
    })
    await Promise.all(
      Array.from({ length: 32 }, (_, i) =>
        test.engine.write(async (db) => {
          await touchGroups(db, 'd', ['g'], NOW)
          await applyMembers(db, 'd', 'g', [add(`many-${i}`)], NOW)
        }),
      ),
    )
    expect(await countMembers(test.engine.read, 'g')).toBe(32)
  })

  it('USR-20 never outlive a user that is deleted while it is added', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = `brief-${round}`
      await test.engine.write((db) => addUser(db, 'd', id))
      await Promise.all([
        test.engine.write((db) => applyMembers(db, 'd', 'g', [add(id)], NOW)),
        test.engine.write((db) => deleteUser(db, 'd', id, NOW)),
      ])
    }
    expect(await idsIn('g')).toEqual([])
  })

  it('USR-14 are found below and above, through nested groups and cycles', async () => {
    await test.engine.write(async (db) => {
      await applyMembers(db, 'd', 'g', [add('a', 'h')], NOW)
      await applyMembers(db, 'd', 'h', [add('b', 'i')], NOW)
      await applyMembers(db, 'd', 'i', [add('c', 'g')], NOW)
    })
    const { a = 0, b = 0, c = 0 } = seqs
    expect(await usersBelow(test.engine.read, ['h'], 10)).toEqual([a, b, c])
    expect(await usersBelow(test.engine.read, ['h'], 2)).toEqual([a, b])
    const edges = await edgesAbove(test.engine.read, ['c'])
    expect(edges.map(({ memberId, groupId }) => `${memberId}>${groupId}`).sort()).toEqual([
      'c>i',
      'g>i',
      'h>g',
      'i>h',
    ])
  })

  it('make the facts of many users, each with the groups above it', async () => {
    await test.engine.write(async (db) => {
      await applyMembers(db, 'd', 'g', [add('a', 'h')], NOW)
      await applyMembers(db, 'd', 'h', [add('b', 'g')], NOW)
      await bindGroups(db, ['g', 'none'], NOW)
    })
    const { a = 0, b = 0, e = 0 } = seqs
    const facts = await readFacts(test.engine.read, [e, b, a, 999_999])
    const bindings = new Map([['g', 'g']])
    const directory = { id: 'd', name: 'd', settings: '{}' }
    expect(facts).toMatchObject([
      { seq: a, user: { id: 'a', userName: 'a', active: true }, directory, bindings },
      { seq: b, bindings },
      { seq: e, groups: [], bindings },
    ])
    expect(facts[0]?.groups).toEqual([
      { id: 'g', displayName: 'g', members: ['a', 'h'] },
      { id: 'h', displayName: 'h', members: ['g'] },
    ])
    expect(facts[1]?.groups).toEqual([
      { id: 'h', displayName: 'h', members: ['b', 'g'] },
      { id: 'g', displayName: 'g', members: ['h'] },
    ])
    expect(await readFactsOf(test.engine.read, 'd', 'a')).toEqual(facts[0])
    expect(await readFactsOf(test.engine.read, 'other', 'a')).toBeUndefined()
  })

  it('come with a group as ready JSON, and a group without them when they are not wanted', async () => {
    await apply(add('a', 'h'))
    const group = await readGroup(test.engine.read, 'd', 'g', 'https://x')
    expect(JSON.parse(group?.members ?? '')).toEqual([
      { value: 'a', $ref: 'https://x/Users/a', display: 'A', type: 'User' },
      { value: 'h', $ref: 'https://x/Groups/h', display: 'h', type: 'Group' },
    ])
    expect((await readGroup(test.engine.read, 'd', 'g'))?.members).toBeUndefined()
    expect(await readGroup(test.engine.read, 'other', 'g')).toBeUndefined()
  })
})

describe.each(engines)('groups on %s', (name) => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
    await test.engine.write(async (db) => {
      await addDirectory(db, 'd')
      await addDirectory(db, 'other')
    })
  })
  afterAll(() => test.drop())

  it('are written only from the version that was read', async () => {
    await test.engine.write((db) => addGroup(db, 'd', 'v'))
    const group = { ...groupContent('v', { displayName: 'renamed' }), id: 'v', directoryId: 'd', version: 1 }
    expect(await test.engine.write((db) => updateGroup(db, group))).toBe(true)
    expect(await test.engine.write((db) => updateGroup(db, group))).toBe(false)
    const read = await test.engine.write((db) => readGroupForUpdate(db, 'd', 'v'))
    expect(read).toMatchObject({ displayName: 'renamed', version: 2 })
  })

  it('get their next version without being loaded', async () => {
    await test.engine.write((db) => addGroup(db, 'd', 't1'))
    await test.engine.write((db) => addGroup(db, 'other', 't2'))
    const touched = await test.engine.write((db) =>
      touchGroups(db, 'd', ['t1', 't2', 'none'], '2027-01-01T00:00:00.000Z'),
    )
    expect(touched).toEqual([{ seq: expect.any(Number), id: 't1', displayName: 't1', version: 2 }])
    expect(await readGroup(test.engine.read, 'd', 't1')).toMatchObject({
      modifiedAt: '2027-01-01T00:00:00.000Z',
    })
  })

  it('leave no membership or binding behind', async () => {
    await test.engine.write(async (db) => {
      await addUser(db, 'd', 'u')
      await addGroup(db, 'd', 'inner', ['u'])
      await addGroup(db, 'd', 'outer', ['inner'])
      await bindGroups(db, ['inner'], NOW)
    })
    expect(await test.engine.write((db) => deleteGroup(db, 'other', 'inner', NOW))).toBeUndefined()
    expect(await test.engine.write((db) => deleteGroup(db, 'd', 'inner', NOW))).toMatchObject({
      displayName: 'inner',
      groupIds: ['outer'],
    })
    for (const table of ['members', 'bindings'] as const) {
      expect(await test.engine.read.selectFrom(table).selectAll().execute()).toEqual([])
    }
  })

  it('are bound by name once, the oldest first, and stay bound', async () => {
    await test.engine.write(async (db) => {
      await addGroup(db, 'd', 'first', [], { displayName: 'Twins' })
      await addGroup(db, 'd', 'second', [], { displayName: 'twins' })
      await addGroup(db, 'other', 'third', [], { displayName: 'TWINS' })
    })
    const bound = await test.engine.write((db) => bindGroups(db, ['twins'], NOW))
    expect(bound.map(({ groupId }) => groupId).sort()).toEqual(['first', 'third'])
    const renamed = {
      ...groupContent('first', { displayName: 'Other' }),
      id: 'first',
      directoryId: 'd',
      version: 1,
    }
    await test.engine.write((db) => updateGroup(db, renamed))
    expect(await test.engine.write((db) => bindGroups(db, ['twins'], NOW))).toEqual([])
  })
})
