import { Command, Option } from 'commander'
import { stringify } from 'yaml'
import type { Context } from '../../context.ts'
import { addSent } from '../../provision/edit/add-sent.ts'
import { changeEntry } from '../../provision/edit/change.ts'
import type { Document, Entry } from '../../provision/edit/document.ts'
import { listFound, type Where } from '../../provision/edit/entries.ts'
import { isObject, mergePatch } from '../../provision/edit/merge-patch.ts'
import { moveEntry, type To } from '../../provision/edit/move.ts'
import { listEntries, readEntry, type EntryView } from '../../provision/edit/read.ts'
import { removeEntry, type Second } from '../../provision/edit/remove.ts'
import { sameId, sectionOf } from '../../provision/edit/sections.ts'
import { Problem } from '../../provision/problem.ts'
import { documentIn } from '../document.ts'
import { withInstallation } from '../local.ts'
import { position } from '../options.ts'
import { printable, printJson, printTable } from '../print.ts'
import type { AlsoIn, SectionCommand } from './commands.ts'
import { addClear, addFields, merged, patchOf } from './fields.ts'
import { addEditFlags, makeEdit, type EditFlags } from './make-edit.ts'

/** Another way to add an entry of a section. */
export interface OtherWay {
  /** Adds its options. */
  options(add: Command): Command
  /** Adds the entry if the options ask for that way, and tells whether they do. */
  take(name: string, options: Options): Promise<boolean>
}

/** The command of a section with what every section has: to list, show, add, edit and remove, and to move where order decides. */
export function sectionCommand(edited: SectionCommand, otherWay?: OtherWay): Command {
  const command = new Command(edited.command).description(edited.about)
  const verbs = [
    listVerb(edited),
    showVerb(edited),
    addVerb(edited, otherWay),
    editVerb(edited),
    removeVerb(edited),
  ]
  for (const verb of verbs) command.addCommand(verb)
  return sectionOf(edited.section).ordered === undefined ? command : command.addCommand(moveVerb(edited))
}

type Options = EditFlags & Readonly<Record<string, unknown>>

const listVerb = (edited: SectionCommand): Command =>
  withConnection(edited, new Command('list').description(`list ${sectionOf(edited.section).noun}s`))
    .option('--search <text>', 'part of any text of an entry')
    .option('--json', 'for programs, with everything that is written')
    .action(async (...args: unknown[]) => {
      const { where, options } = readArguments(edited, args)
      const search = options['search'] as string | undefined
      const { alsoIn } = edited
      const [found, others] = await withInstallation(async (ctx) => [
        await everyPage(ctx, where, search),
        alsoIn === undefined ? [] : await listedBeside(ctx, alsoIn, search),
      ])
      const all = [...found, ...others]
      if (options.json) return printJson({ [sectionOf(edited.section).list]: all })
      const columns = Object.entries(edited.columns)
      printTable(
        columns.map(([title]) => title),
        all.map((view) => columns.map(([, cell]) => shown(cell(view)))),
      )
    })

const showVerb = (edited: SectionCommand): Command =>
  withConnection(edited, new Command('show').description('show one, what follows from it, and what names it'))
    .argument(idArgument(edited))
    .option('--json', 'for programs')
    .action(async (...args: unknown[]) => {
      const { where, rest, options } = readArguments(edited, args)
      const view = await withInstallation((ctx) => readEntry(ctx, where, rest[0] ?? ''))
      if (options.json) return printJson(view)
      const { entry, facts, uses } = view
      const parts = {
        entry,
        ...(Object.keys(facts).length > 0 && { facts }),
        ...(uses.length > 0 && { uses }),
      }
      console.log(printedYaml(parts))
    })

function addVerb(edited: SectionCommand, otherWay: OtherWay | undefined): Command {
  const { noun, key } = sectionOf(edited.section)
  const command = withConnection(
    edited,
    new Command('add').description(
      `add one ${noun}${edited.section === 'grants' ? '' : ', as the last one'}`,
    ),
  )
  if (key !== undefined) command.argument('<name>')
  addSettings(addFields(command, edited.fields))
  addEditFlags(command).action(async (...args: unknown[]) => {
    const { where, rest, options } = readArguments(edited, args)
    if (await otherWay?.take(rest[0] ?? '', options)) return
    const entry = mergePatch({}, written(edited, options, rest[0])) as Entry
    await makeEdit((document) => addSent(document, where, entry), options, edited.fields)
  })
  return otherWay?.options(command) ?? command
}

const editVerb = (edited: SectionCommand): Command => {
  const { key, keepsName } = sectionOf(edited.section)
  const command = withConnection(
    edited,
    new Command('edit').description('change settings; what no option names stays as it is'),
  ).argument(idArgument(edited))
  if (key !== undefined && keepsName === undefined) {
    command.option('--rename <name>', 'give it another name, here and wherever it is named')
  }
  addSettings(addClear(addFields(command, edited.fields), edited.fields))
  return addEditFlags(command).action(async (...args: unknown[]) => {
    const { where, rest, options } = readArguments(edited, args)
    const patch = written(edited, options, options['rename'] as string | undefined)
    if (Object.keys(patch).length === 0) command.error('error: name an option that changes something')
    await makeEdit((document) => changeEntry(document, where, rest[0] ?? '', patch), options, edited.fields)
  })
}

const removeVerb = (edited: SectionCommand): Command => {
  const command = withConnection(
    edited,
    new Command('remove').description('remove one; what names it is listed and keeps it, until that is said'),
  )
    .argument(idArgument(edited))
    .addOption(new Option('--uses <what>', 'remove what names it, too').choices(['remove']))
  if (edited.section === 'roles') command.option('--replace-with <role>', 'name this role there instead')
  return addEditFlags(command).action(async (...args: unknown[]) => {
    const { where, rest, options } = readArguments(edited, args)
    const second = options as Second
    const id = rest[0] ?? ''
    await makeEdit(
      (document) => removeEntry(document, whereListed(document, edited, id) ?? where, id, second),
      options,
    )
  })
}

const moveVerb = (edited: SectionCommand): Command => {
  const { section } = edited
  const [name = '', other = ''] = section === 'roles' ? ['order', 'move'] : ['move', 'order']
  const inside = section === 'roles' ? ' inside its tier, the strongest first' : ''
  const command = withConnection(
    edited,
    new Command(name).alias(other).description(`give one another place${inside}`),
  )
    .argument(idArgument(edited))
    .option('--before <name>', 'before this one')
    .option('--after <name>', 'behind this one')
    .option('--position <number>', 'at this place, from 1', position)
  return addEditFlags(command).action(async (...args: unknown[]) => {
    const { where, rest, options } = readArguments(edited, args)
    const given = (['before', 'after', 'position'] as const).filter((one) => options[one] !== undefined)
    const [one] = given
    if (one === undefined || given.length > 1) {
      command.error('error: name one of --before, --after and --position')
    } else {
      const to = { [one]: options[one] } as To
      await makeEdit((document) => moveEntry(document, where, rest[0] ?? '', to), options)
    }
  })
}

/** The entries of a section over as many pages as it takes. */
async function everyPage(ctx: Context, where: Where, search: string | undefined): Promise<EntryView[]> {
  const found: EntryView[] = []
  for (let cursor: string | undefined; ;) {
    const page = await listEntries(ctx, where, { limit: LARGEST_PAGE, search, cursor })
    found.push(...page.entries)
    cursor = page.nextCursor
    if (cursor === undefined) return found
  }
}

const LARGEST_PAGE = 1000

/** The entries of another section that are listed beside those of one. */
async function listedBeside(
  ctx: Context,
  { section, as }: AlsoIn,
  search: string | undefined,
): Promise<EntryView[]> {
  const views = await everyPage(ctx, { section }, search)
  return views.flatMap((view) => {
    const entry = as(view.entry)
    return entry === undefined ? [] : { ...view, entry }
  })
}

/** The other section, where the name is that of an entry that is listed beside those of this one. */
function whereListed(document: Document, { alsoIn }: SectionCommand, id: string): Where | undefined {
  if (alsoIn === undefined) return undefined
  const { section, as } = alsoIn
  const found = listFound(document, { section }).find((one) => sameId(section, one.id, id))
  return found === undefined || as(found.entry) === undefined ? undefined : { section }
}

const withConnection = ({ section }: SectionCommand, command: Command): Command =>
  sectionOf(section).within === undefined ? command : command.argument('<connection>', 'whose environments')

const idArgument = ({ section }: SectionCommand): string =>
  sectionOf(section).key === undefined ? '<id>' : '<name>'

const addSettings = (command: Command): Command =>
  command.option('--settings <file>', 'further settings, YAML or JSON; `-` reads standard input')

/** What commander hands to an action: the arguments, then the options, then the command. */
function readArguments(
  { section }: SectionCommand,
  args: readonly unknown[],
): { where: Where; rest: readonly string[]; options: Options } {
  const options = args.at(-2) as Options
  const texts = args.slice(0, -2) as string[]
  return sectionOf(section).within === undefined
    ? { where: { section }, rest: texts, options }
    : { where: { section, within: texts[0] }, rest: texts.slice(1), options }
}

/** The settings that were given, as a merge patch: options go before a file. */
function written({ section, fields }: SectionCommand, options: Options, name: string | undefined): Entry {
  const { key } = sectionOf(section)
  const file = options['settings'] as string | undefined
  const further = file === undefined ? {} : documentIn(file)
  if (!isObject(further)) throw new Problem(422, `the file \`${file}\` has no settings`)
  const named = key === undefined || name === undefined ? {} : { [key]: name }
  return merged(merged(named, further), patchOf(fields, options))
}

function shown(value: unknown): string | number | null {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.length === 0 ? null : printable(value.join(', '))
  return typeof value === 'number'
    ? value
    : printable(typeof value === 'string' ? value : JSON.stringify(value))
}

const printedYaml = (value: object): string =>
  stringify(value).trimEnd().split('\n').map(printable).join('\n')
