import { checked } from '../../provision/configuration.ts'
import { addEntry } from '../../provision/edit/add.ts'
import type { Document, Entry } from '../../provision/edit/document.ts'
import type { Where } from '../../provision/edit/entries.ts'
import { Problem } from '../../provision/problem.ts'

/** What would be wrong with a document that has one entry more; undefined: nothing. */
export function faultOf(document: Document, where: Where, entry: Entry): string | undefined {
  try {
    checked(addEntry(document, where, entry).document)
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error.errors?.[0]?.message ?? error.detail
    throw error
  }
}
