import { parseConfig } from '../../../schemas/config.ts'
import type { Context } from '../../context.ts'
import { fold } from '../../scim/fold.ts'
import { documentInForce } from '../configuration.ts'
import { inForce, type InForce } from '../in-force.ts'
import { readCursor, toPage } from '../page.ts'
import type { Document } from './document.ts'
import { findEntry, listFound, type Found, type Where } from './entries.ts'
import { factsOf, type Facts } from './facts.ts'
import { namedPlace } from './places.ts'
import { TOLD_AT_MOST, usesOf } from './references.ts'
import { sectionOf } from './sections.ts'

/** An entry as it is shown. */
export interface EntryView {
  /** Its name, or what stands for it. */
  readonly id: string
  /** As it was written. */
  readonly entry: Found['entry']
  /** What follows from it. */
  readonly facts: Facts
  /** The first places that name it. */
  readonly uses: readonly string[]
  /** How many places name it. */
  readonly useCount: number
}

export interface ListOptions {
  readonly search?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** One page of a section. @throws Problem 404 for an entry that should have the list and is not there */
export async function listEntries(
  ctx: Context,
  where: Where,
  options: ListOptions,
): Promise<{ revision: number; entries: EntryView[]; nextCursor?: string }> {
  const { revision, ...present } = await readPresent(ctx)
  return { revision, ...pageOf(present, where, options) }
}

/** One entry. @throws Problem 404 */
export async function readEntry(
  ctx: Context,
  where: Where,
  id: string,
): Promise<EntryView & { revision: number }> {
  const { revision, ...present } = await readPresent(ctx)
  return { revision, ...viewEntry(present, where, id) }
}

/** A document, and what it says once it is read. */
export type Read = Pick<InForce, 'config'> & { readonly document: Document }

/** The configuration in force as edits start from it, with its revision. */
export async function readPresent(ctx: Context): Promise<Read & { readonly revision: number }> {
  return ctx.engine.snapshot(async (db) => {
    const { revision, config } = await inForce(ctx, db)
    return { revision, config, document: (await documentInForce(ctx, db)) as Document }
  })
}

/** A document that was found right before. */
export function readRight(document: Document): Read {
  const parsed = parseConfig(document)
  if (!parsed.ok) throw new Error(`a right configuration cannot be read: ${parsed.errors[0]?.message ?? ''}`)
  return { document, config: parsed.config }
}

/** One entry. @throws Problem 404 */
export const viewEntry = (read: Read, where: Where, id: string): EntryView =>
  viewer(read, where)(findEntry(read.document, where, id))

function pageOf(
  read: Read,
  where: Where,
  { search, limit, cursor }: ListOptions,
): { entries: EntryView[]; nextCursor?: string } {
  const all = listFound(read.document, where)
  const sorted = where.section === 'roles' ? strongestFirst(read, all) : all
  const found = search === undefined ? sorted : sorted.filter(({ entry }) => says(entry, fold(search)))
  const after = readCursor(cursor, ['string', 'number'])
  // An entry that is gone meanwhile is followed by what has its number now.
  const last = after === undefined ? -1 : found.findIndex(({ id }) => id === after[0])
  const start = after === undefined ? 0 : last < 0 ? after[1] : last + 1
  const numbered = found.map((one, at) => ({ ...one, at }))
  const { rows, nextCursor } = toPage(numbered.slice(start, start + limit + 1), limit, ({ id, at }) => [
    id,
    at,
  ])
  return { entries: rows.map(viewer(read, where)), ...(nextCursor !== undefined && { nextCursor }) }
}

function viewer({ document, config }: Read, where: Where): (found: Found) => EntryView {
  const tell = factsOf(config, where.section)
  const named = sectionOf(where.section).within === undefined
  return ({ id, entry, place }) => {
    const uses = (named ? usesOf(document, where.section, id) : []).filter(
      ({ reference }) => reference.silent === undefined,
    )
    return {
      id,
      entry,
      facts: tell(id, place),
      uses: uses.slice(0, TOLD_AT_MOST).map((use) => namedPlace(document, use.place)),
      useCount: uses.length,
    }
  }
}

function strongestFirst({ config }: Read, roles: readonly Found[]): Found[] {
  const tell = factsOf(config, 'roles')
  const strength = ({ id, place }: Found): readonly [number, number] => {
    const { tierRank, position } = tell(id, place)
    return [-Number(tierRank), Number(position)]
  }
  return roles.toSorted((a, b) => {
    const [one, other] = [strength(a), strength(b)]
    return one[0] - other[0] || one[1] - other[1]
  })
}

/** Whether any text in an entry has the wanted one inside, names among them that people gave to settings. */
const says = (value: unknown, wanted: string, named = false): boolean =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).some(
        ([key, inner]) =>
          (named && fold(key).includes(wanted)) || says(inner, wanted, NAMED_BY_PEOPLE.has(key)),
      )
    : fold(String(value)).includes(wanted)

/** Settings inside which names are given freely. */
const NAMED_BY_PEOPLE = new Set(['set', 'valueMap'])
