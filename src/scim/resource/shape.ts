import { invalidSyntax, quote } from '../error.ts'

/** How much structure a body may have. Its size in bytes is limited before it is parsed. */
export const SHAPE_LIMITS = { depth: 32, nodes: 500_000 } as const

/**
 * Refuses a body that is nested too deeply or has too many parts, before anything walks it.
 *
 * It needs no stack of its own depth, so no depth can exhaust it.
 *
 * @throws ScimError `invalidSyntax`
 */
export function checkShape(body: unknown): void {
  let level: object[] = isNested(body) ? [body] : []
  let nodes = 0
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > SHAPE_LIMITS.depth)
      throw invalidSyntax(`the body is nested too deep: more than ${SHAPE_LIMITS.depth} levels`)
    const below: object[] = []
    for (const node of level) {
      for (const child of Object.values(node) as unknown[]) {
        if (++nodes > SHAPE_LIMITS.nodes)
          throw invalidSyntax(`the body has more than ${SHAPE_LIMITS.nodes} values`)
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
