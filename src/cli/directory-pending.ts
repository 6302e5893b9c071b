import { Command } from 'commander'
import { listPendingMembers } from '../provision/pending-members.ts'
import { withInstallation } from './local.ts'
import { printJson, printTable } from './print.ts'

export const directoryPendingCommand = (): Command =>
  new Command('pending')
    .description('members of groups that were sent and are not here yet; they join when they arrive')
    .argument('[directory]', 'name or id; all directories without it')
    .option('--group <name>', 'name or id of one group')
    .option('--search <text>', 'part of the id that was sent')
    .option('--json', 'for programs')
    .action(
      async (
        directory: string | undefined,
        { json, ...wanted }: { group?: string; search?: string; json?: true },
      ) => {
        const { pendingMembers, nextCursor } = await withInstallation((ctx) =>
          listPendingMembers(ctx, { limit: 1000, directory, ...wanted }),
        )
        if (json) return printJson({ pendingMembers })
        printTable(
          ['DIRECTORY', 'GROUP', 'WAITS FOR', 'SINCE'],
          pendingMembers.map((one) => [one.directory.name, one.group.displayName, one.value, one.since]),
        )
        if (nextCursor !== undefined) console.log('\nand more: name a group, or search')
      },
    )
