import type { Json } from './conversation.ts'

/** What the names in braces stand for, as far as a conversation has come. */
export interface Script {
  /** Ids by name. */
  readonly ids: Map<string, string>
  /** Bodies that were read last, by name. */
  readonly kept: Map<string, unknown>
}

/** A step speaks of something that nobody created. */
export class Missing extends Error {
  readonly what: string
  constructor(what: string) {
    super(`there is no ${what}`)
    this.name = 'Missing'
    this.what = what
  }
}

const hole = /\{([a-z]\w*)\}/gi

/** Puts ids in the place of names. @throws Missing */
export const fillText = (script: Script, text: string): string =>
  text.replaceAll(hole, (_, name: string) => idOf(script, name))

/** The same in a path or query, where an id is encoded. @throws Missing */
export const fillPath = (script: Script, text: string): string =>
  text.replaceAll(hole, (_, name: string) => encodeURIComponent(idOf(script, name)))

/** The same at any depth of a value. @throws Missing */
export function fill(script: Script, value: Json): Json {
  if (typeof value === 'string') return fillText(script, value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((element: Json) => fill(script, element))
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [fillText(script, name), fill(script, inner)]),
  )
}

export function idOf({ ids }: Script, name: string): string {
  const id = ids.get(name)
  if (id === undefined) throw new Missing(name)
  return id
}

export function keptAs({ kept }: Script, name: string): unknown {
  if (!kept.has(name)) throw new Missing(name)
  return kept.get(name)
}
