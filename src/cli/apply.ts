import { Command } from 'commander'
import type { Context } from '../context.ts'
import { applyConfiguration, type Applied } from '../provision/configuration.ts'
import type { Document } from '../provision/edit/document.ts'
import { applyPlan } from '../provision/plan.ts'
import { recomputeAll } from '../provision/recompute.ts'
import type { Progress } from '../provision/redefine.ts'
import { printApplied } from './changes.ts'
import { documentIn } from './document.ts'
import { byCommand, withInstallation } from './local.ts'
import { wholeNumber } from './options.ts'
import { printJson, progressBar } from './print.ts'

interface Options {
  readonly plan?: string
  readonly basedOn?: number
  readonly json?: true
}

export const applyCommand = (): Command =>
  new Command('apply')
    .description('make a configuration file the one in force; twice is the same as once')
    .argument('[file]', 'YAML or JSON; `-` reads standard input')
    .option('--plan <id>', 'apply this plan instead of a file, unless the configuration has moved since')
    .option('--based-on <revision>', 'refuse when another revision is in force', wholeNumber)
    .option('--json', 'for programs')
    .action(async (file: string | undefined, { plan, basedOn, json }: Options, command: Command) => {
      if ((file === undefined) === (plan === undefined)) {
        command.error('error: name either a file or --plan <id>')
      }
      const document = file === undefined ? undefined : documentIn(file)
      const applied = await withInstallation((ctx) =>
        andRecompute(ctx, (progress) =>
          plan === undefined
            ? applyConfiguration(ctx, byCommand(ctx), document, {
                plannedOn: basedOn === undefined ? undefined : { revision: basedOn },
                progress,
              })
            : applyPlan(ctx, byCommand(ctx), plan, { progress }),
        ),
      )
      if (json) printJson(applied)
      else printApplied(applied, document as Document | undefined)
    })

/** Applies, and decides again for everybody before the command ends. */
export async function andRecompute<T extends Applied>(
  ctx: Context,
  apply: (progress: Progress) => Promise<T>,
): Promise<T> {
  const search = progressBar('looking for values')
  const result = await apply(search.show).finally(search.end)
  const bar = progressBar('recomputing')
  await recomputeAll(ctx, bar.show)
  bar.end()
  return result
}
