import { Command } from 'commander'
import { documentToRestore, rollBack } from '../provision/revisions.ts'
import { andRecompute } from './apply.ts'
import { printApplied } from './changes.ts'
import { byCommand, withInstallation } from './local.ts'
import { wholeNumber } from './options.ts'
import { showPlan, tellPlan } from './plan.ts'
import { printJson } from './print.ts'

interface Options {
  readonly plan?: true
  readonly list: number
  readonly basedOn?: number
  readonly json?: true
}

export const rollbackCommand = (): Command =>
  new Command('rollback')
    .description('make an earlier configuration the one in force again, as a new revision')
    .argument('[revision]', 'default: the one before that in force', wholeNumber)
    .option('--plan', 'show what it would change, and change nothing')
    .option('--list <number>', 'people to list with --plan', wholeNumber, 20)
    .option('--based-on <revision>', 'refuse when another revision is in force', wholeNumber)
    .option('--json', 'for programs')
    .action(async (id: number | undefined, options: Options) => {
      if (options.plan) {
        const shown = await withInstallation(async (ctx) =>
          showPlan(ctx, (await documentToRestore(ctx, id)).document, options),
        )
        return tellPlan(shown, options.json)
      }
      const applied = await withInstallation((ctx) =>
        andRecompute(ctx, (progress) =>
          rollBack(ctx, byCommand(ctx), id, {
            ...(options.basedOn !== undefined && { plannedOn: { revision: options.basedOn } }),
            progress,
          }),
        ),
      )
      if (options.json) return printJson(applied)
      printApplied(applied)
      if (applied.changes.length > 0) console.log(`it says what revision ${applied.restores} said`)
    })
