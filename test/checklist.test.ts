import { expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Rows that no test can prove here, and why. */
const WITHOUT_TEST: Readonly<Record<string, string>> = {
  'SEC-01':
    'TLS is that of the proxy in front, which `PUBLIC_URL` names; the server itself listens on 127.0.0.1',
  'SEC-05': 'the threats C-TOK-04 to C-TOK-07 and C-CLK-01 have tests of their own names',
  'SEC-06':
    'every token is made by an administrator, or for the proof of a client that an administrator registered',
  'SEC-08':
    'no attribute is sensitive: identity providers ask by GET, and the log holds paths without their queries',
  'SEC-10': 'the threats C-SQL-01, C-TOK-02 and C-TOK-08 have tests of their own names',
  'USR-04': 'how names are used is seen in the answers of `/api/v1`, not in the protocol',
}

const root = path.join(import.meta.dirname, '..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const filesIn = (folder: string, ending: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => path.join(folder, file))

const rows = [...read('fixtures/checklist.txt').matchAll(/^([A-Z]+-\d+)\t\S/gm)].map(([, id = '']) => id)

/** The ids at the beginning of texts in tests, and in the fixtures whose names are names of tests. */
const named = new Set(
  [...filesIn('test', '.ts'), ...filesIn('fixtures', '.json')]
    .filter((file) => file !== path.join('test', path.basename(import.meta.filename)))
    .flatMap((file) => [...read(file).matchAll(/['"`]((?:[A-Z]{2,4}-\d{2}(?:: | |(?=['"`])))+)/g)])
    .flatMap(([, ids = '']) => ids.match(/[A-Z]+-\d+/g) ?? []),
)

it('every row of the checklist is named by a test, or says why not', () => {
  const missing = rows.filter((row) => !named.has(row) && !(row in WITHOUT_TEST))
  expect(missing).toEqual([])
  const proved = rows.filter((row) => named.has(row))
  process.stdout.write(`checklist: ${rows.length} rows, ${proved.length} of them named by tests\n`)
})

it('no row is there twice, and no test names a row that does not exist', () => {
  expect(rows).toHaveLength(new Set(rows).size)
  expect([...named].filter((id) => !rows.includes(id))).toEqual([])
  expect(Object.keys(WITHOUT_TEST).filter((id) => named.has(id) || !rows.includes(id))).toEqual([])
})
