import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { createRegistry } from '../../schemas/registry.ts'
import { instant } from '../../src/scim/date-time.ts'
import { parseFilter } from '../../src/scim/filter/parse.ts'
import { parseAttrPath } from '../../src/scim/path/parse.ts'
import { splitValuePath } from '../../src/scim/path/value-path.ts'
import { administer } from '../support/admin.ts'
import { send } from '../support/wire.ts'
import {
  ask,
  enterprise,
  expectNothingChanged,
  expectScimError,
  fill,
  json,
  onEachEngine,
  patchOp,
  user,
} from '../http/wrong-requests/stage.ts'

onEachEngine((stage) => {
  const filter = (text: string, endpoint = '/Users') =>
    ask({ send: `GET ${endpoint}?filter=${encodeURIComponent(text)}`, status: 0 })
  const create = (more: object) =>
    ask({ send: 'POST /Users', body: { schemas: [user], userName: 'new@example.com', ...more }, status: 0 })
  /** Takes a user away that a test has made. */
  const remove = async (answer: { json: unknown }): Promise<void> => {
    const { id } = answer.json as { id: string }
    expect((await ask({ send: `DELETE /Users/${id}`, status: 0 })).status).toBe(204)
    await expectNothingChanged()
  }

  it('C-PRO-02 no column of ours can be written from outside', async () => {
    const tables = new Set(['users', 'groups', 'tokens', 'directories', 'decisions', 'clients'])
    const described = await stage().server.ctx.engine.read.introspection.getTables()
    const columns = described.filter(({ name }) => tables.has(name)).flatMap((table) => table.columns)
    const names = [...columns.map(({ name }) => name), 'tenant_id', 'is_admin', 'isAdmin', 'password_hash']
    const internal = names.filter((name) => !/^(active|id)$/.test(name))
    const forged = Object.fromEntries(internal.map((name) => [name, 'forged']))
    const created = await create({
      ...forged,
      id: 'forged',
      [enterprise]: forged,
      name: forged,
      meta: forged,
    })
    expect(created.status).toBe(201)
    const { id } = created.json as { id: string }
    const patch = {
      schemas: [patchOp],
      Operations: [{ op: 'add', value: { ...forged, displayName: 'Patched' } }],
    }
    await ask({ send: `PATCH /Users/${id}`, body: patch, status: 0 })
    const read = await ask({ send: `GET /Users/${id}`, status: 200 })
    expect(read.text).not.toContain('forged')
    const rows = await stage()
      .server.ctx.engine.read.selectFrom('users')
      .selectAll()
      .where('id', '=', id)
      .execute()
    expect(JSON.stringify(rows)).not.toContain('forged')
    expect(rows).toMatchObject([{ directory_id: fill('{ours.directory}') }])
    await remove(created)
  })

  const bombs: Record<string, string> = {
    'brackets, 4000 deep': `${'('.repeat(4000)}userName pr${')'.repeat(4000)}`,
    'brackets that never close': '('.repeat(8000),
    '`not`, 1500 deep': `${'not ('.repeat(1500)}userName pr${')'.repeat(1500)}`,
    '8000 dotted names': `${'a.'.repeat(8000)}b pr`,
    'nested elements': `${'emails['.repeat(1000)}value pr${']'.repeat(1000)}`,
    '1500 alternatives': Array.from({ length: 1500 }, (_, i) => `id eq "${i}"`).join(' or '),
    '1500 conditions': Array.from({ length: 1500 }, () => 'id pr').join(' and '),
  }
  it.each(Object.entries(bombs))('C-FBM-01 a filter bomb of %s is refused quickly', async (_what, text) => {
    const answer = await filter(text)
    expect(answer.status).toBe(400)
    expectScimError(answer, 'invalidFilter')
    const type = createRegistry([]).resourceType('User')
    const from = performance.now()
    expect(() => parseFilter(text, type)).toThrow()
    expect(performance.now() - from).toBeLessThan(50)
  })

  it.each(Object.entries(bombs))('C-FBM-01 so is one in a path: %s', async (_what, text) => {
    const Operations = [{ op: 'replace', path: `emails[${text}].value`, value: 'x@example.com' }]
    const answer = await ask({
      send: 'PATCH /Users/{ours.ada}',
      body: { schemas: [patchOp], Operations },
      status: 0,
    })
    expect(answer.status).toBe(400)
    expectScimError(answer, expect.stringMatching(/^invalid(Filter|Path)$/))
    await expectNothingChanged()
  })

  it('C-FBM-02 what our own limits let through, both databases can do', async () => {
    const type = createRegistry([]).resourceType('User')
    const accepted = (make: (size: number) => string): number => {
      let size = 1
      for (const next of [2, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 500, 1000, 2000]) {
        try {
          parseFilter(make(next), type)
          size = next
        } catch {
          break
        }
      }
      return size
    }
    const shapes: ((size: number) => string)[] = [
      (n) => `${'('.repeat(n)}userName pr${')'.repeat(n)}`,
      (n) => `${'not ('.repeat(n)}userName pr${')'.repeat(n)}`,
      (n) => Array.from({ length: n }, (_, i) => `emails[value co "${i}" and type pr]`).join(' or '),
      (n) => Array.from({ length: n }, (_, i) => `emails.value ne "${i}"`).join(' and '),
      (n) => Array.from({ length: n }, (_, i) => `(title pr and not (title eq "${i}"))`).join(' or '),
    ]
    for (const make of shapes) {
      const size = accepted(make)
      const answer = await filter(make(size))
      expect([make(1), size, answer.status]).toEqual([make(1), size, 200])
    }
  })

  it('C-FBM-03 a page is bounded, whatever is asked for', async () => {
    for (const query of [
      'count=100000',
      'count=999999999999999',
      'startIndex=999999999&count=1',
      'count=0',
    ]) {
      const { status, json: body } = await ask({ send: `GET /Users?${query}`, status: 200 })
      expect([query, status]).toEqual([query, 200])
      expect((body as { Resources: object[] }).Resources.length).toBeLessThanOrEqual(1000)
    }
  })

  it('C-FBM-03 while one directory storms with expensive filters, the other is served', async () => {
    const storm = Array.from({ length: 300 }, () =>
      filter('emails.value co "a" or title pr or not (nickName pr)'),
    )
    const calm = Array.from({ length: 20 }, () =>
      ask({ send: 'GET /Users/{theirs.ada}', token: '{theirs}', status: 200 }),
    )
    const [stormy, served] = [await Promise.all(storm), await Promise.all(calm)]
    expect(served.map(({ status }) => status)).toEqual(served.map(() => 200))
    expect(stormy.filter(({ status }) => ![200, 429].includes(status))).toEqual([])
  })

  it('C-JSN-02 many small things are read or refused, and quickly', async () => {
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]))
    const created = await create(wide)
    expect([201, 400, 413]).toContain(created.status)
    if (created.status === 201) await remove(created)
    const emails = Array.from({ length: 100_000 }, (_, i) => ({ value: `${i}@example.com` }))
    const many = await create({ emails })
    expect([201, 400, 413]).toContain(many.status)
    if (many.status === 201) await remove(many)
    const members = Array.from({ length: 300_000 }, () => ({}))
    const group = await ask({
      send: 'POST /Groups',
      body: { schemas: [], displayName: 'New', members },
      status: 0,
    })
    expect([400, 413]).toContain(group.status)
    await expectNothingChanged()
  })

  const queries: [string, readonly number[]][] = [
    ['a[b][c]=x', [200]],
    ['filter[]=userName%20pr', [200]],
    ['filter[eq]=x&filter[]=y', [200]],
    ['count[]=5&startIndex[a]=7', [200]],
    ['__proto__[polluted]=1&constructor[prototype][polluted]=1', [200]],
    ['attributes=userName&attributes=emails', [400]],
    ['count=1&count=2', [400]],
    ['startIndex=1&startIndex=2', [400]],
    [Array.from({ length: 5000 }, (_, i) => `p${i}=${i}`).join('&'), [200, 400, 414, 431]],
    ['count=%', [200, 400]],
    ['&&&===&?', [200]],
  ]
  it.each(queries)('C-JSN-03 no list and no object comes out of the query %j', async (query, accepted) => {
    const answer = await ask({ send: `GET /Users?${query}`, status: 0 })
    expect(accepted).toContain(answer.status)
    if (answer.status === 400) expectScimError(answer, expect.any(String))
    if (answer.status === 200) expect(answer.json).toMatchObject({ totalResults: 2 })
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  const texts: [string, string, number][] = [
    ['four bytes a character', '𝒜𝒹𝒶😀', 201],
    ['right to left', '\u202Eada\u202C', 201],
    ['a byte order mark', '\uFEFFada', 201],
    ['letters of another script', 'аdа@example.com', 201],
    ['composed letters', 'Zo\u00EB', 201],
    ['decomposed letters', 'Zoe\u0308', 201],
    ['a line separator', 'a\u2028b', 201],
    ['U+0000', 'a\u0000b', 400],
    ['half a pair', 'a\uD800b', 400],
    ['one character too much', 'x'.repeat(100_000), 400],
  ]
  it.each(texts)(
    'C-JSN-04 a name of %s is answered alike by both databases',
    async (_what, userName, status) => {
      const answer = await create({ userName })
      expect([answer.status, answer.text.slice(0, 300)]).toEqual([status, answer.text.slice(0, 300)])
      if (status !== 201) return expectNothingChanged()
      expect(answer.json).toMatchObject({ userName })
      const found = await filter(`userName eq ${JSON.stringify(userName)}`)
      expect(found.json).toMatchObject({ totalResults: 1 })
      expect((await create({ userName: userName.toLowerCase().normalize('NFD') })).status).toBe(409)
      await remove(answer)
    },
  )

  const injections = [
    `' or '1'='1`,
    `" or "1"="1`,
    `'; drop table users; --`,
    `') union select hash from tokens --`,
    '\\',
    `\\' or 1=1 --`,
    '/* x */',
    '$1',
    '?',
    ':directory',
    '%',
    '_',
    `x'41'`,
    `$$; drop table users $$`,
  ]
  it.each(injections)('C-SQL-01 the text %j is a value and nothing else', async (text) => {
    const quoted = JSON.stringify(text)
    const asked: string[] = []
    const executor = stage().server.ctx.engine.read.getExecutor()
    const transform = executor.compileQuery
    executor.compileQuery = function noting(...parameters) {
      const compiled = transform.apply(executor, parameters)
      asked.push(compiled.sql)
      return compiled as never
    }
    try {
      for (const attribute of [
        'userName',
        'displayName',
        'emails.value',
        `${enterprise}:department`,
        'externalId',
        'id',
      ])
        for (const op of ['eq', 'co', 'sw', 'ew']) {
          const answer = await filter(`${attribute} ${op} ${quoted}`)
          expect([answer.status, (answer.json as { totalResults: number }).totalResults]).toEqual([
            200,
            found(attribute, op, text),
          ])
        }
      expect((await filter(`members.value eq ${quoted}`, '/Groups')).json).toMatchObject({ totalResults: 0 })
      const place = encodeURIComponent(text)
      for (const line of [`GET /Users/${place}`, `DELETE /Users/${place}`, `GET /Groups/${place}`])
        expect([404, 400]).toContain((await ask({ send: line, status: 0 })).status)
      for (const query of [
        'sortBy',
        'sortOrder',
        'attributes',
        'excludedAttributes',
        'cursor',
        'startIndex',
        'filter',
      ])
        expect([200, 400]).toContain((await ask({ send: `GET /Users?${query}=${place}`, status: 0 })).status)
      for (const at of ['directories?search', 'tokens?search', 'tokens?cursor', 'directories?cursor']) {
        const headers = { Authorization: `Bearer ${stage().server.adminToken}` }
        const { status } = await send(stage().server.url, {
          method: 'GET',
          path: `/api/v1/${at}=${place}`,
          headers,
        })
        expect([200, 400, 404]).toContain(status)
      }
    } finally {
      executor.compileQuery = transform
    }
    const stored = await create({ userName: `${text}@example.com`, externalId: text, displayName: text })
    expect(stored.json).toMatchObject({ userName: `${text}@example.com`, externalId: text })
    await remove(stored)
    expect(asked.length).toBeGreaterThan(0)
    if (text.length > 4) expect(asked.filter((sql) => sql.includes(text))).toEqual([])
  })

  it('C-BLK-01 a hostile bulk does nothing', async () => {
    const bulk = (Operations: readonly object[], more: object = {}) =>
      ask({
        send: 'POST /Bulk',
        body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations, ...more },
        status: 0,
      })
    const config = await ask({ send: 'GET /ServiceProviderConfig', status: 200 })
    const offer = (config.json as { bulk: { supported: boolean; maxOperations: number } }).bulk
    const remove = { method: 'DELETE', path: '/Users/{theirs.ada}' }
    if (!offer.supported) return expect((await bulk([remove])).status).toBe(404)

    const groups = Math.min(1000, offer.maxOperations)
    const circle = Array.from({ length: groups }, (_, i) => ({
      method: 'POST',
      path: '/Groups',
      bulkId: `g${i}`,
      data: { schemas: [], displayName: `g${i}`, members: [{ value: `bulkId:g${(i + 1) % groups}` }] },
    }))
    expect((await bulk(Array.from({ length: offer.maxOperations + 1 }, () => remove))).status).toBe(413)
    for (const path of [
      '/Bulk',
      '/../api/v1/tokens',
      'https://example.com/Users',
      '/Users/{theirs.ada}',
      '//Users',
      '',
    ])
      for (const method of ['DELETE', 'PATCH', 'POST']) {
        const answer = await bulk([{ method, path, bulkId: 'x', data: {} }])
        expect([200, 400]).toContain(answer.status)
        if (answer.status !== 200) continue
        const [operation] = (answer.json as { Operations: { status: string }[] }).Operations
        expect(operation?.status).toMatch(/^4\d\d$/)
      }
    const twice = { method: 'POST', path: '/Users', bulkId: 'same', data: { schemas: [user], userName: '' } }
    expect([200, 400]).toContain((await bulk([twice, twice])).status)
    const answer = await bulk(circle)
    expect([200, 409, 413]).toContain(answer.status)
    for (const { name } of await groupsNamed('g')) expect(name).not.toContain('bulkId:')
    await administer(stage().server, 'GET', '/status')

    async function groupsNamed(prefix: string): Promise<{ id: string; name: string }[]> {
      const { json: list } = await ask({
        send: `GET /Groups?filter=displayName%20sw%20%22${prefix}%22`,
        status: 200,
      })
      const groups = (list as { Resources: { id: string }[] }).Resources
      return groups.map((group) => ({ id: group.id, name: JSON.stringify(group) }))
    }
  })

  it('C-JSN-02 a body that grows in silence is cut off at its limit', async () => {
    const body = Buffer.alloc(17 * 1024 ** 2, '[')
    const answer = await ask({ send: 'POST /Users', body, headers: json, status: 413 })
    expect(answer.status).toBe(413)
    expectScimError(answer)
  })
})

/** How many of Ada and Ben a comparison with an injected text finds. */
function found(attribute: string, op: string, text: string): number {
  if (attribute !== 'userName' && attribute !== 'emails.value') return 0
  const people = ['ada@example.com', 'ben@example.com']
  const holds: Record<string, (one: string) => boolean> = {
    eq: (one) => one === text,
    co: (one) => one.includes(text),
    sw: (one) => one.startsWith(text),
    ew: (one) => one.endsWith(text),
  }
  return people.filter(holds[op] ?? (() => false)).length
}

describe('text that is read', () => {
  const type = createRegistry([]).resourceType('User')
  const quietly = (read: () => unknown): void => {
    try {
      read()
    } catch {
      // What is wrong with it does not matter here.
    }
  }
  const readers: [string, (size: number) => string, (text: string) => unknown][] = [
    ['a filter of blanks', (n) => `userName${' '.repeat(n)}eq`, (text) => parseFilter(text, type)],
    ['a filter of quotes', (n) => `userName eq "${'\\"'.repeat(n)}`, (text) => parseFilter(text, type)],
    ['a filter of letters', (n) => `${'a'.repeat(n)}!`, (text) => parseFilter(text, type)],
    ['a filter of digits', (n) => `userName eq ${'1'.repeat(n)}e`, (text) => parseFilter(text, type)],
    ['a path of dots', (n) => `${'.'.repeat(n)}x`, (text) => parseAttrPath(text, type)],
    ['a path of colons', (n) => `urn${':a'.repeat(n)}!`, (text) => parseAttrPath(text, type)],
    ['a path of versions', (n) => `urn:${'2.0:'.repeat(n)}!`, (text) => parseAttrPath(text, type)],
    ['a path of brackets', (n) => `emails${'['.repeat(n)}`, (text) => splitValuePath(text)],
    ['a date of digits', (n) => `2026-01-01T00:00:00.${'9'.repeat(n)}!`, (text) => instant(text)],
    ['a date of signs', (n) => `${'-'.repeat(n)}T`, (text) => instant(text)],
    ['a bearer of blanks', (n) => `Bearer${' '.repeat(n)}x y`, (text) => /^Bearer +([^ ]+)$/i.exec(text)],
    ['a bearer of letters', (n) => `Bearer ${'x'.repeat(n)} `, (text) => /^Bearer +([^ ]+)$/i.exec(text)],
  ]
  it.each(readers)('C-RDS-01 %s takes time in proportion to its length', (_what, make, read) => {
    const timeOf = (size: number): number => {
      const text = make(size)
      const times = Array.from({ length: 9 }, () => {
        const from = performance.now()
        quietly(() => read(text))
        return performance.now() - from
      })
      return Math.min(...times)
    }
    const [once, twice] = [timeOf(20_000), timeOf(40_000)]
    expect(twice < 1 || twice / once < 3).toBe(true)
  })
})

describe('statements', () => {
  const root = path.join(import.meta.dirname, '../..')
  const files = ['src', 'db'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(folder, name)),
  )

  it('C-SQL-02 are never put together from texts: what is raw is a constant of the program, in named files', () => {
    const raw = /\bsql\s*\.\s*(raw|lit|id|table)\s*\(|\bCompiledQuery\.raw\(/
    const found = files.filter((name) => raw.test(readFileSync(path.join(root, name), 'utf8')))
    const allowed = /^db\/(migrations\/|dialects\/|handle\.ts|postgres-engine\.ts)|^src\/store\//
    expect(found.filter((name) => !allowed.test(name))).toEqual([])
    const interpolated = files.flatMap((name) =>
      [...readFileSync(path.join(root, name), 'utf8').matchAll(/\bsql\.raw\(([^)]*)\)/g)]
        .map(([, argument]) => `${name}: ${argument?.trim()}`)
        .filter(() => !name.startsWith('db/')),
    )
    expect(interpolated).toEqual([
      "src/store/statement.ts: type === 'text' ? 'text' : 'bigint'",
      'src/store/where.ts: none',
    ])
    const json = files.filter(
      (name) => /\.(key|at)\(/.test(readFileSync(path.join(root, name), 'utf8')) && /->/.test(name),
    )
    expect(json).toEqual([])
  })

  it('C-SQL-02 are made by a Kysely without its known faults', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const [major = 0, minor = 0, patch = 0] = (dependencies['kysely'] ?? '').split('.').map(Number)
    expect(major > 0 || minor > 28 || (minor === 28 && patch >= 17)).toBe(true)
  })
})
