import { checked } from '../../provision/configuration.ts'
import { addEntry } from '../../provision/edit/add.ts'
import type { Document, Entry } from '../../provision/edit/document.ts'
import type { Where } from '../../provision/edit/entries.ts'
import { setUpConnection, type SetUp } from '../../provision/edit/set-up-connection.ts'
import { Problem } from '../../provision/problem.ts'

/** What would be wrong with a document that has one entry more; undefined: nothing. */
export const faultOf = (document: Document, where: Where, entry: Entry): string | undefined =>
  faultIn(() => addEntry(document, where, entry).document)

/** What would be wrong with a document that has a connection as far as it is thought of; undefined: nothing. */
export const faultOfSetUp = (
  document: Document,
  setUp: Pick<SetUp, 'connection'> & Partial<SetUp>,
): string | undefined =>
  faultIn(
    () =>
      setUpConnection(document, { environments: [], models: [], removeExtraModels: false, ...setUp })
        .document,
  )

function faultIn(edit: () => Document): string | undefined {
  try {
    checked(edit())
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error.errors?.[0]?.message ?? error.detail
    throw error
  }
}
