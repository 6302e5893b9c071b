import { describe, expect, it } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createProgram } from '../src/cli/main.ts'
import { VARIABLE_NAMES } from '../src/config.ts'

const root = join(import.meta.dirname, '..')
const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }

describe('README.md', () => {
  const readme = read('README.md')

  it('names no npm script that does not exist', () => {
    const named = [...readme.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      ([, run, short]) => run ?? short,
    )
    expect(named).toEqual(expect.arrayContaining(['start', 'test']))
    expect(named.filter((name) => name === undefined || !(name in scripts))).toEqual([])
  })

  it('names no command of signalbox that does not exist', () => {
    const commands = new Set(createProgram().commands.map((command) => command.name()))
    const named = [
      ...readme.matchAll(/(?:npx signalbox|npm run (?:-s )?signalbox --|\$ signalbox) ([a-z][a-z-]*)/g),
    ]
    expect(named.map((match) => match[1] ?? '').filter((name) => !commands.has(name))).toEqual([])
  })

  it('names no setting that does not exist', () => {
    const named = [...readme.matchAll(/\b([A-Z][A-Z_]+)=(?!\$\()/g)].map((match) => match[1] ?? '')
    const secrets = new Set([...readme.matchAll(/\benv:([A-Z_]+)/g)].map((match) => match[1] ?? ''))
    expect(named.filter((name) => !VARIABLE_NAMES.includes(name) && !secrets.has(name))).toEqual([])
  })

  it('links only to what exists', () => {
    expect(brokenLinks('README.md')).toEqual([])
  })
})

describe('.env.example', () => {
  it('lists every variable that the server reads, and no other', () => {
    const listed = [...read('.env.example').matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map((match) => match[1] ?? '')
    expect(listed.toSorted()).toEqual(VARIABLE_NAMES.toSorted())
  })
})

describe('src/README.md', () => {
  it('names only files and folders that exist', () => {
    const named = [...read('src/README.md').matchAll(/`([\w.@-]*[/\w.@-]*(?:\/|\.(?:ts|js|json|md|yaml)))`/g)]
    const missing = named
      .map((match) => match[1] ?? '')
      .filter((name) => !existsSync(join(root, 'src', name)) && !existsSync(join(root, name)))
    expect(missing).toEqual([])
  })

  it('names every folder of the house', () => {
    const map = read('src/README.md')
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )
    expect(folders.map(({ name }) => name).filter((name) => !map.includes(`${name}/`))).toEqual([])
  })

  it('links only to what exists', () => {
    expect(brokenLinks('src/README.md')).toEqual([])
  })
})

function brokenLinks(name: string): string[] {
  return [...read(name).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !existsSync(join(root, dirname(name), target)))
}
