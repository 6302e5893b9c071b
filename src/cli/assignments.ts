import { Command, Option } from 'commander'
import { assignmentQuery } from '../../schemas/messages.ts'
import { listAssignments } from '../provision/access.ts'
import { checked } from './checked.ts'
import { withInstallation } from './local.ts'
import { printable, printJson, printTable } from './print.ts'

export const assignmentsCommand = (): Command =>
  new Command('assignments')
    .description('who has a role, a value, an environment, a state: one line per person and connection')
    .option('--connection <name>', 'on this connection')
    .option('--role <role>', 'with this role there')
    .option('--tier <tier>', 'with a role of this tier')
    .option('--environment <connection>', 'in this environment')
    .option('--value <value>', 'led there by this value')
    .addOption(new Option('--state <state>', 'whether they are let in').choices(['allow', 'deny']))
    .option('--reason <reason>', 'denied for this: `no_value`, `inactive` …')
    .option('--directory <name>', 'name or id')
    .option('--search <text>', 'part of the user name')
    .option('--limit <number>', 'so many at most, up to 1000', '100')
    .option('--cursor <cursor>', 'where the page before ended')
    .option('--json', 'for programs')
    .action(async (options: Readonly<Record<string, unknown>>, command: Command) => {
      const { json, state, ...wanted } = options
      const query = checked(assignmentQuery, { ...wanted, decision: state }, command)
      const page = await withInstallation((ctx) => listAssignments(ctx, query))
      if (json) return printJson(page)
      const { assignments, nextCursor, recomputing } = page
      printTable(
        ['USER', 'DIRECTORY', 'CONNECTION', 'STATE', 'ROLE', 'ENVIRONMENT', 'VALUE'],
        assignments.map((one) =>
          [
            one.user.userName,
            one.directory.name,
            one.connection,
            one.reason === null ? one.decision : `${one.decision}: ${one.reason}`,
            one.role,
            one.environment,
            one.value,
          ].map((cell) => cell && printable(cell)),
        ),
      )
      if (nextCursor !== undefined) console.log(`\nand more: --cursor ${nextCursor}, or search`)
      if (recomputing) console.log('\npeople are still being decided again, so that some of this may lag')
    })
