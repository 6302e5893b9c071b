import { entriesAt, revise, type Document, type Entry, type Place } from './document.ts'
import { listPlace, refuseTaken, type Where } from './entries.ts'
import { idOf } from './sections.ts'

/** A changed document, with the place of what was sent. */
export interface Edited {
  readonly document: Document
  /** Where in the changed document stands what was sent; mistakes inside it are told in its terms. */
  readonly sent?: Place | undefined
  /** Settings that were sent under another name than the document has for them, by that. */
  readonly saidAs?: Readonly<Record<string, string>>
  /** Where what was changed is found from now on; undefined where it is gone. */
  readonly at?: (Where & { readonly id: string }) | undefined
}

/** Adds an entry, as the last of its section. @throws Problem 409 when its name is taken, 404 */
export function addEntry(document: Document, where: Where, entry: Entry): Edited {
  const place = listPlace(document, where)
  const id = idOf(where.section, entry)
  if (id !== undefined) refuseTaken(document, where, id)
  const entries = entriesAt(document, place)
  return {
    document: revise(document, [{ place, to: [...entries, entry] }]),
    sent: [...place, entries.length],
    at: { ...where, id: id ?? '' },
  }
}
