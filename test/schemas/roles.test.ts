import { describe, expect, it } from '@jest/globals'
import {
  basePermissions,
  exceptions,
  findPermission,
  PERMISSIONS,
  resolvedTier,
  rolePermissions,
  roleTier,
  tierRank,
  TIERS,
  unmetNeeds,
} from '../../schemas/roles.ts'

describe('the permission tree', () => {
  it('has one core permission in each tier above no access', () => {
    const cores = PERMISSIONS.filter(({ core }) => core).map(({ tier }) => tier)
    expect(cores).toEqual(TIERS.filter((tier) => tier !== 'no_access'))
  })

  it.each(PERMISSIONS)('gives $id a parent of its own tier or none', ({ parent, tier }) => {
    expect(parent === null ? tier : findPermission(parent)?.tier).toBe(tier)
  })

  it('lists tiers from the weakest to the strongest', () => {
    const ranks = PERMISSIONS.map(({ tier }) => tierRank(tier))
    expect(ranks).toEqual(ranks.toSorted((left, right) => left - right))
  })
})

describe('roles', () => {
  it.each(TIERS)('resolve to %s when they hold its base permissions', (tier) => {
    const permissions = basePermissions(tier)
    expect(resolvedTier(permissions)).toBe(tier)
    expect(unmetNeeds(permissions)).toEqual([])
    expect(exceptions(permissions)).toEqual({ added: [], missing: [] })
  })

  it('show what they lack against the base role of their tier', () => {
    const permissions = rolePermissions({ tier: 'querier', without: ['upload_data'] })
    expect(exceptions(permissions)).toEqual({ added: [], missing: ['upload_data'] })
  })

  it.each(TIERS)('are of the tier %s by its permissions alone', (tier) => {
    const permissions = basePermissions(tier).toReversed()
    expect(roleTier({ permissions })).toBe(tier)
    expect(rolePermissions({ permissions })).toEqual(basePermissions(tier))
  })

  it('need the core permission of each lower tier', () => {
    expect(unmetNeeds(['query_full_model'])).toEqual([
      { permission: 'query_full_model', needs: 'view_content' },
      { permission: 'query_full_model', needs: 'query_topics' },
    ])
  })

  it('need the parent of each permission', () => {
    expect(unmetNeeds(['view_content', 'query_topics', 'create_spreadsheets'])).toEqual([
      { permission: 'create_spreadsheets', needs: 'use_workbooks' },
    ])
  })
})
