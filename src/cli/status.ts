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
      const { openAlarms, held } = status
      if (openAlarms > 0) {
        console.log(`\n${openAlarms} open ${openAlarms === 1 ? 'alarm' : 'alarms'}: signalbox alarm list`)
      }
      if (held > 0) console.log(`\n${held} held: signalbox hold list`)
      for (const job of status.recomputing) {
        const meanwhile =
          job.what === 'decisions'
            ? 'resolve answers by the facts meanwhile'
            : `no filter compares ${someOf(job.attributes)} meanwhile`
        const doing = job.what === 'decisions' ? 'deciding again' : 'preparing again'
        console.log(`\n${doing} (${job.cause}): ${job.done} of ${job.total} people; ${meanwhile}`)
      }
    })

/** The first of many names. */
function someOf(names: readonly string[]): string {
  const [first = '', ...others] = names
  return others.length === 0 ? first : `${first} and ${others.length} more attributes`
}
