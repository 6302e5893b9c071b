import { Command } from 'commander'
import { readStatus } from '../provision/status.ts'
import { withInstallation } from './local.ts'
import { printJson, printTable } from './print.ts'

export const statusCommand = (): Command =>
  new Command('status')
    .description('what is here, and what is still being worked off')
    .option('--json', 'for programs')
    .action(async (options: { json?: true }) => {
      const status = await withInstallation(readStatus)
      if (options.json) return printJson(status)
      console.log(
        `database  ${status.engine}\nrevision  ${status.revision === 0 ? 'no configuration applied yet' : status.revision}\nposition  ${status.position}\n`,
      )
      printTable(
        ['DIRECTORY', 'PROVIDER', 'USERS', 'GROUPS', 'LAST REQUEST', 'LAST CHANGE'],
        status.directories.map((one) => [
          one.name,
          one.provider,
          one.users,
          one.groups,
          one.lastRequestAt,
          one.lastChangeAt,
        ]),
      )
      for (const job of status.recomputing) {
        console.log(
          `\ndeciding again (${job.cause}): ${job.done} of ${job.total} people; resolve answers by the facts meanwhile`,
        )
      }
    })
