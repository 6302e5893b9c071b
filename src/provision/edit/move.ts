import { Problem } from '../problem.ts'
import type { Edited } from './add.ts'
import { entriesAt, revise, type Document } from './document.ts'
import { findEntry, findWritten, listPlace, type Where } from './entries.ts'
import { orderOf, tierOf } from './role-order.ts'
import { sameId, sectionOf } from './sections.ts'

/** Where an entry is to stand: before or after another one, or at a position that counts from 1. */
export type To = { readonly before: string } | { readonly after: string } | { readonly position: number }

/**
 * Moves an entry among those of its section, roles among those of their tier.
 *
 * @throws Problem 404; 409 for a section whose order decides nothing, and for roles of another tier
 */
export function moveEntry(document: Document, where: Where, id: string, to: To): Edited {
  if (where.section === 'roles') return moveRole(document, id, to)
  const { noun, ordered } = sectionOf(where.section)
  if (ordered === undefined) throw new Problem(409, `the order of ${noun}s decides nothing, so none is moved`)
  const { id: name, place } = findWritten(document, where, id)
  const list = listPlace(document, where)
  const entries = entriesAt(document, list)
  const others = entries.filter((_, at) => at !== place.at(-1))
  const at = 'position' in to ? to.position - 1 : atOther(document, where, to, name)
  const moved = [...others.slice(0, at), ...entries.filter((_, i) => i === place.at(-1)), ...others.slice(at)]
  return { document: revise(document, [{ place: list, to: moved }]), at: { ...where, id: name } }
}

/** The position before or after another entry, among those without the one that is moved. */
function atOther(
  document: Document,
  where: Where,
  to: Exclude<To, { position: number }>,
  moved: string,
): number {
  const wanted = 'before' in to ? to.before : to.after
  const other = findWritten(document, where, wanted)
  refuseItself(where, other.id, moved)
  const place = Number(other.place.at(-1))
  const own = Number(findWritten(document, where, moved).place.at(-1))
  return place - (own < place ? 1 : 0) + ('after' in to ? 1 : 0)
}

function refuseItself(where: Where, other: string, moved: string): void {
  if (sameId(where.section, other, moved)) throw new Problem(409, `\`${moved}\` cannot stand beside itself`)
}

function moveRole(document: Document, id: string, to: To): Edited {
  const where = { section: 'roles' } as const
  const { id: name } = findEntry(document, where, id)
  const tier = tierOf(document, name)
  if (tier === undefined) throw new Problem(409, `the role \`${name}\` has no tier`)
  const present = orderOf(document, tier)
  const others = present.filter((one) => one !== name)
  const at = 'position' in to ? to.position - 1 : atRole(document, to, { name, tier, others })
  const order = [...others.slice(0, at), name, ...others.slice(at)]
  const isThere = order.every((one, i) => one === present[i])
  return {
    document: isThere ? document : revise(document, [{ place: ['roleOrder', tier], to: order }]),
    at: { ...where, id: name },
  }
}

function atRole(
  document: Document,
  to: Exclude<To, { position: number }>,
  {
    name,
    tier,
    others,
  }: { readonly name: string; readonly tier: string; readonly others: readonly string[] },
): number {
  const other = findEntry(document, { section: 'roles' }, 'before' in to ? to.before : to.after).id
  refuseItself({ section: 'roles' }, other, name)
  const found = others.indexOf(other)
  if (found < 0) {
    throw new Problem(
      409,
      `\`${other}\` is a role of the tier \`${tierOf(document, other) ?? ''}\` and \`${name}\` of \`${tier}\`: roles are ordered inside their tier, and tiers never move`,
    )
  }
  return found + ('after' in to ? 1 : 0)
}
