import type { Environment } from '../resolve/connection.ts'
import type { Pick } from '../resolve/mapped.ts'
import type { AccessModel } from '../resolve/model.ts'
import { grantableValues, memberOf, ofDirectory, type Person } from './person.ts'

/** The environments that a person may ask for by name. */
export function mapPicks(person: Person, model: AccessModel): ReadonlyMap<Environment, Pick> {
  const picks = new Map<Environment, Pick>()
  for (const environment of model.pickable) {
    const pick = pickOf(environment, person, model)
    if (pick) picks.set(environment, pick)
  }
  return picks
}

function pickOf(environment: Environment, person: Person, model: AccessModel): Pick | undefined {
  if (!ofDirectory(environment, person)) return undefined
  if (person.facts.user.names.some((name) => environment.users.has(name))) {
    return { state: 'applies', how: 'granted to this user', facts: { source: 'direct' } }
  }
  for (const group of environment.groups) {
    const membership = memberOf(person, group)
    if (!membership) continue
    const { how, facts } = membership
    if (mayLeadTo(environment, person, model))
      return { state: 'applies', how: `granted to a group (${how})`, facts }
    const directory = person.facts.directory.name
    return {
      state: 'refused',
      how: `directory \`${directory}\` may not hand out a value that leads there`,
      facts: { ...facts, directory },
    }
  }
  return undefined
}

/**
 * Whether the directory may send somebody to an environment. Who is in a group is the directory's data: being in it
 * gives no more than the attribute value would.
 */
function mayLeadTo(environment: Environment, person: Person, model: AccessModel): boolean {
  const attribute = model.attributes.get(environment.attribute ?? '')
  const ceiling = attribute && grantableValues(person, attribute)
  return !ceiling || environment.values.some((value) => ceiling.includes(value))
}
