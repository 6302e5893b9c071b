import { BASE_ROLE_TITLES, canonicalRole, TIERS } from '../../../schemas/roles.ts'
import { Problem } from '../problem.ts'
import { entriesAt, type Document, type Entry, type Place } from './document.ts'
import { idOf, isBuiltIn, oneOf, sameId, sectionOf, type SectionName } from './sections.ts'

/** An entry with its name and where it stands. */
export interface Found {
  readonly id: string
  readonly entry: Entry
  /** Undefined for what is always there and stands in no document. */
  readonly place: Place | undefined
}

/** Which list is meant: a section, and for one inside another section which entry of that. */
export interface Where {
  readonly section: SectionName
  /** The connection whose environments are meant. */
  readonly within?: string | undefined
}

/** Every entry of a section, in the order of the document; base roles follow. */
export function listFound(document: Document, where: Where): Found[] {
  const place = listPlace(document, where)
  const seen = new Map<string, number>()
  const written = entriesAt(document, place).map((entry, at): Found => {
    const id = idOf(where.section, entry) ?? ''
    const times = (seen.get(id) ?? 0) + 1
    seen.set(id, times)
    return { id: times === 1 ? id : `${id}-${times}`, entry, place: [...place, at] }
  })
  return where.section === 'roles' ? [...written, ...BASE_ROLES] : written
}

const BASE_ROLES = TIERS.map((tier): Found => {
  const displayName = BASE_ROLE_TITLES[tier]
  return { id: tier, entry: { name: tier, displayName, tier }, place: undefined }
})

/** One entry by its name. @throws Problem 404 */
export function findEntry(document: Document, where: Where, id: string): Found {
  const found = listFound(document, where).find((one) => sameId(where.section, one.id, id))
  if (found !== undefined) return found
  const { noun, within } = sectionOf(where.section)
  const place = within === undefined ? '' : ` of \`${where.within ?? ''}\``
  throw new Problem(404, `there is no ${noun} \`${id}\`${place}`)
}

/** One entry that stands in the document. @throws Problem 404; 409 for what is always there */
export function findWritten(document: Document, where: Where, id: string): Found & { readonly place: Place } {
  const { place, ...found } = findEntry(document, where, id)
  if (place !== undefined) return { ...found, place }
  throw new Problem(
    409,
    `\`${found.id}\` is a base role, which can be neither changed nor removed; duplicate it and change the copy`,
  )
}

/** Where the list of a section stands. @throws Problem 404 for an entry that should have one and is not there */
export function listPlace(document: Document, where: Where): Place {
  const { list, within } = sectionOf(where.section)
  if (within === undefined) return [list]
  return [...findWritten(document, { section: within }, where.within ?? '').place, list]
}

/** @throws Problem 409 where another entry has the name */
export function refuseTaken(document: Document, where: Where, id: string, but?: string): void {
  const { section } = where
  const taken = listFound(document, where).find(
    (one) => sameId(section, one.id, id) && (but === undefined || !sameId(section, one.id, but)),
  )
  if (taken === undefined) return
  const { key } = sectionOf(section)
  const one = oneOf(sectionOf(section))
  const hint = isBuiltIn(section, id)
    ? `\`${canonicalRole(id)}\` is the name of a base role; take another one`
    : key === undefined
      ? `there is such ${one} already, \`${taken.id}\`; change that one`
      : `there is ${one} \`${taken.id}\` already; change that one, or take another name`
  throw new Problem(409, hint, key === undefined ? undefined : [{ path: key, message: hint }])
}
