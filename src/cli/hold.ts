import { Command } from 'commander'
import { listHeld, reject, release, type HeldView } from '../provision/held.ts'
import { byCommand, withInstallation } from './local.ts'
import { printable, printJson, printTable } from './print.ts'

export const holdCommand = (): Command =>
  new Command('hold')
    .description('whose access stays as it was, although their directory says otherwise')
    .addCommand(listCommand())
    .addCommand(
      verdictCommand(
        'release',
        'let what the directory says take effect',
        release,
        (people) => `released under the alarm ${people}`,
      ),
    )
    .addCommand(
      verdictCommand(
        'reject',
        'let people keep what they have, until their directory says again what gives them as much',
        reject,
        (people) => `kept under the alarm ${people}`,
      ),
    )

const listCommand = (): Command =>
  new Command('list')
    .description('list who is held, what they have and what they would have')
    .option('--alarm <id>', 'under this alarm')
    .option('--directory <name>', 'name or id')
    .option('--search <text>', 'part of the user name')
    .option('--json', 'for programs')
    .action(async (options: { alarm?: string; directory?: string; search?: string; json?: true }) => {
      const { json, ...wanted } = options
      const { held, nextCursor } = await withInstallation((ctx) => listHeld(ctx, { ...wanted, limit: 1000 }))
      if (json) return printJson({ held })
      printTable(
        ['ALARM', 'SINCE', 'DIRECTORY', 'USER', 'STATE', 'WHERE', 'HAS', 'WOULD HAVE'],
        held.flatMap(({ access, ...one }) =>
          (access.length > 0 ? access : [undefined]).map((there) => [
            one.alarm,
            one.since,
            one.directory.name,
            printable(one.user.userName) + (one.user.deleted ? ' (deleted)' : ''),
            one.kind === 'protected' ? 'protected' : one.verdict,
            there === undefined ? null : (there.model ?? there.environment ?? there.connection),
            there === undefined ? null : outcome(there.has),
            there === undefined ? null : outcome(there.would),
          ]),
        ),
      )
      if (nextCursor !== undefined) console.log('\nand more: name an alarm or a directory, or search')
    })

function outcome({ decision, reason, role, environment }: HeldView['access'][number]['has']): string {
  return decision === 'deny' ? `deny, ${reason}` : `${role?.name} on ${environment?.connection}`
}

const verdictCommand = (
  name: string,
  description: string,
  decide: typeof release,
  said: (alarm: string) => string,
): Command =>
  new Command(name)
    .description(description)
    .argument('<alarm>', 'its id')
    .requiredOption('--reason <text>', 'why, for those who read it later')
    .option('--user <name...>', 'id or user name; everybody who is held under the alarm without it')
    .option('--json', 'for programs')
    .action(async (id: string, options: { reason: string; user?: string[]; json?: true }) => {
      const { json, reason, user: users } = options
      const alarm = await withInstallation((ctx) => decide(ctx, byCommand(ctx), id, { reason, users }))
      if (json) return printJson(alarm)
      console.log(`${said(alarm.id)}, which is ${alarm.open ? 'still open' : 'closed'}`)
    })
