import { Command } from 'commander'
import { listRefused } from '../provision/refused.ts'
import { withInstallation } from './local.ts'
import { printable, printJson, printTable } from './print.ts'

export const refusedCommand = (): Command =>
  new Command('refused')
    .description('what directories may not hand out and would: to whom, what, and by which rule or attribute')
    .option('--directory <name>', 'name or id')
    .option('--search <text>', 'part of the user name, or of what is refused')
    .option('--json', 'for programs')
    .action(async (options: { directory?: string; search?: string; json?: true }) => {
      const { json, ...wanted } = options
      const { people, nextCursor } = await withInstallation((ctx) =>
        listRefused(ctx, { ...wanted, limit: 1000 }),
      )
      if (json) return printJson({ people })
      printTable(
        ['DIRECTORY', 'USER', 'SINCE', 'REFUSED'],
        people.flatMap(({ user, directory, since, refused }) =>
          refused.map(({ text }) => [directory.name, printable(user.userName), since, printable(text)]),
        ),
      )
      if (nextCursor !== undefined) console.log('\nand more: name a directory, or search')
    })
