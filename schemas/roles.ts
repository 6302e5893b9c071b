import tree from './permissions.json' with { type: 'json' }

/** The tiers, weakest first. Each holds everything of the tiers before it. */
export const TIERS = [
  'no_access',
  'viewer',
  'restricted_querier',
  'querier',
  'modeler',
  'connection_admin',
] as const
export type Tier = (typeof TIERS)[number]

/** One entry of the permission tree. */
export interface Permission {
  readonly id: string
  readonly title: string
  readonly tier: Tier
  /** The permission that must be held for this one to be held. */
  readonly parent: string | null
  /** Whether it is what its tier is about: a higher tier needs it. */
  readonly core: boolean
}

export const PERMISSIONS = tree as readonly Permission[]

const byId = new Map(PERMISSIONS.map((permission) => [permission.id, permission]))

export function findPermission(id: string): Permission | undefined {
  return byId.get(id)
}

/** How far a tier reaches: 0 for No Access, 5 for Connection Admin. */
export function tierRank(tier: Tier): number {
  return TIERS.indexOf(tier)
}

/** Whether a ceiling lets roles of a tier be handed out; undefined: there is no ceiling. */
export function isUpTo(tier: Tier, ceiling: Tier | undefined): boolean {
  return ceiling === undefined || tierRank(tier) <= tierRank(ceiling)
}

/** What people call the base roles. */
export const BASE_ROLE_TITLES: Readonly<Record<Tier, string>> = {
  no_access: 'No Access',
  viewer: 'Viewer',
  restricted_querier: 'Restricted Querier',
  querier: 'Querier',
  modeler: 'Modeler',
  connection_admin: 'Connection Admin',
}

/** Whether a name, canonical, is that of a base role. Each tier has one, of the tier's own name. */
export function isBaseRole(name: string): name is Tier {
  return (TIERS as readonly string[]).includes(name)
}

/**
 * The name under which a role is kept: base roles are known in any case and `QUERY_TOPICS` is another name of
 * `RESTRICTED_QUERIER`; names of custom roles stay as they are.
 */
export function canonicalRole(name: string): string {
  const folded = name.toLowerCase()
  if (folded === 'query_topics') return 'restricted_querier'
  return isBaseRole(folded) ? folded : name
}

/** What the base role of a tier may do: all permissions of its tier and of those below. */
export function basePermissions(tier: Tier): string[] {
  return PERMISSIONS.filter((permission) => tierRank(permission.tier) <= tierRank(tier)).map(({ id }) => id)
}

/** A custom role as it is written down: by the permissions it has, or by those of its tier that it lacks. */
export interface WrittenRole {
  readonly tier?: Tier | undefined
  readonly permissions?: readonly string[] | undefined
  readonly without?: readonly string[] | undefined
}

/** The tier of a role: the one that is written down, or what its permissions amount to. */
export function roleTier(role: WrittenRole): Tier {
  return role.tier ?? resolvedTier(role.permissions ?? [])
}

/** What a role may do, in the order of the tree: the permissions it lists, or those of its tier but for `without`. */
export function rolePermissions(role: WrittenRole): string[] {
  const held = new Set(role.permissions ?? basePermissions(roleTier(role)))
  for (const id of role.without ?? []) held.delete(id)
  return PERMISSIONS.filter(({ id }) => held.has(id)).map(({ id }) => id)
}

/** The tier that a set of permissions amounts to: the highest whose core permission is held. */
export function resolvedTier(permissions: readonly string[]): Tier {
  const held = PERMISSIONS.findLast(({ id, core }) => core && permissions.includes(id))
  return held?.tier ?? 'no_access'
}

/** The permission that a tier is about; No Access has none. */
export function corePermission(tier: Tier): string | undefined {
  return PERMISSIONS.find((permission) => permission.core && permission.tier === tier)?.id
}

/** What a role has more and less than the base role of its tier. */
export function exceptions(permissions: readonly string[]): { added: string[]; missing: string[] } {
  const base = basePermissions(resolvedTier(permissions))
  return {
    added: permissions.filter((id) => !base.includes(id)),
    missing: base.filter((id) => !permissions.includes(id)),
  }
}

/**
 * Permissions that are held without what they need: their parent, and the core permission of each lower tier.
 */
export function unmetNeeds(permissions: readonly string[]): { permission: string; needs: string }[] {
  return permissions.flatMap((id) => {
    const permission = byId.get(id)
    if (!permission) return []
    return needs(permission)
      .filter((needed) => !permissions.includes(needed))
      .map((needed) => ({ permission: id, needs: needed }))
  })
}

function needs(permission: Permission): string[] {
  const lower = PERMISSIONS.filter(({ core, tier }) => core && tierRank(tier) < tierRank(permission.tier))
  return [...lower.map(({ id }) => id), ...(permission.parent ? [permission.parent] : [])]
}
