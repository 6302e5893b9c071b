import { beforeEach, describe, expect, it, jest } from '@jest/globals'
import {
  addGroup,
  addUser,
  expectError,
  onEachEngine,
  query,
  SEARCH_REQUEST,
  type Answer,
  type Body,
  type Client,
} from './stage.ts'

onEachEngine((stage) => {
  let client: Client
  beforeEach(async () => {
    client = await stage().open()
    for (let i = 1; i <= 7; i += 1) await addUser(client, `u${i}`, { title: i % 2 ? 'odd' : 'even' })
  })

  type Parameters = Record<string, string | number>
  const page = (parameters: Parameters) => client(`GET /Users${query(parameters)}`)
  const namesIn = ({ Resources }: Body) => Resources.map(({ userName }) => String(userName))
  const first = async (parameters: Parameters = {}): Promise<string> => {
    const { json } = await page({ count: 2, cursor: '', ...parameters })
    expect(json.nextCursor).toBeDefined()
    return json.nextCursor ?? ''
  }
  /** The pages from a cursor to the end; `between` happens after each. */
  const walk = async (parameters: Parameters, between = async (_page: number) => {}): Promise<string[][]> => {
    const pages: string[][] = []
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const { json } = await page({ ...parameters, cursor })
      pages.push(namesIn(json))
      cursor = json.nextCursor
      await between(pages.length)
    }
    return pages
  }

  describe('a cursor (RFC 9865)', () => {
    it('leads from page to page, and is absent on the last alone', async () => {
      expect(await walk({ count: 3 })).toEqual([['u1', 'u2', 'u3'], ['u4', 'u5', 'u6'], ['u7']])
      expect(await walk({ count: 7 })).toEqual([['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7']])
      expect(await walk({ count: 2, filter: 'title eq "odd"' })).toEqual([
        ['u1', 'u3'],
        ['u5', 'u7'],
      ])
      expect(await walk({ count: 5, filter: 'title eq "none"' })).toEqual([[]])
    })

    it('comes with a list that has a total and no index', async () => {
      const { json } = await page({ count: 2, cursor: '' })
      expect(json).toMatchObject({ totalResults: 7, itemsPerPage: 2 })
      expect(Object.keys(json)).toEqual([
        'schemas',
        'totalResults',
        'itemsPerPage',
        'nextCursor',
        'Resources',
      ])
      expect((await client('GET /Users?count=2&cursor')).json).toMatchObject({
        nextCursor: expect.anything(),
      })
    })

    it('is not made where nobody asks for it', async () => {
      expect((await page({ count: 2 })).json).toMatchObject({ startIndex: 1 })
      expect((await page({ count: 2 })).json).not.toHaveProperty('nextCursor')
    })

    it.each([-3, 0])('counts alone with a count of %i', async (count) => {
      const { json } = await page({ count, cursor: '' })
      expect(json).toMatchObject({ totalResults: 7, itemsPerPage: 0, Resources: [] })
      expect(json).not.toHaveProperty('nextCursor')
    })

    it('is written in unreserved characters and tells nothing', async () => {
      const cursor = await first({ sortBy: 'userName' })
      expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/)
      expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/u2|seq|count/)
    })

    it('loses and repeats nothing while rows come and go', async () => {
      const ids = new Map((await page({})).json.Resources.map(({ id, userName }) => [String(userName), id]))
      for (const sortBy of ['', 'userName']) {
        const gone = sortBy === '' ? ['u1', 'u2', 'u5'] : ['u3', 'u4', 'u7']
        const pages = await walk({ count: 2, ...(sortBy && { sortBy }) }, async (done) => {
          if (done > 1) return
          for (const name of gone) await client(`DELETE /Users/${ids.get(name)}`)
          await addUser(client, `v${sortBy}`)
        })
        const seen = pages.flat()
        expect(new Set(seen).size).toBe(seen.length)
        const expected =
          sortBy === '' ? ['u1', 'u2', 'u3', 'u4', 'u6', 'u7', 'v'] : ['u3', 'u4', 'u6', 'v', 'vuserName']
        expect(seen).toEqual(expected)
      }
    })

    it('goes on with the pages as large as they were', async () => {
      const cursor = await first({ count: 2 })
      expect(namesIn((await page({ cursor, count: 2 })).json)).toEqual(['u3', 'u4'])
      expect(namesIn((await page({ cursor })).json)).toEqual(['u3', 'u4'])
      expectError(await page({ cursor, count: 3 }), 400, 'invalidCount')
    })

    it('caps a count that is too large', async () => {
      expect(await walk({ count: 5000 })).toHaveLength(1)
    })

    it.each([
      ['a word', () => 'nothing'],
      [
        'one letter changed in front',
        (cursor: string) => (cursor.startsWith('A') ? 'B' : 'A') + cursor.slice(1),
      ],
      [
        'one letter changed at the end',
        (cursor: string) => cursor.slice(0, -1) + (cursor.endsWith('A') ? 'B' : 'A'),
      ],
      ['the other bits of its last letter', (cursor: string) => `${cursor.slice(0, -1)}${last(cursor)}`],
      ['cut', (cursor: string) => cursor.slice(0, -4)],
      ['longer', (cursor: string) => `${cursor}AAAA`],
      ['padded', (cursor: string) => `${cursor}=`],
      ['very long', () => 'A'.repeat(20_000)],
    ])('is refused when it is %s', async (_what, change) => {
      const cursor = await first()
      expectError(await page({ count: 2, cursor: change(cursor) }), 400, 'invalidCursor')
    })

    it.each<Parameters>([
      { filter: 'title pr' },
      { sortBy: 'title' },
      { sortBy: 'userName', sortOrder: 'descending' },
      { attributes: 'userName' },
      { excludedAttributes: 'groups' },
    ])('is refused with another query: %j', async (changed) => {
      const query: Parameters = { sortBy: 'userName' }
      const cursor = await first(query)
      expect((await page({ ...query, cursor })).status).toBe(200)
      expectError(await page({ ...query, ...changed, cursor }), 400, 'invalidCursor')
      expectError(await client(`GET /Groups?cursor=${cursor}`), 400, 'invalidCursor')
      expectError(await client(`GET /?cursor=${cursor}`), 400, 'invalidCursor')
    })

    it('TEN-04 of another directory is refused like one that nobody made', async () => {
      const cursor = await first()
      const stranger = await stage().open()
      const answer = await stranger(`GET /Users?count=2&cursor=${cursor}`)
      expectError(answer, 400, 'invalidCursor')
    })

    it('runs out', async () => {
      const cursor = await first()
      const { ctx } = stage().server
      const now = Date.parse(ctx.now())
      const clock = jest.spyOn(ctx, 'now')
      try {
        const { pagination } = (await client('GET /ServiceProviderConfig')).json as unknown as {
          pagination: { cursorTimeout: number }
        }
        const later = (seconds: number) => () => new Date(now + seconds * 1000).toISOString()
        clock.mockImplementation(later(pagination.cursorTimeout - 5))
        expect((await page({ cursor })).status).toBe(200)
        clock.mockImplementation(later(pagination.cursorTimeout + 5))
        expectError(await page({ cursor }), 400, 'expiredCursor')
      } finally {
        clock.mockRestore()
      }
    })

    it('cannot stand beside `startIndex`', async () => {
      expectError(await page({ cursor: '', startIndex: 1 }), 400, 'invalidValue')
    })

    it('may stand in the body of a search', async () => {
      const search = (cursor: string) =>
        client('POST /Users/.search', { body: { schemas: [SEARCH_REQUEST], count: 4, cursor } })
      const { json } = await search('')
      expect(namesIn(json)).toEqual(['u1', 'u2', 'u3', 'u4'])
      expect(namesIn((await search(json.nextCursor ?? '')).json)).toEqual(['u5', 'u6', 'u7'])
      expect(namesIn((await page({ count: 4, cursor: json.nextCursor ?? '' })).json)).toEqual([
        'u5',
        'u6',
        'u7',
      ])
    })

    it('leads through users and groups together', async () => {
      await addGroup(client, 'g1')
      await addGroup(client, 'u4a')
      const all = async (parameters: Parameters): Promise<unknown[]> => {
        const seen: unknown[] = []
        for (let cursor: string | undefined = ''; cursor !== undefined;) {
          const { json }: Answer = await client(`GET /${query({ ...parameters, count: 4, cursor })}`)
          expect(json.totalResults).toBe(9)
          seen.push(...json.Resources.map((one) => one['userName'] ?? one['displayName']))
          cursor = json.nextCursor
        }
        return seen
      }
      const users = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7']
      expect(await all({})).toEqual([...users, 'g1', 'u4a'])
      expect(await all({ sortBy: 'displayName' })).toEqual(['g1', 'u4a', ...users])
      expect(await all({ sortBy: 'userName', sortOrder: 'descending' })).toEqual([
        'g1',
        'u4a',
        ...users.toReversed(),
      ])
      expect(await all({ sortBy: 'meta.resourceType' })).toEqual(['g1', 'u4a', ...users])
    })
  })
})

/** The letter whose first four bits are those of a text's last one, and no more. */
function last(text: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const index = letters.indexOf(text.at(-1) ?? '')
  return letters[text.length % 4 === 0 ? (index + 1) % 64 : index ^ 1] ?? ''
}
