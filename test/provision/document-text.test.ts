import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { readDocument } from '../../src/provision/document-text.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

describe('POST /api/v1/apply', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  const apply = (body: string) => {
    const headers = { Authorization: `Bearer ${server.adminToken}`, 'Content-Type': 'application/yaml' }
    return send(server.url, { method: 'POST', path: '/api/v1/apply', headers, body })
  }

  const names = (count: number) => Array.from({ length: count }, (_, i) => `k${i}`)
  /** A document of which each line stands for nine times the one before. */
  const times = (count: number, text: string) => Array.from({ length: count }, () => text).join(',')
  const laughs = names(9)
    .map((name, i) => `${name}: &${name} [${times(9, i === 0 ? 'x' : `*k${i - 1}`)}]`)
    .join('\n')

  it.each<[string, string, number, string]>([
    ['brackets without end', '['.repeat(1_000_000), 400, 'nested too deep'],
    ['brackets in YAML without end', `a: ${'['.repeat(200_000)}`, 400, 'nested too deep'],
    [
      'maps in maps',
      names(1500)
        .map((name, i) => ' '.repeat(i) + name)
        .join(':\n'),
      413,
      'characters',
    ],
    ['lists in lists', '- '.repeat(100_000), 400, 'nested too deep'],
    [
      'maps in maps on few columns',
      names(400)
        .map((name, i) => `${' '.repeat(i)}${name}:`)
        .join('\n'),
      400,
      'nested too deep',
    ],
    [
      'keys without end',
      names(20_000)
        .map((name) => `${name}: 1`)
        .join('\n'),
      422,
      'is not a known setting',
    ],
    [
      'a JSON object with keys without end',
      JSON.stringify(Object.fromEntries(names(100_000).map((name) => [name, 1]))),
      422,
      'is not a known setting',
    ],
    ['too much YAML', '#'.repeat(300_000), 413, 'JSON, which may be longer'],
    ['a billion laughs', laughs, 400, 'alias'],
    [
      'a long text many times',
      `a: &a "${'x'.repeat(200_000)}"\nb: [${times(60, '*a')}]`,
      400,
      'aliases stand for more',
    ],
    ['an alias of nothing', 'a: *b', 400, 'Unresolved alias'],
    ['an anchor inside itself', 'a: &a [*a]', 400, 'nested too deep'],
    [
      'one key twice',
      'roles: []\nmodels: []\nroles: []',
      400,
      'the key `roles` is there twice at line 3, column 1',
    ],
    [
      'one name twice in JSON',
      '{"roles": [],\n "roles": []}',
      400,
      'the key `roles` is there twice at line 2, column 2',
    ],
    ['a list for a key', '? [roles]\n: []', 400, 'a key is no text at line 1, column 3'],
    ['a tag that nobody knows', 'roles: !!js/function x', 400, 'at line 1, column 8'],
    ['several documents', 'roles: []\n---\nroles: []', 400, 'at line 2, column 1'],
    ['a bracket too many', 'roles: []]', 400, 'closes what was not opened'],
    ['a broken line', 'roles: [}', 400, 'neither YAML nor JSON'],
    ['a name of every object', '__proto__: { roles: [] }', 422, '`__proto__`'],
  ])('C-JSN-01 C-JSN-02 C-PRO-01 refuses %s', async (_, body, status, says) => {
    const answer = await apply(body)
    expect({ status: answer.status, says: answer.text.slice(0, 2000) }).toEqual({
      status,
      says: expect.stringContaining(says),
    })
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  })

  it('reads YAML with aliases', async () => {
    const text = `roles:
      - { name: a, displayName: A, tier: querier, without: &without [upload_data] }
      - { name: b, displayName: B, tier: querier, without: *without }`
    expect(await apply(text)).toMatchObject({ status: 200, json: { revision: 1 } })
  })
})

it('C-JSN-02 a name that stands twice in a body of the API is refused', async () => {
  const server = await startServer()
  const headers = { Authorization: `Bearer ${server.adminToken}`, 'Content-Type': 'application/json' }
  const body = '{"name": "okta", "provider": "okta", "name": "entra"}'
  const answer = await send(server.url, { method: 'POST', path: '/api/v1/directories', headers, body })
  await server.stop()
  expect(answer.json).toMatchObject({ status: 400, detail: expect.stringContaining('twice') })
})

it('a document says the same in YAML and in JSON', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('any'), { maxLength: 4 }),
    map: fc.dictionary(fc.string(), tie('any'), { maxKeys: 4 }),
  })).map
  fc.assert(
    fc.property(value, (document) => {
      const json = JSON.stringify(document)
      expect(JSON.stringify(readDocument(json))).toBe(json)
      expect(readDocument(stringify(document))).toEqual(JSON.parse(json))
    }),
  )
})
