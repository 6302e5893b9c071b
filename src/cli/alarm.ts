import { Command } from 'commander'
import { acknowledgeAlarm, listAlarms } from '../provision/alarms.ts'
import { byCommand, withInstallation } from './local.ts'
import { printJson, printTable } from './print.ts'

export const alarmCommand = (): Command =>
  new Command('alarm')
    .description('what administrators were told: too many people lost access at once')
    .addCommand(
      new Command('list')
        .description('list alarms that nobody has dealt with, the newest first')
        .option('--all', 'those too that somebody has dealt with')
        .option('--directory <name>', 'name or id')
        .option('--search <text>', 'part of the name of the directory, or of the id')
        .option('--json', 'for programs')
        .action(async (options: { all?: true; directory?: string; search?: string; json?: true }) => {
          const { all, json, ...wanted } = options
          const { alarms, nextCursor } = await withInstallation((ctx) =>
            listAlarms(ctx, { ...wanted, open: all ? undefined : true, limit: 1000 }),
          )
          if (json) return printJson({ alarms })
          printTable(
            ['ALARM', 'RAISED', 'DIRECTORY', 'PEOPLE', 'LIMIT', 'MEASURE', 'STATE', 'BY', 'REASON'],
            alarms.map((one) => [
              one.id,
              one.raisedAt,
              one.directory.name,
              one.people,
              one.kind === 'brake' ? `${one.limit} in ${one.minutes} min` : `protected: ${one.user}`,
              one.measure,
              one.outcome ?? 'open',
              one.closedBy,
              one.reason,
            ]),
          )
          if (nextCursor !== undefined) console.log('\nand more: name a directory, or search')
        }),
    )
    .addCommand(
      new Command('acknowledge')
        .description('note that an alarm was seen')
        .argument('<alarm>', 'its id')
        .option('--reason <text>', 'what it was about')
        .option('--json', 'for programs')
        .action(async (id: string, { json, ...given }: { reason?: string; json?: true }) => {
          const alarm = await withInstallation((ctx) => acknowledgeAlarm(ctx, byCommand(ctx), id, given))
          if (json) printJson(alarm)
          else console.log(`acknowledged the alarm of ${alarm.directory.name} of ${alarm.raisedAt}`)
        }),
    )
