import { canonicalRole, isBaseRole, roleTier, TIERS, type Tier } from '../../../schemas/roles.ts'
import { entriesAt, revise, type Document, type Entry } from './document.ts'

/** Takes roles out of the order of tiers that are no longer theirs. */
export function onlyInOwnTier(document: Document): Document {
  const order = (document['roleOrder'] ?? {}) as Readonly<Record<string, readonly string[]>>
  return revise(
    document,
    Object.entries(order).flatMap(([tier, names]) => {
      const kept = names.filter((name) => (tierOf(document, name) ?? tier) === tier)
      return kept.length === names.length ? [] : [{ place: ['roleOrder', tier], to: kept }]
    }),
  )
}

/** The names of a tier's roles, strongest first, those included that the document gives no place. */
export function orderOf(document: Document, tier: Tier): string[] {
  const order = (document['roleOrder'] ?? {}) as Readonly<Record<string, readonly string[]>>
  const placed = (order[tier] ?? []).map(canonicalRole)
  const inTier = entriesAt(document, ['roles'])
    .map(({ name }) => String(name))
    .filter((name) => tierOf(document, name) === tier)
  return [...new Set([...placed, tier, ...inTier])]
}

/** The tier of a role; undefined for what is none. */
export function tierOf(document: Document, name: string): Tier | undefined {
  const canonical = canonicalRole(name)
  if (isBaseRole(canonical)) return canonical
  const role = entriesAt(document, ['roles']).find((one) => one['name'] === name)
  const permissions = role?.['permissions']
  return (
    role && roleTier({ tier: saidTier(role), permissions: Array.isArray(permissions) ? permissions : [] })
  )
}

/** The tier that is written in a role; undefined where it follows from the permissions. */
export function saidTier({ tier }: Entry): Tier | undefined {
  const said = typeof tier === 'string' ? canonicalRole(tier) : undefined
  return TIERS.find((one) => one === said)
}
