import cliProgress from 'cli-progress'

/** Prints a value for a program to read. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2))
}

type Rows = readonly (readonly (string | number | null)[])[]

/** Prints rows in aligned columns under their titles. */
export function printTable(titles: readonly string[], rows: Rows): void {
  console.log(table(titles, rows))
}

/** Rows in aligned columns under their titles. */
export function table(titles: readonly string[], rows: Rows): string {
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '-' : String(cell))))
  const widths = titles.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(titles), ...cells.map(line)].join('\n')
}

/** Names are the client's: what would steer a terminal is not printed. */
export const printable = (text: string): string => text.replaceAll(/\p{C}/gu, '\uFFFD')

/** A progress bar on standard error that appears when the work takes longer than two seconds. */
export function progressBar(what: string): { show(done: number, total: number): void; end(): void } {
  const startedAt = performance.now()
  let bar: cliProgress.SingleBar | undefined
  return {
    show(done, total) {
      if (bar === undefined && performance.now() - startedAt > 2000) {
        bar = new cliProgress.SingleBar(
          {
            format: `${what} {bar} {percentage} % | {value}/{total} | {eta_formatted}`,
            noTTYOutput: true,
            notTTYSchedule: 2000,
          },
          cliProgress.Presets.shades_classic,
        )
        bar.start(total, done)
      }
      bar?.setTotal(total)
      bar?.update(done)
    },
    end: () => bar?.stop(),
  }
}
