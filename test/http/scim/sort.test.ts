import { beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compareText } from '../../../src/scim/resource/prepare.ts'
import { fold } from '../../../src/scim/fold.ts'
import { compareBy, parseSort } from '../../../src/scim/sort.ts'
import { createRegistry, schema } from '../../../schemas/registry.ts'
import { administer } from '../../support/admin.ts'
import {
  addGroup,
  addUser,
  ENTERPRISE,
  expectError,
  onEachEngine,
  query,
  type Answer,
  type Client,
} from './stage.ts'

const EXTENSION = 'urn:example:sort:2.0:User'

const attributes = [
  { name: 'level', type: 'integer' },
  { name: 'ratio', type: 'decimal' },
  { name: 'remote', type: 'boolean' },
  { name: 'since', type: 'dateTime' },
  { name: 'tags', type: 'string', multiValued: true },
] as const

const people: readonly object[] = [
  { userName: 'b', title: 'Zed', name: { familyName: 'Ångström' } },
  { userName: 'A', title: 'alpha', externalId: 'z', [EXTENSION]: { level: 10, ratio: 2.5, remote: true } },
  { userName: 'C', title: 'ALPHA', externalId: 'Z', [EXTENSION]: { level: 9, ratio: -1e3, remote: false } },
  { userName: 'ä', emails: [{ value: 'M@x.org' }, { value: 'a@x.org', primary: true }] },
  { userName: 'é', emails: [{ value: 'b@x.org' }, { value: 'a@x.org' }] },
  { userName: 'z', title: 'äther', [EXTENSION]: { since: '2020-01-01T01:00:00+02:00', tags: ['y', 'b'] } },
  { userName: '😀', title: '\uFB01n', [EXTENSION]: { since: '2020-01-01T00:00:00Z', tags: ['X'] } },
  { userName: '\uFF5E', title: '', [ENTERPRISE]: { manager: { value: 'q' } }, active: false },
]

/** What people are sorted by, and who follows whom; who has no value is left out. */
const ORDERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  userName: [['A'], ['b'], ['C'], ['z'], ['\uFF5E'], ['ä'], ['é'], ['😀']],
  title: [['A', 'C'], ['😀'], ['b'], ['z']],
  TITLE: [['A', 'C'], ['😀'], ['b'], ['z']],
  externalId: [['C'], ['A']],
  emails: [['ä'], ['é']],
  'emails.value': [['ä'], ['é']],
  'name.familyName': [['b']],
  active: [['\uFF5E'], ['b', 'A', 'C', 'ä', 'é', 'z', '😀']],
  [`${EXTENSION}:level`]: [['C'], ['A']],
  [`${EXTENSION}:ratio`]: [['C'], ['A']],
  [`${EXTENSION}:remote`]: [['C'], ['A']],
  [`${EXTENSION}:since`]: [['z'], ['😀']],
  [`${EXTENSION}:tags`]: [['😀'], ['z']],
  [`${ENTERPRISE}:manager`]: [['\uFF5E']],
  'groups.display': [['b'], ['A', 'C']],
  'meta.resourceType': [['b', 'A', 'C', 'ä', 'é', 'z', '😀', '\uFF5E']],
}

onEachEngine((stage) => {
  let client: Client
  beforeAll(async () => {
    await administer(stage().server, 'POST', '/apply', {
      extensions: [
        {
          urn: EXTENSION,
          attributes,
        },
      ],
    })
    client = await stage().open()
    const ids: Record<string, string> = {}
    for (const each of people) {
      const { userName, ...more } = each as { userName: string }
      ids[userName] = await addUser(client, userName, more)
    }
    await addGroup(client, 'Beta', [ids['A'] ?? '', ids['C'] ?? ''])
    await addGroup(client, 'alpha', [ids['b'] ?? ''])
  })

  const inOrder = async (parameters: Record<string, string | number>): Promise<unknown[]> => {
    const answer = await client(`GET /Users${query(parameters)}`)
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: answer.text })
    return answer.json.Resources.map(({ userName }) => userName)
  }
  const created = people.map((each) => (each as { userName: string }).userName)

  describe('a sorted list', () => {
    it.each(Object.entries(ORDERS))('SRT-01 SRT-02 SRT-04 is in the order of %s', async (sortBy, groups) => {
      const present = groups.flat()
      // SRT-05: who has the same value, or none, stands in the order of creation.
      const absent = created.filter((name) => !present.includes(name))
      const down = groups.toReversed().flat()
      expect(await inOrder({ sortBy })).toEqual([...present, ...absent])
      expect(await inOrder({ sortBy, sortOrder: 'ascending' })).toEqual([...present, ...absent])
      expect(await inOrder({ sortBy, sortOrder: 'descending' })).toEqual([...absent, ...down])
    })

    it.each(
      Object.keys(ORDERS).flatMap((sortBy) => ['ascending', 'descending'].map((order) => [sortBy, order])),
    )('PAG-08 SRT-05 is the same page by page: %s %s', async (sortBy = '', sortOrder = '') => {
      const whole = await inOrder({ sortBy, sortOrder })
      const byIndex: unknown[] = []
      for (let startIndex = 1; startIndex <= whole.length; startIndex += 3) {
        byIndex.push(...(await inOrder({ sortBy, sortOrder, startIndex, count: 3 })))
      }
      expect(byIndex).toEqual(whole)
      const byCursor: unknown[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const answer: Answer = await client(`GET /Users${query({ sortBy, sortOrder, count: 3, cursor })}`)
        byCursor.push(...answer.json.Resources.map(({ userName }) => userName))
        expect(answer.json.totalResults).toBe(whole.length)
        cursor = answer.json.nextCursor
      }
      expect(byCursor).toEqual(whole)
    })

    it.each(Object.keys(ORDERS))('SRT-04 SRT-05 is in the order that memory has for %s', async (sortBy) => {
      const extension = schema({ id: EXTENSION, name: 'Sorted', description: '', attributes })
      const type = createRegistry([extension]).resourceType('User')
      const all = (await client('GET /Users')).json.Resources
      for (const sortOrder of ['ascending', 'descending']) {
        const sort = parseSort({ sortBy, sortOrder }, type)
        if (sort === undefined) throw new Error(`${sortBy} is no order`)
        const compare = compareBy(sort)
        const sorted = all.toSorted((one, other) => compare(one as never, other as never))
        expect(await inOrder({ sortBy, sortOrder })).toEqual(sorted.map(({ userName }) => userName))
      }
    })

    it('SRT-01 holds matches alone', async () => {
      expect(await inOrder({ sortBy: 'userName', sortOrder: 'descending', filter: 'title pr' })).toEqual([
        '😀',
        'z',
        'C',
        'b',
        'A',
      ])
    })

    it('SRT-01 may hold groups', async () => {
      const names = async (parameters: Record<string, string>) =>
        (await client(`GET /Groups${query(parameters)}`)).json.Resources.map(({ displayName }) => displayName)
      expect(await names({ sortBy: 'displayName' })).toEqual(['alpha', 'Beta'])
      expect(await names({ sortBy: 'meta.created', sortOrder: 'descending' })).toEqual(['alpha', 'Beta'])
      expect(await names({ sortBy: 'members.type' })).toEqual(['Beta', 'alpha'])
      expect(await names({ sortBy: 'members.display', filter: 'displayName sw "a"' })).toEqual(['alpha'])
    })

    it.each([
      [{ sortBy: 'title', sortOrder: 'up' }, 'invalidValue'],
      [{ sortBy: 'title', sortOrder: 'DESCENDING' }, 'invalidValue'],
      [{ sortBy: 'title', sortOrder: '' }, 'invalidValue'],
      [{ sortBy: 'nothing' }, 'invalidPath'],
      [{ sortBy: '__proto__' }, 'invalidPath'],
      [{ sortBy: "title' --" }, 'invalidPath'],
      [{ sortBy: 'name' }, 'invalidValue'],
      [{ sortBy: 'password' }, 'invalidValue'],
      [{ sortBy: 'meta.location' }, 'invalidValue'],
      [{ sortBy: 'meta.version' }, 'invalidValue'],
      [{ sortBy: 'groups.$ref' }, 'invalidValue'],
    ])('SRT-03 FLT-25 is refused with %j', async (parameters, scimType) => {
      expectError(await client(`GET /Users${query(parameters)}`), 400, scimType)
    })
  })

  it('SRT-04 compares any texts by their prepared form, code point by code point', async () => {
    const texts = fc.sample(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }), {
      numRuns: 60,
      seed: 7,
    })
    const titles = texts.filter((text) => fold(text).trim() !== '')
    const other = await stage().open()
    for (const [index, title] of titles.entries()) await addUser(other, `u${index}`, { title })
    const answer = await other(`GET /Users${query({ sortBy: 'title', count: 1000 })}`)
    const stored = answer.json.Resources.map(({ title }) => fold(String(title)))
    expect(stored).toHaveLength(titles.length)
    expect(stored).toEqual(stored.toSorted(compareText))
  })
})
