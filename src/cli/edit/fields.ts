import { type Command, Option } from 'commander'
import { isObject } from '../../provision/edit/merge-patch.ts'
import type { Entry } from '../../provision/edit/document.ts'

/** What an option was given: one text, several, or whether it stands there. */
type Given = string | readonly string[] | boolean

/** An option by which an entry is written, and the setting of the entry that it is about. */
export interface Field {
  /** `--display-name <text>`; of a switch both of its forms. */
  readonly flags: readonly string[]
  readonly description: string
  /** Where the setting is in the entry. */
  readonly setting: readonly string[]
  /** What is written for what was given. */
  written(given: Given): unknown
}

const as = (given: Given): unknown => given

/** One text. */
export const text = (flags: string, description: string, setting = settingOf(flags)): Field => ({
  flags: [flags],
  description,
  setting: setting.split('.'),
  written: as,
})

/** Several texts, behind one another. */
export const list = (flags: string, description: string, setting = settingOf(flags)): Field => ({
  flags: [flags],
  description,
  setting: setting.split('.'),
  written: as,
})

/** One value, or several behind one another. */
export const values = (flags: string, description: string): Field => ({
  ...list(flags, description),
  written: (given) => oneOrAll(given as readonly string[]),
})

const oneOrAll = (texts: readonly string[]): string | readonly string[] =>
  texts.length === 1 ? (texts[0] ?? '') : texts

/** On or off. */
export const toggle = (name: string, description: string, setting = settingOf(`--${name}`)): Field => ({
  flags: [`--${name}`, `--no-${name}`],
  description,
  setting: [setting],
  written: as,
})

/** `name=value` pairs; a name that stands twice has several values. */
export const pairs = (flags: string, description: string, setting: string): Field => ({
  ...list(flags, description, setting),
  written: (given) => pairsIn(given as readonly string[]),
})

/** A connection or a model on which something is granted. */
export const targets = (setting: string): readonly Field[] => [
  text('--on <connection>', 'where: a connection', setting),
  {
    ...text('--on-model <model>', 'where: a data model', setting),
    written: (model) => ({ model, connection: null }),
  },
]

/** `--display-name <text>` is about `displayName`. */
function settingOf(flags: string): string {
  return new Option(flags.split(' ')[0] ?? '').attributeName()
}

/** What stands before and behind the first `=`; several values of one name are a list. */
export function pairsIn(given: readonly string[]): Record<string, string | readonly string[]> {
  const found = Map.groupBy(given, (pair) => pair.split('=')[0] ?? '')
  const values = [...found].map(([name, all]) => {
    const texts = all.map((pair) => pair.slice(name.length + 1))
    return [name, oneOrAll(texts)] as const
  })
  return Object.fromEntries(values)
}

/** Adds the options of fields to a command. */
export function addFields(command: Command, fields: readonly Field[]): Command {
  for (const { flags, description } of fields) {
    for (const [at, one] of flags.entries())
      command.addOption(new Option(one, at === 0 ? description : 'or not'))
  }
  return command
}

/** Adds the option that takes settings out. */
export function addClear(command: Command, fields: readonly Field[]): Command {
  return command.addOption(
    new Option('--clear <option...>', 'take out what these options would set').choices(fields.map(longName)),
  )
}

/** What the options say of an entry, as a merge patch. */
export function patchOf(fields: readonly Field[], options: Readonly<Record<string, unknown>>): Entry {
  const cleared = (options['clear'] ?? []) as readonly string[]
  return fields.reduce<Entry>((patch, field) => {
    const given = options[settingOf(field.flags[0] ?? '')] as Given | undefined
    if (given !== undefined) return merged(patch, inside(field.setting, field.written(given)))
    return cleared.includes(longName(field)) ? merged(patch, inside(field.setting, null)) : patch
  }, {})
}

const longName = ({ flags }: Field): string => (flags[0] ?? '').split(' ')[0]?.slice(2) ?? ''

/** The option by which what a path is about was set; undefined where none does. */
export function optionAbout(fields: readonly Field[], path: string): string | undefined {
  const field = fields.find(({ setting }) => {
    const own = setting.join('.')
    return path === own || path.startsWith(`${own}.`) || path.startsWith(`${own}[`)
  })
  return field && `--${longName(field)}`
}

const inside = (setting: readonly string[], value: unknown): Entry =>
  setting.reduceRight((inner: unknown, name) => ({ [name]: inner }), value) as Entry

/** Two patches as one: what the second says goes before. */
export function merged(one: Entry, other: Entry): Entry {
  const entries = Object.entries(other).map(([name, value]) => {
    const before = one[name]
    return [name, isObject(before) && isObject(value) ? merged(before, value) : value] as const
  })
  return { ...one, ...Object.fromEntries(entries) }
}
