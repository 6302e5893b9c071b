import { invalidSyntax, quote } from '../error.ts'

/** How much structure a body may have. Its size in bytes is limited before it is parsed. */
export const SHAPE_LIMITS: ShapeLimits = { depth: 32, nodes: 500_000 }

interface ShapeLimits {
  readonly depth: number
  readonly nodes: number
}

/**
 * Refuses the text of a body for its shape, as {@link checkShape} does, before it is parsed: the parser would take
 * gigabytes and seconds for a few megabytes of brackets. What is no JSON at all passes: the parser tells.
 *
 * @throws ScimError `invalidSyntax`
 */
export function checkTextShape(text: string, limits = SHAPE_LIMITS): void {
  let depth = 0
  let nodes = 0
  /** Whether a bracket was opened and nothing has stood in it yet. */
  let empty = false
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case SPACE:
      case TAB:
      case NEW_LINE:
      case RETURN:
        break
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > limits.depth) throw tooDeep(limits)
        empty = true
        break
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--
        if (!empty && ++nodes > limits.nodes) throw tooMany(limits)
        empty = false
        break
      case COMMA:
        if (++nodes > limits.nodes) throw tooMany(limits)
        break
      case QUOTE:
        at = endOfString(text, at)
        empty = false
        break
      default:
        empty = false
    }
  }
}

const [TAB, NEW_LINE, RETURN, SPACE, QUOTE, COMMA, BACKSLASH] = [9, 10, 13, 32, 34, 44, 92] as const
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [91, 93, 123, 125] as const

/** Where the string ends that begins at a quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}

const tooDeep = ({ depth }: ShapeLimits) =>
  invalidSyntax(`the body is nested too deep: more than ${depth} levels`)
const tooMany = ({ nodes }: ShapeLimits) => invalidSyntax(`the body has more than ${nodes} values`)

/**
 * Refuses a body that is nested too deeply or has too many parts, before anything walks it.
 *
 * It needs no stack of its own depth, so no depth can exhaust it.
 *
 * @throws ScimError `invalidSyntax`
 */
export function checkShape(body: unknown, limits = SHAPE_LIMITS): void {
  let level: object[] = isNested(body) ? [body] : []
  let nodes = 0
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limits.depth) throw tooDeep(limits)
    const below: object[] = []
    for (const node of level) {
      for (const child of Object.values(node) as unknown[]) {
        if (++nodes > limits.nodes) throw tooMany(limits)
        if (isNested(child)) below.push(child)
      }
    }
    level = below
  }
}

/**
 * The own entries of an object under their names in lower case (RFC 7643 §2.1), with the name as it was sent.
 *
 * @throws ScimError `invalidSyntax` if two names differ by letter case only
 */
export function entriesOf(object: object): ReadonlyMap<string, readonly [name: string, value: unknown]> {
  const entries = new Map<string, readonly [string, unknown]>()
  for (const [name, value] of Object.entries(object) as [string, unknown][]) {
    const lower = name.toLowerCase()
    const other = entries.get(lower)
    if (other) throw invalidSyntax(`${quote(other[0])} and ${quote(name)} are the same attribute`)
    entries.set(lower, [name, value])
  }
  return entries
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
