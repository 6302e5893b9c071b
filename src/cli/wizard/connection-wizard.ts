import type { Command } from 'commander'
import { stringify } from 'yaml'
import { previewEdit, type Edit } from '../../provision/edit/edit-configuration.ts'
import type { Entry } from '../../provision/edit/document.ts'
import { mergePatch } from '../../provision/edit/merge-patch.ts'
import { readPresent } from '../../provision/edit/read.ts'
import { setUpConnection, type SetUp } from '../../provision/edit/set-up-connection.ts'
import { Problem } from '../../provision/problem.ts'
import { findingText } from '../changes.ts'
import { WrongUsage } from '../checked.ts'
import { CONNECTION } from '../edit/commands.ts'
import { pairsIn, patchOf } from '../edit/fields.ts'
import { makeEdit, type EditFlags } from '../edit/make-edit.ts'
import type { OtherWay } from '../edit/section-command.ts'
import { withInstallation } from '../local.ts'
import { printable } from '../print.ts'
import { askSetUp } from './ask-set-up.ts'
import { openDialogue } from './dialogue.ts'
import type { SetUpOptions } from './set-up-options.ts'

interface Given extends EditFlags, Readonly<Record<string, unknown>> {
  readonly wizard?: true
  readonly yes?: true
}

/** The whole set-up of a connection as one guided path, each step of which can be an option instead. */
export const WIZARD: OtherWay = {
  options: addOptions,
  async take(name, options) {
    if (options['wizard'] === undefined) refuseOptions(options)
    else await runWizard(name, options)
    return options['wizard'] !== undefined
  },
}

function addOptions(add: Command): Command {
  return add
    .option(
      '--wizard',
      'be asked for all of it: environments, who gets where, models; each answer can be an option',
    )
    .optionsGroup('With --wizard:')
    .option(
      '--environment <name...>',
      'connections that stand for other roles; added where they are not there',
    )
    .option('--environment-url <name=reference...>', 'where the URL of a new one is')
    .option('--environment-values <name=value...>', 'a value that leads there')
    .option('--environment-groups <name=group...>', 'a group whose members may ask for it by name')
    .option('--environment-users <name=user...>', 'a user who may ask for it by name')
    .option('--environment-directory <name=directory...>', 'the directory of these users and groups')
    .option('--attribute-from <path>', 'the SCIM attribute that feeds a new user attribute')
    .option('--attribute-default <value>', 'its value for people who have none; without it they are denied')
    .option('--models <name...>', 'data models to build on it')
    .option('--remove-extra-models', 'remove models that are built on its environments')
    .option('--yes', 'ask nothing: what no option says is as it is otherwise')
}

/** The settings that belong to the wizard alone. */
const OF_THE_WIZARD = [
  'environment',
  'environmentUrl',
  'environmentValues',
  'environmentGroups',
  'environmentUsers',
  'environmentDirectory',
  'attributeFrom',
  'attributeDefault',
  'models',
  'removeExtraModels',
  'yes',
] as const

/** Refuses what says nothing without the wizard. */
function refuseOptions(options: Readonly<Record<string, unknown>>): void {
  const stray = OF_THE_WIZARD.find((one) => options[one] !== undefined)
  if (stray === undefined) return
  const flag = stray.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new WrongUsage(`\`--${flag}\` says nothing without \`--wizard\``)
}

/** Asks, shows what comes of it, and applies it as one revision. */
async function runWizard(name: string, given: Given): Promise<void> {
  const { revision, document } = await withInstallation(readPresent)
  const dialogue = openDialogue(given.yes === true)
  try {
    const setUp = await askSetUp(name, optionsOf(given), document, dialogue)
    const edit: Edit = (before) => setUpConnection(before, setUp)
    const flags = { ...given, basedOn: given.basedOn ?? revision }
    if (given.plan) return await makeEdit(edit, flags)
    const { warnings } = await withInstallation((ctx) => previewEdit(ctx, edit, { basedOn: [flags.basedOn] }))
    if (!dialogue.silent) {
      show(setUp, (text) => dialogue.say(text))
      for (const warning of warnings) dialogue.say(findingText(warning))
    }
    if (!(await dialogue.confirm(given.yes, 'Apply this?', false, '--yes')))
      throw new Problem(409, 'nothing was changed')
    await makeEdit(edit, flags)
    if (!given.json)
      console.log(`next: signalbox check ${/^[\w.-]+$/.test(name) ? name : JSON.stringify(name)}`)
  } finally {
    dialogue.end()
  }
}

function optionsOf(given: Given): SetUpOptions {
  const named = (setting: string) => pairsIn((given[setting] ?? []) as readonly string[])
  const further = mergePatch({}, patchOf(CONNECTION.fields, given)) as Entry
  return {
    ...(given as Partial<SetUpOptions>),
    environments: given['environment'] as readonly string[] | undefined,
    environmentUrls: named('environmentUrl'),
    environmentValues: named('environmentValues'),
    environmentGroups: named('environmentGroups'),
    environmentUsers: named('environmentUsers'),
    environmentDirectories: named('environmentDirectory'),
    further,
  } as SetUpOptions
}

/** What is written, as it will stand in the document. */
function show(setUp: SetUp, say: (text: string) => void): void {
  const { document } = setUpConnection({}, { ...setUp, removeExtraModels: false })
  say(`\n${stringify(document).trimEnd().split('\n').map(printable).join('\n')}\n`)
}
