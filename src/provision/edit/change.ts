import type { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Edited } from './add.ts'
import { revise, type Document, type Entry } from './document.ts'
import { findWritten, refuseTaken, type Where } from './entries.ts'
import { mergePatch } from './merge-patch.ts'
import { renamed } from './references.ts'
import { onlyInOwnTier } from './role-order.ts'
import { idOf, sectionOf } from './sections.ts'

/**
 * Lays a merge patch over an entry (RFC 7396): a setting that is sent replaces what was there, `null` takes it out, lists
 * are replaced as a whole, settings inside settings are merged. Another name renames it, here and wherever it is named.
 *
 * @throws Problem 404; 409 for what cannot be changed, and when the new name is taken
 */
export function changeEntry(document: Document, where: Where, id: string, patch: Entry): Edited {
  const { key, keepsName, noun, schema, renamed: onRename } = sectionOf(where.section)
  const found = findWritten(document, where, id)
  const merged = mergePatch(found.entry, patch) as Entry
  const next = idOf(where.section, merged)
  // What is no name at all is told as a mistake of the document.
  const isRenamed = next !== undefined && next !== idOf(where.section, found.entry)
  if (isRenamed) {
    if (keepsName !== undefined) {
      throw new Problem(409, `the ${noun} \`${found.id}\` keeps its name: ${keepsName}`)
    }
    refuseTaken(document, where, next, found.id)
  }
  const entry = isRenamed && onRename !== undefined ? onRename(merged, found.id, next) : merged
  const follow =
    isRenamed && key !== undefined && where.within === undefined && isName(next, schema.shape[key])
      ? renamed(document, where.section, found.id, next)
      : []
  const revised = revise(document, [{ place: found.place, to: entry }, ...follow])
  return {
    document: where.section === 'roles' ? onlyInOwnTier(revised) : revised,
    sent: found.place,
    at: { ...where, id: isRenamed ? next : found.id },
  }
}

/** Whether an entry can have the name at all: one that is wrong is told once, and not wherever it would stand. */
const isName = (name: string, setting: unknown): boolean => (setting as z.ZodType).safeParse(name).success
