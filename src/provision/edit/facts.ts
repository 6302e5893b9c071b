import { exceptions, isBaseRole, resolvedTier, tierRank, BASE_ROLE_TITLES } from '../../../schemas/roles.ts'
import type { Config } from '../../../schemas/config.ts'
import { compileRoles } from '../../resolve/role.ts'
import type { Place } from './document.ts'
import type { SectionName } from './sections.ts'

/** What follows from an entry and is not written in it. */
export type Facts = Readonly<Record<string, unknown>>

/** Tells the facts of entries of one configuration. */
export type Tell = (id: string, place: Place | undefined) => Facts

/** What is told of the entries of a section. */
export function factsOf(config: Config, section: SectionName): Tell {
  const position: Tell = (_, place) => ({ position: Number(place?.at(-1)) + 1 })
  const tables: Partial<Record<SectionName, Tell>> = {
    roles: roleFacts(config),
    connections: connectionFacts(config),
    rules: position,
    environments: position,
  }
  return tables[section] ?? (() => ({}))
}

function roleFacts(config: Config): Tell {
  const roles = compileRoles(config)
  return (id) => {
    const role = roles.get(id)
    if (role === undefined) return {}
    const stronger = [...roles.values()].filter(({ tier, rank }) => tier === role.tier && rank > role.rank)
    return {
      base: isBaseRole(id),
      tier: role.tier,
      tierRank: tierRank(role.tier),
      position: stronger.length + 1,
      ...permissionFacts(role.permissions),
    }
  }
}

/** What a set of permissions amounts to. */
export function permissionFacts(permissions: readonly string[]): Facts {
  const tier = resolvedTier(permissions)
  return {
    permissions,
    resolvedRole: { name: tier, displayName: BASE_ROLE_TITLES[tier] },
    exceptions: exceptions(permissions),
  }
}

function connectionFacts({ connections, models }: Config): Tell {
  const modelsOn = (name: string) =>
    models.filter(({ connection }) => connection === name).map((one) => one.name)
  return (id) => {
    const own = connections.find(({ name }) => name === id)
    const environments = own?.environments.map(({ connection }) => connection) ?? []
    return {
      environments,
      environmentOf: connections
        .filter((one) => one.environments.some(({ connection }) => connection === id))
        .map(({ name }) => name),
      models: modelsOn(id),
      extraModels: environments.flatMap(modelsOn),
    }
  }
}
