import { invalidPath, quote } from '../error.ts'

/** The three parts of a PATCH path (RFC 7644 §3.5.2, Figure 7): `attribute[filter].sub`. */
export interface ValuePath {
  readonly attribute: string
  readonly filter?: string
  readonly sub?: string
}

/**
 * Takes a PATCH path apart. A bracket inside a text of the filter is no bracket of the path.
 *
 * @throws ScimError `invalidPath`
 * @example splitValuePath('emails[type eq "work"].value') // { attribute: 'emails', filter: 'type eq "work"', sub: 'value' }
 */
export function splitValuePath(text: string): ValuePath {
  const path = text.trim()
  const open = path.indexOf('[')
  if (open < 0) return { attribute: path }
  const close = closingBracket(path, open)
  const rest = path.slice(close + 1)
  if (close < 0 || (rest !== '' && !SUB.test(rest)))
    throw invalidPath(`${quote(text)} is not an attribute path`)
  const attribute = path.slice(0, open)
  const filter = path.slice(open + 1, close)
  return rest === '' ? { attribute, filter } : { attribute, filter, sub: rest.slice(1) }
}

const SUB = /^\.[A-Za-z$][-\w$]*$/

function closingBracket(path: string, open: number): number {
  let quoted = false
  for (let at = open + 1; at < path.length; at++) {
    if (path[at] === '"') quoted = !quoted
    else if (quoted && path[at] === '\\') at++
    else if (!quoted && path[at] === ']') return at
  }
  return -1
}
