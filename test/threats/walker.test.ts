import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from '@jest/globals'

/** The threats that are answered for, by their ids, and what each is about. */
const THREATS: Readonly<Record<string, string>> = {
  'C-PRO-01': 'prototype pollution through attribute names',
  'C-PRO-02': 'mass assignment of internal columns',
  'C-FBM-01': 'filter bomb: depth',
  'C-FBM-02': 'filter bomb: width',
  'C-FBM-03': 'expensive but legal',
  'C-RDS-01': 'regular expressions that backtrack',
  'C-JSN-01': 'deep nesting',
  'C-JSN-02': 'oversized payloads',
  'C-JSN-03': 'query-string parser',
  'C-JSN-04': 'text edge cases',
  'C-SQL-01': 'SQL injection',
  'C-SQL-02': 'query-builder misuse',
  'C-BLK-01': 'huge or hostile bulk',
  'C-TOK-01': 'timing',
  'C-TOK-02': 'storage',
  'C-TOK-03': 'empty or unset secret',
  'C-TOK-04': 'wrong kind of token',
  'C-TOK-05': 'JWT',
  'C-TOK-06': 'bound tokens',
  'C-TOK-07': 'lifecycle',
  'C-TOK-08': 'brute force',
  'C-CLK-01': 'clock skew',
  'C-IDR-03': 'tenant confusion',
  'C-IDR-04': 'oracles',
  'C-PRV-01': 'the identity provider sends rights',
  'C-PRV-02': 'protected principals',
  'C-PRV-03': 'account linking',
  'C-PRV-04': 'races of groups and roles',
  'C-PRV-05': 'deprovisioning',
  'C-AUD-01': 'immutability',
  'C-AUD-02': 'what a chain misses',
  'C-AUD-03': 'completeness',
}

/** Tests that prove one of them and were named for what they do: file, and the text that names the test. */
const ELSEWHERE: readonly (readonly [id: string, file: string, test: string])[] = [
  ['C-PRO-01', 'test/http/wrong-requests/prototype-names.test.ts', '`%s` changes nothing in a new resource'],
  [
    'C-PRO-01',
    'test/http/wrong-requests/prototype-names.test.ts',
    '`%s` changes nothing as a path, as a key',
  ],
  ['C-PRO-01', 'test/http/wrong-requests/places.test.ts', 'a schema named after a prototype'],
  ['C-FBM-01', 'test/http/wrong-requests/queries.test.ts', 'a filter that is not understood'],
  ['C-FBM-03', 'test/http/scim/costly.test.ts', 'FLT-21 HTTP-09 at %s is refused: %j'],
  ['C-JSN-01', 'test/http/wrong-requests/bodies.test.ts', 'nested 20 000 deep'],
  ['C-JSN-01', 'test/http/wrong-requests/bodies.test.ts', 'nested 20 000 deep in a PATCH'],
  ['C-JSN-02', 'test/http/wrong-requests/bodies.test.ts', 'a few bytes that unpack to 64 MiB'],
  ['C-JSN-02', 'test/http/wrong-requests/bodies.test.ts', '17 MiB in chunks'],
  ['C-JSN-02', 'test/start.test.ts', 'MAX_BODY_BYTES must be a whole number'],
  ['C-JSN-04', 'test/http/wrong-requests/bodies.test.ts', 'half a surrogate pair'],
  ['C-PRV-02', 'test/provision/hold.test.ts', 'is who is protected, by name and directory'],
  ['C-PRV-03', 'test/provision/rehire.test.ts', 'not one that is active, by its external id'],
  ['C-TOK-03', 'test/start.test.ts', 'SIGNALBOX_SECRET_KEY must have at least 32 characters'],
  ['C-TOK-03', 'test/start.test.ts', 'SIGNALBOX_ADMIN_TOKEN must have at least 20 characters'],
  ['C-TOK-07', 'test/http/api.test.ts', 'refuses a revoked token in the very next request'],
  ['C-TOK-07', 'test/http/api.test.ts', 'lets two tokens of a directory live for rotation, and no third'],
]

const root = path.join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

/** The ids in the names of tests, by file. */
const named = readdirSync(path.join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) =>
    [...read(path.join('test', file)).matchAll(/['"`](C-[A-Z]{3}-\d\d) /g)].map(([, id]) => id),
  )

it('every threat has a test under its id, or one that is named here', () => {
  const covered = new Set([...named, ...ELSEWHERE.map(([id]) => id)])
  expect(Object.keys(THREATS).filter((id) => !covered.has(id))).toEqual([])
  process.stdout.write(
    `threats: ${Object.keys(THREATS).length}, by ${named.length + ELSEWHERE.length} tests\n`,
  )
})

it.each(ELSEWHERE)('%s is proved in %s: %s', (id, file, test) => {
  expect(Object.keys(THREATS)).toContain(id)
  expect(read(file)).toContain(test)
})
