import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { applyConfiguration } from '../provision/configuration.ts'
import { readDocument } from '../provision/document-text.ts'
import { Problem } from '../provision/problem.ts'
import { recomputeAll } from '../provision/recompute.ts'
import { byCommand, withInstallation } from './local.ts'
import { printJson, progressBar } from './print.ts'

export const applyCommand = (): Command =>
  new Command('apply')
    .description('make a configuration file the one in force; twice is the same as once')
    .argument('<file>', 'YAML or JSON; `-` reads standard input')
    .option('--json', 'for programs')
    .action(async (file: string, options: { json?: true }) => {
      const document = readFile(file)
      const applied = await withInstallation(async (ctx) => {
        const search = progressBar('looking for values')
        const result = await applyConfiguration(ctx, byCommand(ctx), document, search.show).finally(
          search.end,
        )
        const bar = progressBar('recomputing')
        await recomputeAll(ctx, bar.show)
        bar.end()
        return result
      })
      if (options.json) return printJson(applied)
      for (const { change, kind, name } of applied.changes)
        console.log(`${change.padEnd(8)}  ${kind} ${name}`.trimEnd())
      for (const { path, message } of applied.warnings) console.log(`warning   ${path}: ${message}`)
      console.log(
        applied.changes.length === 0
          ? `no change: revision ${applied.revision} stays in force`
          : `revision ${applied.revision} is in force`,
      )
    })

function readFile(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new Problem(400, `the file \`${file}\` cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  return readDocument(text, `the file \`${file}\``)
}
