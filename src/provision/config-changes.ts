import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../schemas/config.ts'
import { fold } from '../scim/fold.ts'
import type { StoredDirectory } from '../store/directories.ts'
import { directorySettings, type DirectorySettings } from './directory-settings.ts'

/** One thing that is different between two configurations. */
export interface ConfigChange {
  readonly change: 'added' | 'changed' | 'removed'
  /** `directory`, `role`, `connection` … */
  readonly kind: string
  readonly name: string
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

/** The sections whose entries have a name of their own, and what one entry is called. */
const NAMED = [
  ['extensions', 'extension', 'urn'],
  ['userAttributes', 'user attribute', 'reference'],
  ['roles', 'role', 'name'],
  ['connections', 'connection', 'name'],
  ['models', 'model', 'name'],
  ['rules', 'rule', 'name'],
] as const

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
    ...NAMED.flatMap(([section, kind, key]) => {
      const byName = (entries: readonly object[]) =>
        new Map(entries.map((entry) => [String((entry as Record<string, unknown>)[key]), entry]))
      return changesIn(kind, byName(before[section]), byName(after[section]))
    }),
    ...NAMED.flatMap(([section, kind, key]) => orderChange(kind, key, before[section], after[section])),
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

function changesIn(kind: string, before: Map<string, object>, after: Map<string, object>): ConfigChange[] {
  return [
    ...[...after].flatMap(([name, entry]): ConfigChange[] => {
      const last = before.get(name)
      const fields = fieldChanges(last, entry)
      if (last === undefined) return [{ change: 'added', kind, name, fields }]
      return fields.length === 0 ? [] : [{ change: 'changed', kind, name, fields }]
    }),
    ...[...before]
      .filter(([name]) => !after.has(name))
      .map(([name, entry]): ConfigChange => ({
        change: 'removed',
        kind,
        name,
        fields: fieldChanges(entry, undefined),
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
function orderChange(
  kind: string,
  key: string,
  before: readonly object[],
  after: readonly object[],
): ConfigChange[] {
  const names = (entries: readonly object[]) =>
    entries.map((entry) => (entry as Record<string, unknown>)[key])
  const [was, is] = [names(before), names(after)]
  const same = was.length === is.length && was.every((name) => is.includes(name))
  return same && !isDeepStrictEqual(was, is)
    ? [
        {
          change: 'changed',
          kind: `order of ${kind}s`,
          name: '',
          fields: [fieldChange('order', was, is)],
        },
      ]
    : []
}
