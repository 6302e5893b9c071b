import { Argument, Command } from 'commander'
import { PROVIDERS } from '../../schemas/messages.ts'
import { createDirectory, listDirectories, removeDirectory } from '../provision/directories.ts'
import { directoryPendingCommand } from './directory-pending.ts'
import { directoryQuirksCommand } from './directory-quirks.ts'
import { directorySetCommand } from './directory-set.ts'
import { byCommand, withInstallation } from './local.ts'
import { printJson, printTable } from './print.ts'

type Provider = (typeof PROVIDERS)[number]

export const directoryCommand = (): Command =>
  new Command('directory')
    .description('the connections from identity providers')
    .addCommand(
      new Command('add')
        .description('add a directory and show the address to enter in the identity provider')
        .argument('<name>')
        .addArgument(new Argument('[provider]').choices([...PROVIDERS]).default('generic'))
        .option('--json', 'for programs')
        .action(async (name: string, provider: Provider, options: { json?: true }) => {
          const created = await withInstallation((ctx) =>
            createDirectory(ctx, byCommand(ctx), { name, provider }),
          )
          if (options.json) return printJson(created)
          console.log(
            `${created.name}  ${created.id}\nSCIM  ${created.scimUrl}\nnext: signalbox token add ${JSON.stringify(created.name)}`,
          )
        }),
    )
    .addCommand(
      new Command('list')
        .description('list directories')
        .option('--search <text>', 'part of the name')
        .option('--json', 'for programs')
        .action(async (options: { search?: string; json?: true }) => {
          const { directories } = await withInstallation((ctx) =>
            listDirectories(ctx, { limit: 1000, search: options.search }),
          )
          if (options.json) return printJson({ directories })
          printTable(
            ['NAME', 'PROVIDER', 'ID', 'SINCE'],
            directories.map((one) => [one.name, one.provider, one.id, one.createdAt]),
          )
        }),
    )
    .addCommand(
      new Command('remove')
        .description('remove a directory with its users, groups and tokens; they lose all access')
        .argument('<name>', 'name or id')
        .option('--confirm <name>', 'the name once more')
        .option('--json', 'for programs')
        .action(async (name: string, options: { confirm?: string; json?: true }) => {
          await withInstallation((ctx) => removeDirectory(ctx, byCommand(ctx), name, options.confirm))
          if (options.json) printJson({ removed: name })
          else console.log(`removed ${name}`)
        }),
    )
    .addCommand(directorySetCommand())
    .addCommand(directoryQuirksCommand())
    .addCommand(directoryPendingCommand())
