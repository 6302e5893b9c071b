import type { AttributeOutput } from '../resolve/decision.ts'
import type { Mapped, MappedValues } from '../resolve/mapped.ts'
import type { AccessModel } from '../resolve/model.ts'
import { attributeOutput } from '../resolve/user-attribute.ts'
import type { Facts } from './facts.ts'
import { mapGrants } from './grants.ts'
import { type Person, ofDirectory, readPerson, writtenFor } from './person.ts'
import { mapPicks } from './picks.ts'
import { mapValues } from './values.ts'

/**
 * Works out which attribute values, roles and environments the facts about one user amount to, each with its
 * source. An inactive user has none of them.
 */
export function map(model: AccessModel, facts: Facts): Mapped {
  const { id, userName, active } = facts.user
  const user = { id, userName, active }
  if (!active) {
    return {
      user,
      attributes: {},
      values: new Map(),
      grants: new Map(),
      baseCounts: false,
      picks: new Map(),
      validUntil: null,
    }
  }
  const person = readPerson(model, facts)
  const values = new Map<string, MappedValues>()
  const outputs: [string, AttributeOutput][] = []
  for (const attribute of model.attributes.values()) {
    const mapped = mapValues(attribute, person, model)
    values.set(attribute.reference, mapped)
    outputs.push([attribute.reference, attributeOutput(attribute, mapped.values)])
  }
  return {
    user,
    attributes: Object.fromEntries(outputs),
    values,
    grants: mapGrants(person, model),
    baseCounts: true,
    picks: mapPicks(person, model),
    validUntil: validUntil(person, model),
  }
}

/** The earliest moment, later than the facts, at which a rule, a grant or an override of this person begins or ends. */
function validUntil(person: Person, model: AccessModel): string | null {
  const written = [...writtenFor(model.grants, person), ...writtenFor(model.overrides, person)]
  const dated = [
    ...written.filter((entry) => ofDirectory(entry, person)),
    ...person.rules.map(({ rule }) => rule),
  ]
  const moments = dated
    .flatMap(({ period }) => [period.from, period.until])
    .filter((moment) => moment > person.at && moment !== Infinity)
  return moments.length > 0 ? new Date(Math.min(...moments)).toISOString() : null
}
