import { Command } from 'commander'
import { openStore } from '../../db/open.ts'
import { readConfig } from '../config.ts'
import { printJson } from './print.ts'

export const migrateCommand = (): Command =>
  new Command('migrate')
    .description('bring the tables up to date; twice is the same as once')
    .option('--json', 'for programs')
    .action(async (options: { json?: true }) => {
      const engine = await openStore(readConfig().databaseUrl)
      try {
        const migrations = await engine.migrate()
        if (options.json) printJson({ migrations })
        else console.log(migrations.length === 0 ? 'up to date' : `run: ${migrations.join(', ')}`)
      } finally {
        await engine.close()
      }
    })
