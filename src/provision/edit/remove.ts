import { Problem, type Fault } from '../problem.ts'
import type { Edited } from './add.ts'
import { revise, valueAt, type Document, type Entry, type Place } from './document.ts'
import { findEntry, findWritten, type Where } from './entries.ts'
import { namedPlace } from './places.ts'
import { allUsesOf, TOLD_AT_MOST, type Use } from './references.ts'
import { sameId, sectionOf } from './sections.ts'

/** What is to become of the places that name what is removed. */
export interface Second {
  /** Takes them out too. */
  readonly uses?: 'remove' | undefined
  /** Names another entry there instead: for roles. */
  readonly replaceWith?: string | undefined
}

/**
 * Removes an entry, and what names it if that is said.
 *
 * @throws Problem 404; 409 for base roles, and with all uses where nothing is said of them or one has to be changed first
 */
export function removeEntry(document: Document, where: Where, id: string, second: Second = {}): Edited {
  const found = findWritten(document, where, id)
  const uses = where.within === undefined ? allUsesOf(document, where.section, found.id) : []
  const replaced =
    second.replaceWith === undefined ? undefined : replacement(document, where, found.id, second)
  const told = uses.filter(({ reference }) => reference.silent === undefined)
  if (replaced === undefined) refuseUses(document, where, found.id, told, second)
  const gone: Place[] = [found.place]
  const rewritten: { place: Place; to: unknown }[] = []
  for (const { place, goes, reference } of uses) {
    if (replaced !== undefined && reference.silent === undefined) rewritten.push({ place, to: replaced })
    else if (goes !== undefined) gone.push(goes)
  }
  return { document: takeOut(revise(document, rewritten), gone) }
}

function replacement(
  document: Document,
  where: Where,
  id: string,
  { uses, replaceWith = '' }: Second,
): string {
  if (where.section !== 'roles') {
    throw new Problem(
      422,
      `only roles are replaced; a ${sectionOf(where.section).noun} in use is changed there`,
    )
  }
  if (uses !== undefined)
    throw new Problem(422, '`uses` and `replaceWith` say different things: use one of them')
  const other = findEntry(document, where, replaceWith)
  if (sameId('roles', other.id, id)) throw new Problem(422, `\`${id}\` cannot replace itself`)
  return other.id
}

function refuseUses(
  document: Document,
  where: Where,
  id: string,
  uses: readonly Use[],
  second: Second,
): void {
  const { noun } = sectionOf(where.section)
  const stays = uses.filter(({ goes }) => goes === undefined)
  if (stays.length > 0) {
    throw new Problem(
      409,
      `the ${noun} \`${id}\` cannot be removed while something rests on it; nothing was changed: change that first`,
      faults(document, stays),
    )
  }
  if (uses.length === 0 || second.uses === 'remove') return
  const replace = where.section === 'roles' ? ', or with `replaceWith=<role>` to put another one there' : ''
  throw new Problem(
    409,
    `the ${noun} \`${id}\` is in use in ${placesOf(uses)}; nothing was changed: ask again with \`uses=remove\` to take its uses out as well${replace}`,
    faults(document, uses),
  )
}

const placesOf = ({ length }: readonly Use[]): string => {
  const told = length > TOLD_AT_MOST ? `, of which the first ${TOLD_AT_MOST} are told` : ''
  return `${length} ${length === 1 ? 'place' : 'places'}${told}`
}

const faults = (document: Document, uses: readonly Use[]): Fault[] =>
  uses.slice(0, TOLD_AT_MOST).map(({ place, goes, reference }) => {
    const path = namedPlace(document, place)
    if (goes === undefined) return { path, message: reference.stays ?? '' }
    const gone = namedPlace(document, goes)
    return { path, message: gone === path ? 'goes with it' : `goes with it: \`${gone}\`` }
  })

/** Takes out settings and entries, and then rules that give nothing any longer. */
function takeOut(document: Document, places: readonly Place[]): Document {
  const [entries, settings] = [true, false].map((isEntry) =>
    places.filter((place) => (typeof place.at(-1) === 'number') === isEntry),
  ) as [Place[], Place[]]
  const less = revise(
    document,
    settings.map((place) => ({ place, to: undefined })),
  )
  const empty = settings
    .map((place) => place.slice(0, 2))
    .filter((place) => place[0] === 'rules' && givesNothing(valueAt(less, place) as Entry))
  return revise(
    less,
    [...entries, ...empty].map((place) => ({ place, to: undefined })),
  )
}

const givesNothing = ({ grant, set }: Entry): boolean =>
  grant === undefined && Object.keys((set ?? {}) as object).length === 0
