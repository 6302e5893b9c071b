import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../schemas/config.ts'
import type { Db } from '../store/db.ts'
import { readOrigins } from '../store/revisions.ts'
import type { InForce } from './in-force.ts'

/**
 * One thing that a configuration says and that a decision may rest on, by a key that stays the same while it is
 * changed. Who has no name is known by all that is said of it.
 */
export const entry = {
  rule: (name: string): string => `rule ${name}`,
  defaultOf: (attribute: string): string => `default ${attribute}`,
  baseRole: (connection: string): string => `base role ${connection}`,
  attributeOf: (connection: string): string => `attribute ${connection}`,
  assignment: (connection: string): string => `assignment ${connection}`,
  unmatched: (connection: string): string => `unmatched ${connection}`,
  ambiguous: (connection: string): string => `ambiguous ${connection}`,
  environment: (connection: string, to: string): string => `environment ${JSON.stringify([connection, to])}`,
  grantTo: (connection: string, to: string): string => `grant to ${JSON.stringify([connection, to])}`,
  grant: (grant: Config['grants'][number]): string => `grant ${JSON.stringify(grant)}`,
  override: (override: Config['overrides'][number]): string => `override ${JSON.stringify(override)}`,
} as const

/** From the keys of entries to the ids of the revisions that they stand unchanged since. */
export type Origins = ReadonlyMap<string, number>

/** Since when the entries of the configuration in force stand as they do. */
export async function originsIn(db: Db, { revision, config }: InForce): Promise<Origins> {
  const older = JSON.parse((await readOrigins(db, revision)) ?? '{}') as Record<string, number>
  return new Map(Array.from(entriesOf(config).keys(), (key) => [key, older[key] ?? revision]))
}

/** The entries of the next configuration that stand in the present one as they do there, as JSON text. */
export async function keptOrigins(db: Db, present: InForce, next: Config): Promise<string> {
  const [origins, before] = [await originsIn(db, present), entriesOf(present.config)]
  const kept: [string, number | undefined][] = []
  for (const [key, value] of entriesOf(next)) {
    if (before.has(key) && isDeepStrictEqual(before.get(key), value)) kept.push([key, origins.get(key)])
  }
  return JSON.stringify(Object.fromEntries(kept))
}

function entriesOf(config: Config): Map<string, unknown> {
  const entries = new Map<string, unknown>()
  for (const rule of config.rules) entries.set(entry.rule(rule.name), rule)
  for (const { reference, default: value } of config.userAttributes) {
    if (value !== undefined) entries.set(entry.defaultOf(reference), value)
  }
  for (const connection of config.connections) {
    const { name, environmentAttribute: attribute, environments } = connection
    entries.set(entry.baseRole(name), connection.baseRole)
    entries.set(entry.attributeOf(name), attribute)
    entries.set(entry.assignment(name), connection.assignDynamically)
    entries.set(entry.unmatched(name), connection.whenUnmatched)
    entries.set(entry.ambiguous(name), connection.whenAmbiguous)
    for (const place of [...environments, { ...connection, connection: name }]) {
      entries.set(entry.environment(name, place.connection), { attribute, values: place.values })
      entries.set(entry.grantTo(name, place.connection), place.grantTo)
    }
  }
  for (const grant of config.grants) entries.set(entry.grant(grant), true)
  for (const override of config.overrides) entries.set(entry.override(override), true)
  return entries
}
