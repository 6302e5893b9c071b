import { invalidFilter, quote, type ScimError } from '../error.ts'

/** A token of a filter. A bracket is a token of its own; blanks are none. */
export interface Token {
  readonly kind: 'bracket' | 'string' | 'number' | 'word'
  readonly text: string
  /** Where it begins. */
  readonly at: number
  /** Whether a blank, or nothing, stands before it. */
  readonly spaced: boolean
}

/** The longest filter, in characters. */
export const LONGEST_FILTER = 8192

/**
 * The tokens of a filter, in linear time (RFC 7644 §3.4.2.2, Figure 1).
 *
 * @throws ScimError `invalidFilter` for a character that belongs to no token, and for a filter that is too long
 */
export function lex(text: string): readonly Token[] {
  if (text.length > LONGEST_FILTER)
    throw invalidFilter(`the filter is longer than ${LONGEST_FILTER} characters`)
  const tokens: Token[] = []
  let at = 0
  let spaced = true
  while (at < text.length) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (!match) throw badFilter(`unexpected ${quote(text[at])}`, at, text)
    const [found, blank, bracket, string, number] = match
    if (blank === undefined) {
      const kind = bracket ? 'bracket' : string ? 'string' : number ? 'number' : 'word'
      tokens.push({ kind, text: found, at, spaced })
    }
    spaced = blank !== undefined
    at += found.length
  }
  return tokens
}

// A blank, a bracket, a string, a number, a word. What looks like a string or a number is judged by JSON.parse, where its value is needed.
const TOKEN = /( +)|([()[\]])|("(?:[^"\\]|\\.)*")|([-\d][-+.\w]*)|[A-Za-z$][-\w$.:]*/sy

/** The error about something at a place of a filter. */
export function badFilter(what: string, at: number, text: string): ScimError {
  return invalidFilter(`${what} at position ${at + 1} of the filter ${quote(text)}`)
}
