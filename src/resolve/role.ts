import type { Config } from '../../schemas/config.ts'
import {
  BASE_ROLE_TITLES,
  basePermissions,
  rolePermissions,
  roleTier,
  type Tier,
  tierRank,
  TIERS,
} from '../../schemas/roles.ts'

export interface Role {
  readonly name: string
  /** What people call it. */
  readonly displayName: string
  readonly description?: string | undefined
  readonly tier: Tier
  /** Higher is stronger, and no two roles have the same: the tier decides, then the order inside it. */
  readonly rank: number
  readonly permissions: readonly string[]
}

/** The base roles and the custom roles by name. */
export function compileRoles(config: Pick<Config, 'roles' | 'roleOrder'>): ReadonlyMap<string, Role> {
  const custom = new Map(config.roles.map((role) => [role.name, role]))
  const roles = TIERS.flatMap((tier) => {
    const names = orderInTier(config, tier)
    return names.map((name, place): Role => {
      const role = custom.get(name)
      return {
        name,
        displayName: role?.displayName ?? BASE_ROLE_TITLES[tier],
        description: role?.description,
        tier,
        rank: tierRank(tier) * TIER_STEP + names.length - place,
        permissions: role ? rolePermissions(role) : basePermissions(tier),
      }
    })
  })
  return new Map(roles.map((role) => [role.name, role]))
}

/** More than the roles of any tier. */
const TIER_STEP = 1_000_000

/** The names of a tier's roles, strongest first. What `roleOrder` does not name follows: base role, then file order. */
export function orderInTier({ roles, roleOrder }: Pick<Config, 'roles' | 'roleOrder'>, tier: Tier): string[] {
  const inTier = roles.filter((role) => roleTier(role) === tier).map(({ name }) => name)
  return [...new Set([...(roleOrder[tier] ?? []), tier, ...inTier])]
}
