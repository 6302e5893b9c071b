import type { Usage } from './lints.ts'

/** What of a decision tells where somebody ends. */
export interface Ending {
  readonly role: { readonly name: string } | null
  readonly environment: { readonly connection: string; readonly value: string | null } | null
}

/** Collects who ends where. */
export interface UsageCount {
  add(connection: string, decision: Ending): void
  counted(people: number): Usage
}

export function countUsage(): UsageCount {
  const roles = new Set<string>()
  /** By connection, then by environment: the values that led there. */
  const led = new Map<string, Map<string, Set<string>>>()
  return {
    add(connection, { role, environment }) {
      if (role !== null) roles.add(role.name)
      if (environment === null || environment.value === null) return
      const environments = getOr(led, connection, () => new Map<string, Set<string>>())
      getOr(environments, environment.connection, () => new Set<string>()).add(environment.value)
    },
    counted: (people) => ({
      people,
      roles,
      leads: (connection, environment, value) => led.get(connection)?.get(environment)?.has(value) ?? false,
    }),
  }
}

function getOr<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}
