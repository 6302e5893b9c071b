import type { ConfigChange } from '../provision/config-changes.ts'
import type { Applied } from '../provision/configuration.ts'
import type { Finding } from '../provision/lints.ts'
import type { Document } from '../provision/edit/document.ts'
import { told } from '../provision/edit/places.ts'
import type { Fault } from '../provision/problem.ts'
import { printable } from './print.ts'

/** Prints what is different between two configurations, with `details` setting by setting; entries without a name always. */
export function printChanges(changes: readonly ConfigChange[], details: boolean): void {
  for (const { change, kind, name, formerName, fields } of changes) {
    const names = formerName === undefined ? name : `${formerName} to ${name}`
    console.log(printable(`${change.padEnd(8)}  ${kind} ${names}`.trimEnd()))
    const entries = fields.filter(({ field }) => field === '')
    for (const { before, after } of entries.slice(0, MOST_ENTRIES))
      console.log(printable(`            ${after === undefined ? '-' : '+'} ${entryText(after ?? before)}`))
    if (entries.length > MOST_ENTRIES) console.log(`            and ${entries.length - MOST_ENTRIES} more`)
    if (!details || change === 'added' || change === 'removed') continue
    for (const { field, before, after } of fields.filter((one) => one.field !== '')) {
      const label = `${field}: `
      if (after === undefined) console.log(printable(`            - ${label}${shown(before)}`))
      else if (before === undefined) console.log(printable(`            + ${label}${shown(after)}`))
      else console.log(printable(`            ${label}${shown(before)} → ${shown(after)}`))
    }
  }
}

/** So many entries of a section are told one by one. */
const MOST_ENTRIES = 20

/** An entry without a name by what it says: `user ada, role viewer, on warehouse`. */
function entryText(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return shown(entry)
  const said = Object.entries(entry).filter(([, value]) => value !== undefined)
  return said.map(([setting, value]) => `${setting} ${shown(value)}`).join(', ')
}

/** Says what was made the configuration in force. */
export function printApplied({ changes, warnings, revision }: Applied, document?: Document): void {
  printChanges(changes, false)
  printFindings(warnings, document)
  console.log(
    changes.length === 0
      ? `no change: revision ${revision} stays in force`
      : `revision ${revision} is in force`,
  )
}

/** Prints what may not be meant, with what to do about it. @param document whose entries are named, if their places are not */
export function printFindings(findings: readonly Finding[], document?: Document): void {
  for (const finding of findings) console.log(findingText(withName(finding, document)))
}

/** A fault by the names of entries, with its place in the document beside them. */
export function withName<T extends Fault>(fault: T, document: Document | undefined): T {
  if (document === undefined) return fault
  const { path } = told(document, fault)
  return { ...fault, path: path === fault.path ? path : `${path} (${fault.path})` }
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
