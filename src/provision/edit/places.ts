import { placeOf } from '../../../schemas/config-error.ts'
import type { Fault } from '../problem.ts'
import { entriesAt, type Document, type Place } from './document.ts'
import { idOf, SECTION_NAMES, sectionOf } from './sections.ts'

/** A place of a document as people know it, by the names of its entries: `rules["finance"].set.db_role`. */
export const namedPlace = (document: Document, place: Place): string => withNames(document, placeOf(place))

/**
 * A fault in terms of what was sent where it lies inside that, and else of the names of entries.
 *
 * @param sent where in the document stands what was sent
 * @param saidAs what settings there were called, if something else
 */
export function told<T extends Fault>(
  document: Document,
  fault: T,
  sent?: Place,
  saidAs: Readonly<Record<string, string>> = {},
): T {
  const inside = sent && inPlace(fault.path, placeOf(sent))
  if (inside === undefined) return { ...fault, path: withNames(document, fault.path) }
  const [as, rest] =
    Object.entries(saidAs)
      .map(([written, said]) => [said, inPlace(inside, written)] as const)
      .find(([, within]) => within !== undefined) ?? []
  return { ...fault, path: as === undefined ? inside : joined(as, rest ?? '') }
}

/** What of a path lies inside another one; undefined where it does not. */
export function inPlace(path: string, outer: string): string | undefined {
  const inside = path.startsWith(outer) ? path.slice(outer.length) : undefined
  return inside !== undefined && /^(?:$|[.[])/.test(inside) ? inside.replace(/^\./, '') : undefined
}

const joined = (outer: string, inner: string): string =>
  inner === '' || inner.startsWith('[') ? `${outer}${inner}` : `${outer}.${inner}`

function withNames(document: Document, path: string): string {
  const [whole, list = '', at, inner, innerAt] =
    /^(\w+)\[(\d+)\](?:\.(environments)\[(\d+)\])?/.exec(path) ?? []
  if (whole === undefined) return path
  const outer = nameAt(document, [list, Number(at)])
  const nested = inner === undefined ? '' : `.${nameAt(document, [list, Number(at), inner, Number(innerAt)])}`
  return `${outer}${nested}${path.slice(whole.length)}`
}

/** An entry by its list and name; by its number where it has none. */
function nameAt(document: Document, place: Place): string {
  const list = String(place.at(-2))
  const name = SECTION_NAMES.find((each) => sectionOf(each).list === list)
  const entry = entriesAt(document, place.slice(0, -1))[Number(place.at(-1))]
  const id = name === undefined ? entry?.['name'] : entry && idOf(name, entry)
  return `${list}[${JSON.stringify(id ?? place.at(-1))}]`
}
