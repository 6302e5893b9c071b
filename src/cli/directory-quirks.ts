import { Command } from 'commander'
import { listQuirks, type QuirkView } from '../provision/quirks.ts'
import { withInstallation } from './local.ts'
import { printable, printJson, printTable } from './print.ts'

export const directoryQuirksCommand = (): Command =>
  new Command('quirks')
    .description('which habits of its identity provider were made allowance for, and how often')
    .argument('<directory>', 'name or id')
    .option('--search <text>', 'part of the name or of what it does')
    .option('--examples', 'show how the last such request was built, without its values')
    .option('--json', 'for programs')
    .action(async (directory: string, options: { search?: string; examples?: true; json?: true }) => {
      const { quirks } = await withInstallation((ctx) =>
        listQuirks(ctx, directory, { limit: 1000, search: options.search }),
      )
      if (options.json) return printJson({ quirks })
      if (quirks.length === 0) {
        return console.log(
          'none: every request was as the RFCs have it, or no mistake was made allowance for',
        )
      }
      const habits = quirks.filter(({ kind }) => kind === 'rewrite')
      const unknown = quirks.filter(({ kind }) => kind === 'attribute')
      if (habits.length > 0) {
        console.log('Habits that SCIM 2.0 does not know, and what they were taken to mean:\n')
        printQuirks('TAKEN TO MEAN', habits, ({ name, does }) => `${does} (${name})`, options.examples)
      }
      if (unknown.length > 0) {
        console.log(
          `${habits.length > 0 ? '\n' : ''}Attributes that this directory keeps sending and no schema knows: they are ignored. Take them out of the attribute mapping of the identity provider, or declare them under \`extensions\`.\n`,
        )
        printQuirks('ATTRIBUTE', unknown, ({ name }) => name, options.examples)
      }
    })

function printQuirks(
  title: string,
  quirks: readonly QuirkView[],
  say: (quirk: QuirkView) => string,
  withExamples: true | undefined,
): void {
  printTable(
    ['TIMES', 'LAST', title, ...(withExamples ? ['EXAMPLE'] : [])],
    quirks.map((quirk) => [
      quirk.times,
      quirk.lastAt,
      printable(say(quirk)),
      ...(withExamples ? [printable(quirk.example)] : []),
    ]),
  )
}
