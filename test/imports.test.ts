import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize, relative } from 'node:path'

const root = join(import.meta.dirname, '..')

/**
 * Who may import whom: a layer is a folder, or a file at the top of `src`; a layer may always import itself.
 * A file stands for itself alone, `*` for everything.
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  db: [],
  'src/scim': ['schemas'],
  'src/resolve': ['src/scim', 'schemas'],
  'src/mapping': ['src/resolve', 'src/scim', 'schemas'],
  'src/store': ['db', 'src/scim', 'schemas'],
  'src/databases': [],
  'src/provision': [
    'src/store',
    'src/databases',
    'src/mapping',
    'src/resolve',
    'src/scim',
    'schemas',
    'src/context.ts',
    'src/audit-keys.ts',
    'src/log.ts',
  ],
  'src/feed': ['src/store', 'src/scim', 'schemas', 'src/context.ts', 'src/log.ts'],
  'src/http': [
    'src/provision',
    'src/feed',
    'src/scim',
    'schemas',
    'src/context.ts',
    'src/config.ts',
    'src/log.ts',
  ],
  'src/cli': [
    'src/provision',
    'src/scim',
    'schemas',
    'db/open.ts',
    'src/main.ts',
    'src/serve.ts',
    'src/secret-key.ts',
    'src/context.ts',
    'src/config.ts',
    'src/log.ts',
  ],
  'src/client': ['src/scim', 'schemas'],
  'src/console': [],
  'src/config.ts': [],
  'src/log.ts': ['src/config.ts'],
  'src/context.ts': ['db', 'src/config.ts', 'src/log.ts', 'src/audit-keys.ts'],
  'src/audit-keys.ts': [],
  'src/secret-key.ts': ['db', 'src/store', 'src/config.ts'],
  'src/app.ts': ['*'],
  'src/serve.ts': ['*'],
  'src/main.ts': ['*'],
}

const PURE = ['src/scim', 'src/mapping', 'src/resolve']

/** What a pure function cannot use. */
const OUTSIDE_WORLD =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\)|\bMath\.random\b|\b(crypto|performance|process|console)\.|\bfetch\(|\bset(Timeout|Interval|Immediate)\b/

/** Which packages are known in which layers alone. */
const PACKAGES: readonly { packages: readonly string[]; layers: readonly string[] }[] = [
  { packages: ['express', 'helmet', 'passport', 'passport-http-bearer'], layers: ['src/http', 'src/app.ts'] },
  { packages: ['kysely'], layers: ['src/store', 'db'] },
  { packages: ['better-sqlite3', 'pg'], layers: ['db', 'src/databases'] },
  { packages: ['scim2-parse-filter'], layers: ['src/scim'] },
  { packages: ['commander', 'cli-progress'], layers: ['src/cli'] },
]

/** What stands in named files alone, and what it is for. */
const CONFINED: readonly { what: string; code: RegExp; in: readonly string[]; where: RegExp }[] = [
  {
    what: 'the environment is read in src/config.ts alone',
    code: /\bprocess\s*\.\s*env\b|\bprocess\s*\[\s*['"]env/,
    in: ['src/config.ts'],
    where: /^(src|db|schemas)\//,
  },
  {
    what: 'the clock is read in src/context.ts alone',
    code: /\bnew Date\(\s*\)|\bDate\.now\b|\bDate\(\)/,
    in: ['src/context.ts'],
    where: /^(src|db|schemas)\//,
  },
  {
    what: 'ids and secrets are made in src/context.ts alone, and the key of the installation in src/secret-key.ts',
    code: /\brandom(UUID|Bytes|Int)\b|\bMath\.random\b|\bgetRandomValues\b/,
    in: ['src/context.ts', 'src/secret-key.ts'],
    where: /^(src|db|schemas)\//,
  },
  {
    what: 'an error becomes a SCIM answer in src/http/errors.ts alone',
    code: /messages:2\.0:Error/,
    in: ['src/http/errors.ts'],
    where: /^src\//,
  },
  {
    what: 'errors are told apart for an answer in src/http/errors.ts alone',
    code: /\binstanceof (ScimError|HttpError|Problem)\b/,
    in: ['src/http/errors.ts'],
    where: /^src\/http\//,
  },
]

interface SourceFile {
  /** Relative to the repository: `src/scim/fold.ts`. */
  readonly name: string
  /** The text without its comments. */
  readonly code: string
  readonly layer: string
  readonly imports: readonly string[]
}

const files = ['src', 'db', 'schemas'].flatMap(filesBelow)

describe('the house', () => {
  it('has a rule for every folder and every file at the top of `src`', () => {
    const layers = new Set(files.map(({ layer }) => layer))
    expect([...layers].filter((layer) => !(layer in LAYERS))).toEqual([])
  })

  it.each(Object.entries(LAYERS))('lets %s import nothing of ours but %j', (layer, allowed) => {
    const wrong = filesOf(layer).flatMap((file) =>
      file.imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => normalize(join(file.name, '..', specifier)))
        .filter((target) => !mayImport(layer, allowed, target))
        .map((target) => `${file.name} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  it.each(PURE)('keeps %s free of input, output, clock and randomness', (layer) => {
    const packages = filesOf(layer).flatMap((file) =>
      file.imports.filter((name) => name.startsWith('node:')).map((name) => `${file.name} imports ${name}`),
    )
    const globals = filesOf(layer).flatMap((file) => linesWith(OUTSIDE_WORLD, file))
    expect([...packages, ...globals]).toEqual([])
  })

  it.each(PACKAGES)('knows $packages in $layers alone', ({ packages, layers }) => {
    const wrong = files
      .filter(({ layer }) => !layers.includes(layer))
      .flatMap((file) =>
        file.imports
          .filter((specifier) =>
            packages.some((name) => specifier === name || specifier.startsWith(`${name}/`)),
          )
          .map((specifier) => `${file.name} imports ${specifier}`),
      )
    expect(wrong).toEqual([])
  })

  it.each(CONFINED)('holds that $what', ({ code, in: homes, where }) => {
    const wrong = files
      .filter(({ name }) => where.test(name) && !homes.includes(name))
      .flatMap((file) => linesWith(code, file))
    expect(wrong).toEqual([])
  })

  it('keeps migrations apart from the code that changes', () => {
    const wrong = files
      .filter(({ name }) => name.startsWith('db/migrations/'))
      .flatMap(({ name, imports }) =>
        imports
          .filter((specifier) => specifier.startsWith('..'))
          .map((specifier) => `${name} imports ${specifier}`),
      )
    expect(wrong).toEqual([])
  })
})

function filesBelow(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|js)$/.test(entry.name))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const name = relative(root, path)
      const code = withoutComments(readFileSync(path, 'utf8'))
      return { name, code, layer: layerOf(name), imports: importsIn(code) }
    })
}

function filesOf(layer: string): SourceFile[] {
  return files.filter((file) => file.layer === layer)
}

/** `src/scim/path/parse.ts` belongs to `src/scim`, `src/app.ts` to itself, `db/open.ts` to `db`. */
function layerOf(name: string): string {
  const [top = '', second = ''] = name.split('/')
  return top === 'src' ? `${top}/${second}` : top
}

function mayImport(layer: string, allowed: readonly string[], target: string): boolean {
  const names = [target, layerOf(target)]
  return names.includes(layer) || allowed.includes('*') || names.some((name) => allowed.includes(name))
}

function importsIn(code: string): string[] {
  const found = code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)
  return [...found].map((match) => match[1] ?? '')
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, ''))
}

function linesWith(code: RegExp, file: SourceFile): string[] {
  return file.code
    .split('\n')
    .flatMap((line, index) => (code.test(line) ? [`${file.name}:${index + 1} ${line.trim()}`] : []))
}
