import type { ConfigChange } from '../provision/config-changes.ts'
import type { Applied } from '../provision/configuration.ts'
import type { Finding } from '../provision/lints.ts'
import { printable } from './print.ts'

/** Prints what is different between two configurations, with `details` setting by setting. */
export function printChanges(changes: readonly ConfigChange[], details: boolean): void {
  for (const { change, kind, name, formerName, fields } of changes) {
    const names = formerName === undefined ? name : `${formerName} to ${name}`
    console.log(printable(`${change.padEnd(8)}  ${kind} ${names}`.trimEnd()))
    if (!details || change === 'added') continue
    for (const { field, before, after } of change === 'removed' ? [] : fields) {
      const label = field === '' ? '' : `${field}: `
      if (after === undefined) console.log(printable(`            - ${label}${shown(before)}`))
      else if (before === undefined) console.log(printable(`            + ${label}${shown(after)}`))
      else console.log(printable(`            ${label}${shown(before)} → ${shown(after)}`))
    }
  }
}

/** Says what was made the configuration in force. */
export function printApplied({ changes, warnings, revision }: Applied): void {
  printChanges(changes, false)
  printFindings(warnings)
  console.log(
    changes.length === 0
      ? `no change: revision ${revision} stays in force`
      : `revision ${revision} is in force`,
  )
}

/** Prints what may not be meant, with what to do about it. */
export function printFindings(findings: readonly Finding[]): void {
  for (const finding of findings) console.log(findingText(finding))
}

/** One of them on one line. */
export const findingText = ({ severity, path, message, todo }: Finding): string =>
  printable(`${severity.padEnd(8)}  ${path}: ${message}; ${todo}`)

/** A setting on one line, the end of a long one left out. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

const LONGEST = 200
