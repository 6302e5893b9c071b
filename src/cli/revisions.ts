import { Command } from 'commander'
import { listRevisions, readRevision } from '../provision/revisions.ts'
import { printChanges } from './changes.ts'
import { withInstallation } from './local.ts'
import { wholeNumber } from './options.ts'
import { printJson, printTable } from './print.ts'

export const revisionsCommand = (): Command =>
  new Command('revisions')
    .description('list the configurations that are or were in force, or show what one of them changed')
    .argument('[revision]', 'its number: what was different from the one before', wholeNumber)
    .option('--search <text>', 'part of the actor')
    .option('--limit <number>', 'how many to list', wholeNumber, 20)
    .option('--cursor <text>', '`nextCursor` of the page before')
    .option('--json', 'for programs')
    .action(
      async (
        id: number | undefined,
        { json, limit, search, cursor }: { json?: true; limit: number; search?: string; cursor?: string },
      ) => {
        if (id !== undefined) {
          const revision = await withInstallation((ctx) => readRevision(ctx, id))
          if (json) return printJson(revision)
          console.log(`revision ${id}, ${revision.createdAt}, by ${revision.actor}\n`)
          return printChanges(revision.changes, true)
        }
        const page = await withInstallation((ctx) =>
          listRevisions(ctx, { limit: Math.min(Math.max(limit, 1), 1000), search, cursor }),
        )
        if (json) return printJson(page)
        if (page.revisions.length === 0) return console.log('none: no configuration was applied yet')
        printTable(
          ['REVISION', 'APPLIED', 'BY', 'BRINGS BACK'],
          page.revisions.map((one) => [one.id, one.createdAt, one.actor, one.restores]),
        )
        if (page.nextCursor !== undefined) console.log(`and more: --limit, --cursor ${page.nextCursor}`)
      },
    )
