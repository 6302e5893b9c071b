import type { Measured } from './measure.ts'

/** A bound in the unit of its row. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number }

/** One row of the table. */
export interface Outcome {
  readonly what: string
  /** `E`: answers for one of E; `×`: times the cost; anything else as it is. */
  readonly unit: string
  readonly goal: Goal | undefined
  readonly value: number
  readonly spread?: readonly [number, number]
  readonly measured?: Measured
  readonly note?: string
}

/** A row that cannot be measured, and why. */
export interface Absent {
  readonly what: string
  readonly goal: string
  readonly why: string
}

export type Row = Outcome | Absent

/** Whether the goal is reached; undefined where there is none. */
export function reached({ goal, value }: Outcome): boolean | undefined {
  if (goal === undefined) return undefined
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost
}

/** Columns as wide as what stands in them; the last takes what is left. */
const WIDTHS = [78, 12, 14, 13, 9, 8, 6, 8]

export const heading = line(['', 'goal', 'measured', 'spread', '/s', 'p99 ms', 'core', 'cpu µs', ''])

/** A row as a line of the table; `core` is the share of one core that the server used, `cpu` what a request cost it. */
export function rowText(row: Row): string {
  if ('why' in row) return line([row.what, row.goal, `  ${row.why}`])
  const { unit, goal, value, spread, measured, note = '' } = row
  const verdict = reached(row)
  return line([
    row.what,
    goal === undefined
      ? ''
      : 'atLeast' in goal
        ? `≥ ${amount(goal.atLeast, unit)}`
        : `≤ ${amount(goal.atMost, unit)}`,
    amount(value, unit),
    spread === undefined ? '' : `${short(spread[0])}–${short(spread[1])}`,
    measured === undefined ? '' : short(measured.perSecond),
    measured === undefined ? '' : short(measured.p99),
    measured === undefined ? '' : measured.serverLoad.toFixed(2),
    measured === undefined ? '' : short(measured.cpu),
    [verdict === undefined ? '' : verdict ? 'reached' : 'MISSED', note].filter(Boolean).join('  '),
  ])
}

/** What a row says, for programs. */
export function rowJson(row: Row): object {
  return 'why' in row ? row : { ...row, reached: reached(row) }
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) =>
      index === 0
        ? cell.padEnd(WIDTHS[0]!)
        : WIDTHS[index] === undefined
          ? `  ${cell}`
          : cell.padStart(WIDTHS[index]),
    )
    .join('')
    .trimEnd()
}

function amount(value: number, unit: string): string {
  return `${short(value)} ${unit}`
}

/** A whole number with its thousands set apart. */
export function thousands(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
}

/** Three digits are as many as a measurement has. */
function short(value: number): string {
  if (value >= 1000) return thousands(value)
  return value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value.toFixed(value >= 0.1 ? 2 : 3)
}
