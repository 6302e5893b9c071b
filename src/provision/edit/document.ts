/** A configuration document as it was written, found right before: defaults are left out, names are as people wrote them. */
export type Document = Readonly<Record<string, unknown>>

/** One entry of a section, as it was written. */
export type Entry = Readonly<Record<string, unknown>>

/** A place in a document: names of settings, and numbers of entries. */
export type Place = readonly (string | number)[]

/** What is to be at a place. */
export interface Revision {
  readonly place: Place
  /** Undefined takes out what is there. */
  readonly to: unknown
  /** The setting's new name. */
  readonly name?: string
}

/** What stands at a place; undefined where nothing does. */
export function valueAt(document: unknown, place: Place): unknown {
  return place.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined,
    document,
  )
}

/** The entries that stand at a place; none where nothing does. */
export const entriesAt = (document: Document, place: Place): readonly Entry[] =>
  (valueAt(document, place) ?? []) as readonly Entry[]

/**
 * Makes all revisions at once: their places are those of the document as it is. Whoever takes out a whole takes out what
 * is revised inside it.
 */
export const revise = (document: Document, revisions: readonly Revision[]): Document =>
  reviseValue(document, revisions) as Document

function reviseValue(value: unknown, revisions: readonly Revision[]): unknown {
  const byKey = Map.groupBy(revisions, ({ place }) => String(place[0]))
  const entries = Object.entries((value ?? {}) as object)
  const added = [...byKey.keys()].filter((key) => !entries.some(([name]) => name === key))
  const revised = [...entries, ...added.map((key) => [key, undefined] as const)].flatMap(([key, inner]) => {
    const here = byKey.get(key)
    if (here === undefined) return [[key, inner] as const]
    const whole = here.find(({ place }) => place.length === 1)
    if (whole !== undefined) return whole.to === undefined ? [] : [[whole.name ?? key, whole.to] as const]
    const deeper = here.map((one) => ({ ...one, place: one.place.slice(1) }))
    return [[key, reviseValue(inner, deeper)] as const]
  })
  return Array.isArray(value) ? revised.map(([, inner]) => inner) : Object.fromEntries(revised)
}
