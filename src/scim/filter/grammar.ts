import { parse, type Filter as Parsed } from 'scim2-parse-filter'
import { invalidFilter, quote } from '../error.ts'
import type { CompareOp } from './filter.ts'
import { badFilter, lex, type Token } from './lex.ts'
import { checkOrder } from './order.ts'

/** A filter as it is written: names are text, nothing is known about their types. */
export type RawFilter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly RawFilter[] }
  | { readonly kind: 'not'; readonly filter: RawFilter }
  | { readonly kind: 'present'; readonly name: string }
  | { readonly kind: 'compare'; readonly op: CompareOp; readonly name: string; readonly value: Literal }
  | { readonly kind: 'element'; readonly name: string; readonly filter: RawFilter }

/** A literal of a filter (RFC 7644 §3.4.2.2: `compValue`). */
export type Literal = string | number | boolean | null

/**
 * The tree of a filter by the grammar of RFC 7644 §3.4.2.2, Figure 1, to the letter.
 *
 * The library behind it knows precedence. It reads JSON literals wrongly, some of them in exponential time, and takes
 * `$` for no part of a name; so it gets a text in which both are put aside.
 *
 * @throws ScimError `invalidFilter`, also for a filter beyond the limits
 */
export function parseGrammar(text: string): RawFilter {
  const tokens = lex(text)
  checkOrder(tokens, text)
  const literals = tokens.filter(isPutAside).map((token) => literalOf(token, text))
  return restore(precedence(standIn(tokens), text), literals)
}

const DOLLAR = '_%24'

function isPutAside({ kind }: Token): boolean {
  return kind === 'string' || kind === 'number'
}

function literalOf(token: Token, text: string): string | number {
  try {
    return JSON.parse(token.text) as string | number
  } catch {
    throw badFilter(`a ${token.kind} that is not JSON`, token.at, text)
  }
}

/** The filter with `"0"` for its first literal, `"1"` for its second. */
function standIn(tokens: readonly Token[]): string {
  let literals = 0
  return tokens
    .map((token) => (isPutAside(token) ? `"${literals++}"` : token.text.replaceAll('$', DOLLAR)))
    .join(' ')
}

function precedence(lexed: string, text: string): Parsed {
  try {
    return parse(lexed)
  } catch (cause) {
    throw Object.assign(invalidFilter(`${quote(text)} is not a filter`), { cause })
  }
}

/** The library's tree as ours, with the literals back in their places. */
function restore(parsed: Parsed, literals: readonly (string | number)[]): RawFilter {
  if ('filters' in parsed) {
    return { kind: parsed.op, filters: parsed.filters.map((filter) => restore(filter, literals)) }
  }
  if ('filter' in parsed) return { kind: 'not', filter: restore(parsed.filter, literals) }
  const name = parsed.attrPath.replaceAll(DOLLAR, '$')
  if ('valFilter' in parsed) return { kind: 'element', name, filter: restore(parsed.valFilter, literals) }
  if (!('compValue' in parsed)) return { kind: 'present', name }
  const { op, compValue } = parsed
  // INVARIANT: every text in the library's tree is the number of a literal.
  const value = typeof compValue === 'string' ? literals[Number(compValue)] : compValue
  if (value === undefined) throw invalidFilter('the filter cannot be read')
  return { kind: 'compare', op, name, value }
}
