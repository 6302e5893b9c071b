import type { Ledger } from './ledger.ts'

/**
 * Writes a filter as clients send it in the grammar of RFC 7644: puts quotes around bare values (F1), and takes a
 * comparison behind `]` into the brackets (F2).
 *
 * It reads no meaning. What it cannot make sense of it passes on, and the parser refuses it.
 *
 * @example rewriteFilterText('userName eq ada@example.com', ledger) // 'userName eq "ada@example.com"'
 */
export function rewriteFilterText(text: string, ledger: Ledger): string {
  const pieces: string[] = []
  /** Where in `pieces` each open bracket stands. */
  const open: number[] = []
  /** Whether the comparison that is being read stood behind `]`, which has still to come. */
  let moved = false
  let at = 0
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  const closeMoved = () => {
    if (moved) pieces.push(']')
    moved = false
  }
  while (at < text.length) {
    const operator = take(OPERATOR)
    if (operator) {
      const literal = take(STRING) || take(LITERAL)
      const bare = literal ? '' : bareValue(text, at, open.length > 0)
      at += bare.length
      pieces.push(operator, bare && ledger.allows('F1') ? JSON.stringify(bare) : literal || bare)
      closeMoved()
      continue
    }
    const present = take(PRESENT)
    if (present) {
      pieces.push(present)
      closeMoved()
      continue
    }
    const char = text[at++] ?? ''
    if (char === '(' || char === '[') open.push(pieces.length)
    const opened = char === ')' || char === ']' ? open.pop() : undefined
    if (char === ']' && text[at] === '.' && opened !== undefined && ledger.allows('F2')) {
      pieces[opened] = '[('
      pieces.push(') and ')
      moved = true
      at++
    } else {
      pieces.push(char)
    }
  }
  return pieces.join('')
}

const OPERATOR = /(?<=[-\w$]) +(?:eq|ne|co|sw|ew|gt|ge|lt|le) +/iy
const PRESENT = /(?<=[-\w$]) +pr\b/iy
const STRING = /"(?:[^"\\]|\\.)*"/sy
// `True` is a bare text to become a boolean, so letter case counts here, but not in what follows.
const LITERAL =
  /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)(?= *$| *[)\]]| +(?:[aA][nN][dD]|[oO][rR])[ (])/y
const BARE_WORD = / *[^ "']+/y

/** The text from there up to the end, or up to ` and ` or ` or `; inside brackets up to the next bracket. */
function bareValue(text: string, from: number, inBrackets: boolean): string {
  let end = from
  while (true) {
    BARE_WORD.lastIndex = end
    const word = BARE_WORD.exec(text)?.[0]
    if (word === undefined || JOINT.test(word)) return text.slice(from, end)
    const bracket = inBrackets ? word.search(BRACKET) : -1
    if (bracket >= 0) return text.slice(from, end + bracket).trimEnd()
    end += word.length
  }
}

const JOINT = /^ +(?:and|or)$/i
const BRACKET = /[()[\]]/
