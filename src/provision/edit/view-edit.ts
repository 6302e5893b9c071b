import type { AppliedEdit } from './edit-configuration.ts'
import { readRight, viewEntry } from './read.ts'

/** What came of an edit, with the entry as it is now where it left one. */
export function viewEdit({ edited: { document, at }, ...applied }: AppliedEdit): object {
  return { ...applied, ...(at !== undefined && viewEntry(readRight(document), at, at.id)) }
}
