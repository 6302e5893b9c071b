import { quote } from '../error.ts'
import { badFilter, type Token } from './lex.ts'

/** How much a filter may ask for. */
export const FILTER_LIMITS = { depth: 32, terms: 256 } as const

/**
 * Refuses a filter in which a token stands where the grammar has no place for it (RFC 7644 §3.4.2.2, Figure 1), and
 * names that token. What passes lacks nothing but precedence.
 *
 * @throws ScimError `invalidFilter`
 */
export function checkOrder(tokens: readonly Token[], text: string): void {
  /** The brackets that are open, by what closes them. */
  const open: string[] = []
  let terms = 0
  let last: Last = 'start'
  for (const token of tokens) {
    const next: Last | Refusal =
      token.kind === 'bracket' ? bracket(last, token.text, open) : follow(last, token)
    if (typeof next === 'object') throw badFilter(next.refused, token.at, text)
    if (!token.spaced && !ATTACHED.has(token.text) && last !== 'open') {
      throw badFilter(`a space is missing before ${quote(token.text)}`, token.at, text)
    }
    if (next === 'path' && ++terms > FILTER_LIMITS.terms) {
      throw badFilter(`more than ${FILTER_LIMITS.terms} terms`, token.at, text)
    }
    last = next
  }
  if (last === 'end' && open.length === 0) return
  throw badFilter(last === 'start' ? 'no expression' : 'an end too early', text.length, text)
}

/** What the last token was: `end` is the end of a term, `join` is `and` or `or`. */
type Last = 'start' | 'open' | 'join' | 'not' | 'path' | 'operator' | 'end'

interface Refusal {
  readonly refused: string
}

const unexpected = (text: string): Refusal => ({ refused: `unexpected ${quote(text)}` })

/** What needs no space before it. */
const ATTACHED = new Set(['(', '[', ')', ']'])
const BEFORE_GROUP: ReadonlySet<Last> = new Set<Last>(['start', 'open', 'join', 'not'])
const COMPARE = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'])
const LITERAL = new Set(['true', 'false', 'null'])

function bracket(last: Last, text: string, open: string[]): Last | Refusal {
  if (text === ')' || text === ']') return last === 'end' && open.pop() === text ? 'end' : unexpected(text)
  if (text === '(' ? !BEFORE_GROUP.has(last) : last !== 'path') return unexpected(text)
  if (text === '[' && open.includes(']')) return { refused: 'brackets inside brackets' }
  if (open.length === FILTER_LIMITS.depth)
    return { refused: `more than ${FILTER_LIMITS.depth} open brackets` }
  open.push(text === '(' ? ')' : ']')
  return 'open'
}

function follow(last: Last, { kind, text }: Token): Last | Refusal {
  if (kind !== 'word') return last === 'operator' ? 'end' : unexpected(text)
  const lower = text.toLowerCase()
  switch (last) {
    case 'start':
    case 'open':
    case 'join':
      return lower === 'not' ? 'not' : 'path'
    case 'path':
      if (lower === 'pr') return 'end'
      return COMPARE.has(lower) ? 'operator' : { refused: `the unknown operator ${quote(text)}` }
    case 'operator':
      return LITERAL.has(text) ? 'end' : { refused: `${quote(text)} without quotes` }
    case 'end':
      if (lower === 'and' || lower === 'or') return 'join'
      return { refused: `${quote(text)} where \`and\` or \`or\` is expected` }
    case 'not':
      return { refused: '`not` without a parenthesis' }
  }
}
