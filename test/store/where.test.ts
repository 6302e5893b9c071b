import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { ResourceType } from '../../schemas/definition.ts'
import { evaluate } from '../../src/scim/filter/evaluate.ts'
import type { Filter } from '../../src/scim/filter/filter.ts'
import { parseFilter } from '../../src/scim/filter/parse.ts'
import type { Resource, Value } from '../../src/scim/resource/resource.ts'
import { listGroups, listUsers } from '../../src/store/list.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { addDirectory, addGroup, addUser, groupType, NOW, userType } from './support.ts'

// Few texts, so that they often meet; with case, wildcards of LIKE, and letters that only some engines fold or order.
const TEXTS = [
  'a',
  'A',
  'ab',
  'b%',
  'B_',
  'é',
  'É',
  'straße',
  'Zoë',
  '\u{1F600}',
  '\uFF21',
  '\uE000',
  '0',
  '10',
  "o'k",
  'a"b\\c',
]
const DATES = [
  '2025-12-31T23:59:59Z',
  '2026-01-01T00:59:59+01:00',
  '2026-01-02T03:04:05.678Z',
  '2026-06-01T00:00:00.5Z',
]
const NUMBERS = [-1, 0, 1, 2.5, 10, 1e21]

const text = fc.constantFrom(...TEXTS)
const date = fc.constantFrom(...DATES)
const integer = fc.constantFrom(-1, 0, 1, 10)
const decimal = fc.constantFrom(...NUMBERS)

// A resource holds no empty complex values: what is unassigned is absent.
const email = fc
  .record({ value: text, type: text, primary: fc.boolean() }, { requiredKeys: [] })
  .filter((each) => Object.keys(each).length > 0)
const user = fc.record(
  {
    externalId: text,
    displayName: text,
    title: text,
    active: fc.boolean(),
    name: fc.record({ givenName: text, familyName: text }, { requiredKeys: [] }),
    emails: fc.array(email, { maxLength: 3 }),
    'urn:example:2.0:User': fc.record(
      {
        dbRole: text,
        exact: text,
        level: integer,
        ratio: decimal,
        remote: fc.boolean(),
        since: date,
        tags: fc.array(text, { maxLength: 3 }),
        scores: fc.array(integer, { maxLength: 3 }),
        desk: text,
        room: decimal,
        codes: fc.array(decimal, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

const EXT = 'urn:example:2.0:User'
const USER_PATHS: Readonly<Record<string, readonly string[]>> = {
  text: [
    'id',
    'userName',
    'externalId',
    'displayName',
    'title',
    'name.givenName',
    'name.familyName',
    'emails.value',
    'emails.type',
    'emails',
    'groups.value',
    'groups.display',
    'groups.type',
    'groups',
    'schemas',
    'meta.resourceType',
    `${EXT}:dbRole`,
    `${EXT}:exact`,
    `${EXT}:tags`,
    `${EXT}:desk`,
  ],
  number: ['level', 'ratio', 'scores', 'room', 'codes'].map((name) => `${EXT}:${name}`),
  flag: ['active', 'emails.primary', `${EXT}:remote`],
  date: ['meta.created', 'meta.lastModified', `${EXT}:since`],
  complex: ['name', 'meta', EXT + ':tags'],
}
const EMAIL_PATHS = { text: ['value', 'type'], number: [], flag: ['primary'], date: [], complex: [] }
const GROUP_PATHS: typeof USER_PATHS = {
  text: [
    'id',
    'displayName',
    'externalId',
    'members',
    'members.value',
    'members.display',
    'members.type',
    'meta.resourceType',
  ],
  number: [],
  flag: [],
  date: ['meta.created'],
  complex: ['meta'],
}
const MEMBER_PATHS = { text: ['value', 'display', 'type'], number: [], flag: [], date: [], complex: [] }

/** Filter texts over paths, up to a depth. */
function filterText(paths: typeof USER_PATHS, elements: readonly string[] = []): fc.Arbitrary<string> {
  const ids = [
    ...TEXTS,
    ...Array.from({ length: 6 }, (_, i) => `u${i}`),
    'g0',
    'g1',
    'direct',
    'User',
    'Group',
    'W/"1"',
  ]
  const quoted = fc.constantFrom(...ids).map((value) => JSON.stringify(value))
  const leaf = (names: readonly string[], ops: readonly string[], value: fc.Arbitrary<string>) =>
    names.length === 0
      ? []
      : [fc.tuple(fc.constantFrom(...names), fc.constantFrom(...ops), value).map((parts) => parts.join(' '))]
  const leaves = fc.oneof(
    ...leaf(paths['text'] ?? [], ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'eq'], quoted),
    ...leaf(paths['number'] ?? [], ['eq', 'ne', 'gt', 'ge', 'lt', 'le'], decimal.map(String)),
    ...leaf(paths['flag'] ?? [], ['eq', 'ne'], fc.boolean().map(String)),
    ...leaf(
      paths['date'] ?? [],
      ['eq', 'ne', 'gt', 'ge', 'lt', 'le'],
      date.map((value) => `"${value}"`),
    ),
    fc.constantFrom(...Object.values(paths).flat()).map((name) => `${name} pr`),
    ...elements.map((each) =>
      filterText(each === 'emails' ? EMAIL_PATHS : MEMBER_PATHS).map((inner) => `${each}[${inner}]`),
    ),
  )
  return fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaves,
      tie('filter').map((inner) => `not (${inner})`),
      fc.tuple(tie('filter'), tie('filter')).map(([a, b]) => `(${a}) and (${b})`),
      fc.tuple(tie('filter'), tie('filter')).map(([a, b]) => `(${a}) or (${b})`),
    ),
  })).filter
}

const meta = (resourceType: string): Value => ({
  resourceType,
  created: NOW,
  lastModified: NOW,
  version: 'W/"1"',
})

describe.each(engines)('a filter on %s', (engineName) => {
  let test: TestEngine
  let directories = 0
  beforeAll(async () => {
    test = await openTestEngine(engineName)
  })
  afterAll(() => test.drop())

  /** Puts users and groups in a directory of their own, and returns what a client would see of them. */
  async function populate(resources: readonly Resource[]) {
    directories += 1
    const prefix = `d${directories}-`
    const id = (short: string) => prefix + short
    const directory = `d${directories}`
    const groups: Resource[] = []
    await test.engine.write(async (db) => {
      await addDirectory(db, directory)
      for (const [i, resource] of resources.entries()) {
        await addUser(db, directory, id(`u${i}`), { ...resource, userName: `${TEXTS[i % 5]}${i}` })
      }
      for (const [i, displayName] of ['A', 'é'].entries()) {
        const members = resources.flatMap((_, n) => (n % (i + 2) === 0 ? [id(`u${n}`)] : []))
        if (i === 1) members.push(id('g0'))
        await addGroup(db, directory, id(`g${i}`), members, { displayName })
        groups.push({ id: id(`g${i}`), displayName, members, meta: meta('Group') })
      }
    })
    const users = resources.map((resource, i): Resource => ({
      ...resource,
      id: id(`u${i}`),
      userName: `${TEXTS[i % 5]}${i}`,
      meta: meta('User'),
      groups: groups.flatMap((group) =>
        (group['members'] as string[]).includes(id(`u${i}`))
          ? [{ value: group['id'] as Value, display: group['displayName'] as Value, type: 'direct' }]
          : [],
      ),
    }))
    const displayOf = (memberId: string): Value => {
      const member = users.find((each) => each['id'] === memberId)
      return (member ? (member['displayName'] ?? member['userName']) : 'A') as Value
    }
    const seen = groups.map((group) => ({
      ...group,
      members: (group['members'] as string[]).map((value) => ({
        value,
        type: value.includes('-g') ? 'Group' : 'User',
        display: displayOf(value),
      })),
    }))
    return { directory, prefix, users, groups: seen }
  }

  const found = (resources: readonly Resource[], filter: Filter) =>
    resources.filter((resource) => evaluate(filter, resource)).map((resource) => resource['id'])

  /** Ids in a filter are written short. */
  const parse = (filter: string, prefix: string, type: ResourceType) =>
    parseFilter(filter.replaceAll(/"([ug]\d)"/g, `"${prefix}$1"`), type)

  it('FLT-05 FLT-06 FLT-08 FLT-10 FLT-11 FLT-14 FLT-24 selects the users that it selects in memory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(user, { minLength: 4, maxLength: 8 }),
        fc.array(filterText(USER_PATHS, ['emails']), { minLength: 20, maxLength: 40 }),
        async (resources, filters) => {
          const { directory, prefix, users } = await populate(resources)
          for (const each of filters) {
            const filter = parse(each, prefix, userType)
            const page = await listUsers(test.engine.read, directory, { filter, count: 100 })
            expect({ each, ids: page.resources.map(({ id }) => id) }).toEqual({
              each,
              ids: found(users, filter),
            })
            expect(page.total).toBe(page.resources.length)
          }
        },
      ),
      { numRuns: 20 },
    )
  })

  it('FLT-05 FLT-11 FLT-14 selects the groups that it selects in memory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(user, { minLength: 1, maxLength: 6 }),
        fc.array(filterText(GROUP_PATHS, ['members']), { minLength: 20, maxLength: 40 }),
        async (resources, filters) => {
          const { directory, prefix, groups } = await populate(resources)
          for (const each of filters) {
            const filter = parse(each, prefix, groupType)
            const page = await listGroups(test.engine.read, directory, { filter, count: 100 })
            expect({ each, ids: page.resources.map(({ id }) => id) }).toEqual({
              each,
              ids: found(groups, filter),
            })
          }
        },
      ),
      { numRuns: 20 },
    )
  })

  it('finds nothing in values of another type than the attribute has', async () => {
    const wrong = {
      dbRole: 3,
      exact: true,
      level: 'none',
      ratio: '5',
      remote: 1,
      since: 'none',
      tags: [3, 4],
      scores: ['none', '5'],
      desk: 3,
      room: '5',
      codes: ['none', '5'],
    }
    const { directory, prefix, users } = await populate([
      { [EXT]: wrong },
      { [EXT]: { ...wrong, level: true, ratio: false, remote: 'true', since: 7, scores: 'none' } },
      {
        [EXT]: { ...wrong, level: ['9'], remote: [true], dbRole: ['a'], since: ['2026-01-01T00:00:00.000Z'] },
      },
    ])
    const number = ['eq 0', 'eq 5', 'ge 0', 'gt 3', 'le 9', 'lt 99', 'pr']
    const word = ['eq "3"', 'co "3"', 'co "t"', 'sw "a"', 'ew "e"', 'gt "0"', 'pr']
    const filters = {
      level: number,
      ratio: number,
      scores: number,
      room: number,
      codes: number,
      desk: word,
      dbRole: word,
      exact: word,
      tags: word,
      remote: ['eq true', 'eq false', 'pr'],
      since: ['gt "2001-01-01T00:00:00Z"', 'lt "2099-01-01T00:00:00Z"', 'pr'],
    }
    for (const [name, conditions] of Object.entries(filters)) {
      for (const text of conditions) {
        const filter = parse(`${EXT}:${name} ${text}`, prefix, userType)
        const page = await listUsers(test.engine.read, directory, { filter, count: 100 })
        const ids = page.resources.map(({ id }) => id)
        expect({ name, text, ids, inMemory: found(users, filter) }).toEqual({
          name,
          text,
          ids: [],
          inMemory: [],
        })
      }
    }
  })

  it.each(['meta.location eq "x"', 'groups.$ref eq "x"', 'meta.version eq "W/\\"1\\""'])(
    'that asks for what no row can tell is refused: %s',
    async (each) => {
      const filter = parseFilter(each, userType)
      await expect(listUsers(test.engine.read, 'd1', { filter, count: 1 })).rejects.toMatchObject({
        scimType: 'invalidFilter',
      })
    },
  )
})
