import { Command, Option } from 'commander'
import { toErrors, wording } from '../../schemas/config-error.ts'
import { MEASURES, MODES, REHIRES, type Measure, type Mode, type Rehire } from '../../schemas/config.ts'
import { directoryChange } from '../../schemas/messages.ts'
import { changeDirectory } from '../provision/directories.ts'
import { Problem } from '../provision/problem.ts'
import { byCommand, withInstallation } from './local.ts'
import { printJson } from './print.ts'

export const directorySetCommand = (): Command =>
  new Command('set')
    .description('change how a directory is treated; what is not named stays as it is')
    .argument('<directory>', 'name or id')
    .addOption(
      new Option('--mode <mode>', 'make allowance for habits of clients, or hold them to the RFCs').choices([
        ...MODES,
      ]),
    )
    .addOption(
      new Option('--rehire <policy>', 'what becomes of a person who was deleted and comes back').choices([
        ...REHIRES,
      ]),
    )
    .addOption(
      new Option(
        '--brake <measure>',
        'when too many lose access: tell administrators, or hold it until they decide',
      ).choices([...MEASURES]),
    )
    .option('--brake-users <number>', 'more people who lose access are too many', Number)
    .option('--brake-percent <number>', 'a larger part of the directory is too many', Number)
    .option('--brake-minutes <number>', 'within so many minutes', Number)
    .option('--json', 'for programs')
    .action(async (directory: string, options: Options) => {
      const { json, brake: measure, brakeUsers, brakePercent, brakeMinutes, ...others } = options
      const given = { users: brakeUsers, percent: brakePercent, minutes: brakeMinutes, measure }
      const brake = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      const wanted = readChange({ ...others, ...(Object.keys(brake).length > 0 && { brake }) })
      const changed = await withInstallation((ctx) => changeDirectory(ctx, byCommand(ctx), directory, wanted))
      if (json) return printJson(changed)
      const { users, percent, minutes } = changed.brake
      console.log(
        `${changed.name}  mode ${changed.mode}, rehire ${changed.rehire}, brake at ${users} people or ${percent} % in ${minutes} minutes: ${changed.brake.measure}`,
      )
    })

interface Options {
  readonly mode?: Mode
  readonly rehire?: Rehire
  readonly brake?: Measure
  readonly brakeUsers?: number
  readonly brakePercent?: number
  readonly brakeMinutes?: number
  readonly json?: true
}

function readChange(given: object) {
  const parsed = directoryChange.safeParse(given, { error: wording })
  if (parsed.success) return parsed.data
  throw new Problem(400, 'the options are not as they should be', parsed.error.issues.flatMap(toErrors))
}
