import { Command, Option } from 'commander'
import { listExtraModels, removeExtraModels } from '../../provision/edit/extra-models.ts'
import { Problem } from '../../provision/problem.ts'
import { askOnTerminal } from '../ask.ts'
import { withInstallation } from '../local.ts'
import { printable, printJson, printTable } from '../print.ts'
import { addEditFlags, makeEdit, type EditFlags } from './make-edit.ts'

interface Options extends EditFlags {
  readonly model?: string
  readonly uses?: 'remove'
  readonly list?: true
  readonly yes?: true
}

/** Environments share the models of their connection; what was built on them by mistake is found and removed. */
export const cleanupVerb = (): Command =>
  addEditFlags(
    new Command('cleanup')
      .description(
        'list the models on the environments of a connection, which share its own, and remove them',
      )
      .argument('<name>')
      .option('--model <name>', 'this one alone')
      .addOption(new Option('--uses <what>', 'remove what names them, too').choices(['remove']))
      .option('--list', 'list them, and remove nothing')
      .option('--yes', 'remove them without asking'),
  ).action(async (name: string, options: Options) => {
    const { extraModels } = await withInstallation((ctx) => listExtraModels(ctx, name, { limit: MOST }))
    const found = extraModels.filter((one) => options.model === undefined || one.name === options.model)
    if (options.list && options.json) return printJson({ extraModels: found })
    if (!options.json) {
      if (found.length === 0) return console.log(`no models on environments of ${printable(name)}`)
      printTable(
        ['MODEL', 'ON', 'USES'],
        found.map((one) => [printable(one.name), printable(one.connection), one.uses.length]),
      )
    }
    if (options.list) return
    if (!options.yes && !options.plan && !(await confirmed(found.length))) {
      throw new Problem(409, 'nothing was removed')
    }
    await makeEdit((document) => removeExtraModels(document, name, { ...options, confirm: name }), options)
  })

/** More than anybody has. */
const MOST = 100_000

async function confirmed(models: number): Promise<boolean> {
  const answers = askOnTerminal()
  try {
    return await answers.confirm(`remove ${models === 1 ? 'this model' : `these ${models} models`}?`)
  } finally {
    answers.end()
  }
}
