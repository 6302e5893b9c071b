import { sql, type CompiledQuery, type Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Database } from '../../db/tables.ts'
import { parseAttrPath } from '../../src/scim/path/parse.ts'
import { lookUpKey } from '../../src/scim/resource/search.ts'
import { parseFilter } from '../../src/scim/filter/parse.ts'
import { parseSort } from '../../src/scim/sort.ts'
import type { StoredGroup } from '../../src/store/groups.ts'
import { listGroups, listUsers, type ListQuery, type Page } from '../../src/store/list.ts'
import { deleteUser, readUser, type StoredUser } from '../../src/store/users.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { addDirectory, addGroup, addUser, NOW, userType } from './support.ts'

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `u${from + i}`)

describe.each(engines)('lists on %s', (name) => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
    await test.engine.write(async (db) => {
      for (const directory of ['d', 'other', 'empty']) await addDirectory(db, directory)
      for (let i = 1; i <= 50; i += 1) {
        await addUser(db, 'd', `u${i}`, { title: i % 2 ? 'odd' : 'even' })
        await addUser(db, 'other', `other-${i}`)
      }
      await addGroup(db, 'd', 'g1', ['u1', 'u2'])
      await addGroup(db, 'd', 'g2', ['g1'])
    })
  })
  afterAll(() => test.drop())

  const page = async (query: Parameters<typeof listUsers>[2], directory = 'd') => {
    const { total, resources } = await listUsers(test.engine.read, directory, query)
    return { total, ids: resources.map(({ id }) => id) }
  }

  it('hold the directory that was asked for, in the order of creation', async () => {
    expect(await page({ count: 100 })).toEqual({ total: 50, ids: numbers(1, 50) })
    expect(await page({ count: 100 }, 'empty')).toEqual({ total: 0, ids: [] })
  })

  it('begin where `startIndex` says, whether or not the page before was read', async () => {
    expect(await page({ startIndex: 41, count: 5 })).toEqual({ total: 50, ids: numbers(41, 45) })
    expect(await page({ startIndex: 46, count: 10 })).toEqual({ total: 50, ids: numbers(46, 50) })
    expect(await page({ startIndex: 41, count: 5 })).toEqual({ total: 50, ids: numbers(41, 45) })
    expect(await page({ startIndex: 2, count: 2 })).toEqual({ total: 50, ids: ['u2', 'u3'] })
    expect(await page({ startIndex: 0, count: 1 })).toEqual({ total: 50, ids: ['u1'] })
    expect(await page({ startIndex: -5, count: 1 })).toEqual({ total: 50, ids: ['u1'] })
  })

  it('have no resources behind the end and none for a count of 0', async () => {
    expect(await page({ startIndex: 51, count: 5 })).toEqual({ total: 50, ids: [] })
    expect(await page({ count: 0 })).toEqual({ total: 50, ids: [] })
  })

  it('go on behind a place', async () => {
    const { next } = await listUsers(test.engine.read, 'd', { after: 'start', count: 10 })
    expect(await page({ after: next, count: 3 })).toEqual({ total: 50, ids: numbers(11, 13) })
    const last = await listUsers(test.engine.read, 'd', { after: 'start', count: 50 })
    expect(last).toMatchObject({ total: 50, next: undefined })
  })

  it('of matches count and page the matches', async () => {
    const filter = parseFilter('title eq "even"', userType)
    expect(await page({ filter, count: 3 })).toEqual({ total: 25, ids: ['u2', 'u4', 'u6'] })
    expect(await page({ filter, startIndex: 24, count: 3 })).toEqual({ total: 25, ids: ['u48', 'u50'] })
    expect(await page({ filter, count: 0 })).toEqual({ total: 25, ids: [] })
    expect(await page({ filter, startIndex: 26, count: 3 })).toEqual({ total: 25, ids: [] })
  })

  it('bring groups and members only when a base is given', async () => {
    const without = await listGroups(test.engine.read, 'd', { count: 10 })
    expect(without.resources.map(({ members }) => members)).toEqual([undefined, undefined])
    const { resources } = await listGroups(test.engine.read, 'd', { count: 10, base: 'https://x' })
    expect(resources.map(({ members }) => JSON.parse(members ?? ''))).toEqual([
      [
        { value: 'u1', $ref: 'https://x/Users/u1', display: 'u1', type: 'User' },
        { value: 'u2', $ref: 'https://x/Users/u2', display: 'u2', type: 'User' },
      ],
      [{ value: 'g1', $ref: 'https://x/Groups/g1', display: 'g1', type: 'Group' }],
    ])
  })

  it('bring to each user the groups that it brings alone', async () => {
    await test.engine.write((db) => addGroup(db, 'd', 'g0', ['u2', 'u3'], { displayName: 'a "b" \u{1F600}' }))
    const base = 'https://x'
    const { resources } = await listUsers(test.engine.read, 'd', { count: 5, base })
    const groups = resources.map((user) => JSON.parse(user.groups ?? '') as { value: string }[])
    expect(groups.map((each) => each.map(({ value }) => value))).toEqual([
      ['g1'],
      ['g0', 'g1'],
      ['g0'],
      [],
      [],
    ])
    for (const user of resources) {
      const filter = parseFilter(`userName eq "${user.userName}"`, userType)
      const [looked] = (await listUsers(test.engine.read, 'd', { filter, count: 1, base })).resources
      expect([user, looked]).toEqual(Array(2).fill(await readUser(test.engine.read, 'd', user.id, base)))
    }
  })

  it('have fewer groups where these have many members', async () => {
    const pages = async (mostMembers: number) => {
      const seen: { ids: string[]; members: number }[] = []
      let after: ListQuery['after'] = 'start'
      while (after !== undefined) {
        const query: ListQuery = { after, count: 10, base: 'https://x', mostMembers }
        const { resources, next, total }: Page<StoredGroup> = await listGroups(
          test.engine.read,
          'large',
          query,
        )
        expect(total).toBe(5)
        const members = resources.map((group) => JSON.parse(group.members ?? '') as unknown[])
        seen.push({ ids: resources.map(({ id }) => id), members: members.flat().length })
        after = next
      }
      return seen
    }
    await test.engine.write(async (db) => {
      await addDirectory(db, 'large')
      for (let i = 1; i <= 5; i += 1) await addUser(db, 'large', `l${i}`)
      for (const [i, size] of [2, 1, 5, 0, 3].entries()) {
        const ids = Array.from({ length: size }, (_, n) => `l${n + 1}`)
        await addGroup(db, 'large', `large-${i}`, ids)
      }
    })
    expect((await pages(11)).map(({ members }) => members)).toEqual([11])
    expect(await pages(4)).toEqual([
      { ids: ['large-0', 'large-1'], members: 3 },
      { ids: ['large-2'], members: 5 },
      { ids: ['large-3', 'large-4'], members: 3 },
    ])
    expect((await pages(1)).map(({ ids }) => ids.length)).toEqual([1, 1, 1, 1, 1])
    const byIndex = await listGroups(test.engine.read, 'large', {
      startIndex: 3,
      count: 10,
      base: 'https://x',
      mostMembers: 4,
    })
    expect(byIndex.resources.map(({ id }) => id)).toEqual(['large-2'])
    expect(byIndex.next).toBeUndefined()
  })

  it('have fewer users where these are in many groups', async () => {
    await test.engine.write(async (db) => {
      await addDirectory(db, 'busy')
      for (let i = 1; i <= 5; i += 1) await addUser(db, 'busy', `b${i}`, { title: 'busy' })
      // b1 is in 2 groups, b2 in 1, b3 in 5, b4 in none, b5 in 3.
      for (let i = 1; i <= 5; i += 1) {
        const members = [2, 1, 5, 0, 3].flatMap((size, n) => (size >= i ? [`b${n + 1}`] : []))
        await addGroup(db, 'busy', `busy-${i}`, members)
      }
    })
    const busy = 'title eq "busy"'
    const names = Array.from({ length: 5 }, (_, i) => `userName eq "b${i + 1}"`).join(' or ')
    for (const [filter, descending] of [
      [undefined, undefined],
      [busy, undefined],
      [names, undefined],
      [busy, false],
    ]) {
      const wanted = {
        ...(filter !== undefined && { filter: parseFilter(String(filter), userType) }),
        ...(descending !== undefined && { sort: parseSort({ sortBy: 'userName' }, userType) }),
      }
      const pages = async (mostMembers: number) => {
        const seen: { ids: string[]; groups: number }[] = []
        let after: ListQuery['after'] = 'start'
        while (after !== undefined) {
          const query: ListQuery = { ...wanted, after, count: 10, base: 'https://x', mostMembers }
          const { resources, next }: Page<StoredUser> = await listUsers(test.engine.read, 'busy', query)
          const groups = resources.map((user) => JSON.parse(user.groups ?? '') as unknown[])
          seen.push({ ids: resources.map(({ id }) => id), groups: groups.flat().length })
          after = next
        }
        return seen
      }
      expect((await pages(1000)).map(({ groups }) => groups)).toEqual([11])
      expect((await pages(11)).map(({ groups }) => groups)).toEqual([11])
      expect(await pages(4)).toEqual([
        { ids: ['b1', 'b2'], groups: 3 },
        { ids: ['b3'], groups: 5 },
        { ids: ['b4', 'b5'], groups: 3 },
      ])
      const byIndex = { ...wanted, startIndex: 3, count: 10, base: 'https://x', mostMembers: 4 }
      const { resources, next } = await listUsers(test.engine.read, 'busy', byIndex)
      expect([resources.map(({ id }) => id), next]).toEqual([['b3'], undefined])
    }
  })

  it('are right after something in front of a known page was deleted', async () => {
    expect(await page({ startIndex: 31, count: 5 })).toEqual({ total: 50, ids: numbers(31, 35) })
    await test.engine.write((db) => deleteUser(db, 'd', 'u5', NOW))
    expect(await page({ startIndex: 31, count: 5 })).toEqual({ total: 49, ids: numbers(32, 36) })
    expect(await page({ startIndex: 36, count: 50 })).toEqual({ total: 49, ids: numbers(37, 50) })
  })
})

describe.each(engines)('a jump in a long list on %s', (name) => {
  // Ids of directories are unique, and positions are remembered by them.
  const directory = `long-${name}`
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
    await test.engine.write(async (db) => {
      await addDirectory(db, directory)
      await addMany(db, 1, 2300)
    })
  })
  afterAll(() => test.drop())

  const addMany = async (db: Kysely<Database>, from: number, to: number): Promise<void> => {
    await sql`
      insert into users
        (id, directory_id, user_name, user_name_key, active, version, created_at, modified_at, document, search)
      with recursive numbers(n) as (
        select cast(${from} as integer) union all select n + 1 from numbers where n < ${to}
      )
      select 'u' || n, cast(${directory} as text), 'u' || n, 'u' || n, 1, 1, '', '', '{}', '{}' from numbers order by n`.execute(
      db,
    )
  }
  const at = async (startIndex: number): Promise<string | undefined> => {
    const { resources } = await listUsers(test.engine.read, directory, { startIndex, count: 1 })
    return resources[0]?.id
  }

  it('finds the place from the nearest mark, past at most as many resources as lie between two', async () => {
    const db = test.engine.read
    const execute = db.executeQuery.bind(db)
    const offsets: number[] = []
    db.executeQuery = (query, ...rest) => {
      if ('sql' in query && query.sql.includes('offset')) offsets.push(Number(query.parameters.at(-1)))
      return execute(query, ...rest)
    }
    try {
      const places = [2300, 2, 250, 251, 252, 999, 1000, 1001, 1125]
      expect(await Promise.all(places.map(at))).toEqual(places.map((place) => `u${place}`))
    } finally {
      db.executeQuery = execute
    }
    expect(Math.max(...offsets)).toBe(249)
    expect(await at(2301)).toBeUndefined()
  })

  it('is right after something was added or deleted', async () => {
    await test.engine.write((db) => addMany(db, 2301, 3100))
    expect(await at(3050)).toBe('u3050')
    await test.engine.write((db) => deleteUser(db, directory, 'u700', NOW))
    expect(await Promise.all([600, 1001, 2002, 3050].map(at))).toEqual(['u600', 'u1002', 'u2003', 'u3051'])
  })
})

const EXT = 'urn:example:2.0:User'

describe('a look-up on sqlite', () => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine('sqlite')
    await test.engine.write((db) => addDirectory(db, 'd'))
  })
  afterAll(() => test.drop())

  const cases = [
    ['userName eq "a"', 'users_user_name_key_directory_id'],
    ['externalId eq "a"', 'users_external_id_directory_id'],
    ['id eq "a"', 'users_id'],
    ['emails.value eq "a"', 'attribute=? AND value=? AND directory_id=?'],
    ['emails eq "a" and active eq true', 'attribute=? AND value=? AND directory_id=?'],
    ['emails[type eq "work" and value eq "a"]', 'attribute=? AND value=? AND directory_id=?'],
    ['emails[value eq "a" or value eq "b"]', 'attribute=? AND value=? AND directory_id=?'],
    [`${EXT}:desk eq "a"`, 'attribute=? AND value=? AND directory_id=?'],
    [`${EXT}:room eq 7`, 'attribute=? AND value=? AND directory_id=?'],
    [`${EXT}:codes eq 1.5 and active eq true`, 'attribute=? AND value=? AND directory_id=?'],
    [`${EXT}:badge eq "b" or emails.value eq "a"`, 'attribute=? AND value=? AND directory_id=?'],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "7"',
      'attribute=? AND value=?',
    ],
    ['groups.value eq "g"', 'group_id=?'],
    ['groups[value eq "g"]', 'group_id=?'],
    ['userName eq "a" or externalId eq "a"', 'MULTI-INDEX OR'],
  ] as const
  it.each(cases)('%s goes by an index', async (text, expected) => {
    const plans = await plansOf(test.engine.read, text, 'explain query plan')
    expect(plans).toContain(expected)
    expect(plans).not.toMatch(/SCAN users|users_directory_id_seq/)
    if (!/ or |groups/.test(text)) expect(plans).not.toContain('TEMP B-TREE')
  })
})

describe('a look-up on postgres', () => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine('postgres')
    await test.engine.write(async (db) => {
      await addDirectory(db, 'd')
      await sql`
        insert into users (id, directory_id, user_name, user_name_key, active, version, created_at, modified_at, document, search)
        select 'u' || n, 'd', 'u' || n, 'u' || n, 1, 1, '', '', '{}', '{}' from generate_series(1, 5000) n`.execute(
        db,
      )
      for (const name of ['desk', 'room', 'badge']) {
        await sql`
          insert into user_values (user_seq, directory_id, attribute, value)
          select seq, directory_id, ${lookUpKey(parseAttrPath(`${EXT}:${name}`, userType))}, 'x' || seq from users`.execute(
          db,
        )
      }
      await sql`analyze users, user_values`.execute(db)
    })
  })
  afterAll(() => test.drop())

  it.each([`${EXT}:desk eq "a"`, `${EXT}:room eq 7`, `${EXT}:badge eq "x7" and active eq true`])(
    '%s goes by an index',
    async (text) => {
      const plans = await plansOf(test.engine.read, text, 'explain')
      expect(plans).toMatch(/Index.* (?:using|on) user_values_attribute_value_directory_id/)
      expect(plans).not.toContain('Seq Scan')
    },
  )
})

/** How an engine goes about listing what matches a filter. */
async function plansOf(db: Kysely<Database>, filter: string, explain: string): Promise<string> {
  const plans: string[] = []
  const execute = db.executeQuery.bind(db)
  db.executeQuery = async (query, ...rest) => {
    if ('sql' in query) {
      const { rows } = await execute<object>({
        ...query,
        sql: `${explain} ${query.sql}`,
      } as CompiledQuery<object>)
      plans.push(...rows.flatMap((row) => Object.values(row).map(String)))
    }
    return execute(query, ...rest)
  }
  try {
    await listUsers(db, 'd', { filter: parseFilter(filter, userType), count: 10 })
  } finally {
    db.executeQuery = execute
  }
  return plans.join('\n')
}
