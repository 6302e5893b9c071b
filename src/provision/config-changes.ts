import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../schemas/config.ts'
import { fold } from '../scim/fold.ts'
import type { StoredDirectory } from '../store/directories.ts'
import { directorySettings, type DirectorySettings } from './directory-settings.ts'

/** One thing that is different between two configurations. */
export interface ConfigChange {
  readonly change: 'added' | 'changed' | 'removed' | 'renamed'
  /** `directory`, `role`, `connection` … */
  readonly kind: string
  readonly name: string
  /** What it was called, where it is renamed. */
  readonly formerName?: string
  /** What of it is different. */
  readonly fields: readonly FieldChange[]
}

/** One setting as it was and as it is; one that was or is not there is absent. */
export interface FieldChange {
  readonly field: string
  readonly before?: unknown
  readonly after?: unknown
}

/** A directory that a configuration adds or treats differently. */
export interface DirectoryChange extends ConfigChange {
  readonly provider: string
  readonly settings: DirectorySettings
  /** As it is stored; undefined for a new one. */
  readonly present: StoredDirectory | undefined
}

/** What a configuration says of directories that is not so yet. Directories that it does not name stay as they are. */
export function directoryChanges(
  config: Pick<Config, 'directories'>,
  directories: readonly StoredDirectory[],
): DirectoryChange[] {
  const byName = new Map(directories.map((one) => [fold(one.name), one]))
  return config.directories.flatMap(({ name, provider, ...settings }): DirectoryChange[] => {
    const present = byName.get(fold(name))
    const fields = fieldChanges(
      present && { provider: present.provider, ...directorySettings(present.settings) },
      { provider, ...settings },
    )
    if (present !== undefined && fields.length === 0) return []
    const change = present === undefined ? 'added' : 'changed'
    return [{ change, kind: 'directory', name, fields, provider, settings, present }]
  })
}

const nameOf = (entry: { readonly name: string }): string => entry.name

/**
 * The sections whose entries have a name of their own, what one entry is called, its name, and what stays with it under
 * another one.
 */
const NAMED = [
  namedIn('extensions', 'extension', ({ urn }) => urn),
  namedIn('userAttributes', 'user attribute', ({ reference }) => reference, firstName),
  namedIn('roles', 'role', nameOf),
  namedIn('connections', 'connection', nameOf),
  namedIn('models', 'model', nameOf),
  namedIn('rules', 'rule', nameOf),
]

interface Entry {
  readonly name: string
  readonly value: object
}

/** The entries of a section by what stays with them. */
interface Section {
  readonly kind: string
  entries(config: Config): ReadonlyMap<string, Entry>
}

function namedIn<Name extends 'extensions' | 'userAttributes' | 'roles' | 'connections' | 'models' | 'rules'>(
  section: Name,
  kind: string,
  nameIn: (entry: Config[Name][number]) => string,
  identity = nameIn,
): Section {
  return {
    kind,
    entries: (config) =>
      new Map(
        config[section].map((value: Config[Name][number]) => [
          identity(value),
          { name: nameIn(value), value },
        ]),
      ),
  }
}

/** A user attribute that is renamed stays what it was under its first name. */
function firstName({ formerly, reference }: Config['userAttributes'][number]): string {
  return fold(formerly[0] ?? reference)
}

/** The user attributes that have another name than before: from the one to the other. */
export function renamedAttributes(before: Config, after: Config): ReadonlyMap<string, string> {
  const was = new Map(before.userAttributes.map((one) => [firstName(one), one.reference]))
  return new Map(
    after.userAttributes.flatMap((one): [string, string][] => {
      const former = was.get(firstName(one))
      return former === undefined || former === one.reference ? [] : [[former, one.reference]]
    }),
  )
}

/** The sections that are compared as a whole. */
const WHOLE = [
  ['userAttributeAliases', 'user attribute aliases'],
  ['roleOrder', 'order of roles'],
  ['grants', 'direct grants'],
  ['overrides', 'overrides'],
  ['protectedUsers', 'protected users'],
] as const

/** What is different between two configurations, but for directories. */
export function changesBetween(before: Config, after: Config): ConfigChange[] {
  return [
    ...NAMED.flatMap(({ kind, entries }) => changesIn(kind, entries(before), entries(after))),
    ...NAMED.flatMap(({ kind, entries }) => orderChange(kind, entries(before), entries(after))),
    ...WHOLE.flatMap(([section, kind]): ConfigChange[] => {
      const [was, is] = [before[section], after[section]]
      if (isDeepStrictEqual(was, is)) return []
      return [{ change: changeOf(was, is), kind, name: '', fields: wholeChanges(was, is) }]
    }),
  ]
}

function changeOf(before: object, after: object): ConfigChange['change'] {
  if (Object.keys(before).length === 0) return 'added'
  return Object.keys(after).length === 0 ? 'removed' : 'changed'
}

type Entries = ReadonlyMap<string, Entry>

function changesIn(kind: string, before: Entries, after: Entries): ConfigChange[] {
  return [
    ...[...after].flatMap(([id, { name, value }]): ConfigChange[] => {
      const last = before.get(id)
      const fields = fieldChanges(last?.value, value)
      if (last === undefined) return [{ change: 'added', kind, name, fields }]
      if (last.name !== name) return [{ change: 'renamed', kind, name, formerName: last.name, fields }]
      return fields.length === 0 ? [] : [{ change: 'changed', kind, name, fields }]
    }),
    ...[...before]
      .filter(([id]) => !after.has(id))
      .map(([, { name, value }]): ConfigChange => ({
        change: 'removed',
        kind,
        name,
        fields: fieldChanges(value, undefined),
      })),
  ]
}

/** The settings of two entries that are different; all of them where one entry is not there. */
function fieldChanges(before: object | undefined, after: object | undefined): FieldChange[] {
  const [was, is] = [new Map(Object.entries(before ?? {})), new Map(Object.entries(after ?? {}))]
  return [...new Set([...is.keys(), ...was.keys()])].flatMap((field) => {
    const [from, to] = [was.get(field) as unknown, is.get(field) as unknown]
    return isDeepStrictEqual(from, to) ? [] : [fieldChange(field, from, to)]
  })
}

const fieldChange = (field: string, before: unknown, after: unknown): FieldChange => ({
  field,
  ...(before !== undefined && { before }),
  ...(after !== undefined && { after }),
})

/** The entries that only one of two lists has, or the settings that are different. */
function wholeChanges(before: object, after: object): FieldChange[] {
  if (!Array.isArray(before) || !Array.isArray(after)) return fieldChanges(before, after)
  const only = (list: readonly unknown[], other: readonly unknown[]): unknown[] => {
    const texts = new Set(other.map((entry) => JSON.stringify(entry)))
    return list.filter((entry) => !texts.has(JSON.stringify(entry)))
  }
  const gone = only(before, after).map((entry) => fieldChange('', entry, undefined))
  const come = only(after, before).map((entry) => fieldChange('', undefined, entry))
  return gone.length + come.length > 0 ? [...gone, ...come] : [fieldChange('order', before, after)]
}

/** Order decides (the first rule wins, the first environment wins), so a new order of the same entries is a change. */
function orderChange(kind: string, before: Entries, after: Entries): ConfigChange[] {
  const [was, is] = [[...before.keys()], [...after.keys()]]
  const same = was.length === is.length && was.every((id) => after.has(id))
  if (!same || isDeepStrictEqual(was, is)) return []
  const names = (entries: Entries): string[] => [...entries.values()].map(({ name }) => name)
  return [
    {
      change: 'changed',
      kind: `order of ${kind}s`,
      name: '',
      fields: [fieldChange('order', names(before), names(after))],
    },
  ]
}
