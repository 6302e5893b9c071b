import { Command } from 'commander'
import type { Document } from '../provision/edit/document.ts'
import { readPresent } from '../provision/edit/read.ts'
import { lintDocument, lintInForce } from '../provision/lint.ts'
import { printFindings } from './changes.ts'
import { documentIn } from './document.ts'
import { EXIT } from './exit.ts'
import { withInstallation } from './local.ts'
import { printJson, progressBar } from './print.ts'

export const lintCommand = (): Command =>
  new Command('lint')
    .description('what of a configuration can be applied and may not be meant, and what to do about it')
    .argument('[file]', 'YAML or JSON, `-` reads standard input; default: the configuration in force')
    .option('--json', 'for programs')
    .action(async (file: string | undefined, options: { json?: true }) => {
      const document = file === undefined ? undefined : documentIn(file)
      const [linting, linted] = await withInstallation(async (ctx) => {
        if (file === undefined) return [await lintInForce(ctx), (await readPresent(ctx)).document] as const
        const bar = progressBar('deciding for everybody')
        const found = await lintDocument(ctx, document, bar.show)
        bar.end()
        return [found, document as Document] as const
      })
      const { findings, revision, recomputing } = linting
      if (options.json) printJson(linting)
      else {
        printFindings(findings, linted)
        if (recomputing) console.log('people are still being decided again, so that some of this may lag')
        if (findings.length === 0)
          console.log(`nothing: ${file ?? `revision ${revision}`} is as it should be`)
      }
      if (findings.length > 0) process.exitCode = EXIT.found
    })
