import type { Target } from '../resolve/connection.ts'
import type { Detail } from '../resolve/decision.ts'
import type { Grant } from '../resolve/mapped.ts'
import type { AccessModel } from '../resolve/model.ts'
import type { DirectGrant } from '../resolve/rule.ts'
import {
  type AppliedRule,
  mayGrantTier,
  ofDirectory,
  type Person,
  remark,
  timeState,
  writtenFor,
} from './person.ts'

/** The roles that reach a person by target: direct grants, then rules, each in its order. */
export function mapGrants(person: Person, model: AccessModel): ReadonlyMap<Target, readonly Grant[]> {
  const grants = new Map<Target, Grant[]>()
  const add = (grant: Grant): void => {
    const found = grants.get(grant.target)
    if (found) found.push(grant)
    else grants.set(grant.target, [grant])
  }
  for (const grant of writtenFor(model.grants, person)) {
    if (ofDirectory(grant, person)) add(directGrant(grant, person))
  }
  for (const applied of person.rules) {
    const grant = ruleGrant(applied, person)
    if (grant) add(grant)
  }
  return grants
}

function directGrant({ role, target, period, facts }: DirectGrant, person: Person): Grant {
  return {
    state: timeState(period, person),
    role,
    target,
    how: `by a direct grant${remark(facts)}`,
    facts: { source: 'direct', ...facts },
  }
}

function ruleGrant({ rule, state, how, facts }: AppliedRule, person: Person): Grant | undefined {
  if (!rule.grant) return undefined
  const { role, target } = rule.grant
  if (state !== 'applies' || mayGrantTier(person, role.tier)) return { state, role, target, how, facts }
  const { name: directory, mayGrant } = person.facts.directory
  const refused: Detail = { ...facts, directory }
  return {
    state: 'refused',
    role,
    target,
    how: `${how} is refused: directory \`${directory}\` may grant up to \`${mayGrant?.upTo}\``,
    facts: refused,
  }
}
