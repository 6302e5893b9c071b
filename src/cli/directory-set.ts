import { Command, Option } from 'commander'
import { MODES, REHIRES, type Mode, type Rehire } from '../../schemas/config.ts'
import { changeDirectory } from '../provision/directories.ts'
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
    .option('--json', 'for programs')
    .action(async (directory: string, options: { mode?: Mode; rehire?: Rehire; json?: true }) => {
      const { json, ...wanted } = options
      const changed = await withInstallation((ctx) => changeDirectory(ctx, byCommand(ctx), directory, wanted))
      if (json) return printJson(changed)
      console.log(`${changed.name}  mode ${changed.mode}, rehire ${changed.rehire}`)
    })
