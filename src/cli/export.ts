import { Command } from 'commander'
import { stringify } from 'yaml'
import { exportConfiguration } from '../provision/configuration.ts'
import { withInstallation } from './local.ts'
import { printJson } from './print.ts'

export const exportCommand = (): Command =>
  new Command('export')
    .description('print the configuration in force, ready to be applied again')
    .option('--json', 'as JSON instead of YAML')
    .action(async (options: { json?: true }) => {
      const { document } = await withInstallation(exportConfiguration)
      if (options.json) printJson(document)
      else process.stdout.write(stringify(document))
    })
