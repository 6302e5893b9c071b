import type { Target } from '../resolve/connection.ts'
import type { Decision, Reason } from '../resolve/decision.ts'
import type { AccessModel } from '../resolve/model.ts'
import type { Role } from '../resolve/role.ts'
import { failingConditions, notItsTime, tierRefused } from './conditions.ts'
import { ofDirectory, type Person, writtenFor } from './person.ts'
import type { Way } from './why-not.ts'

/** Every way in which a person could have a role on one of the targets. */
export function waysToRole(
  model: AccessModel,
  person: Person,
  targets: readonly Target[],
  role: Role,
  decision: Decision,
): Way[] {
  const later = [...outranking(model, role, decision), ...deniedLater(decision)]
  return [
    ...directWays(model, person, targets, role),
    ...ruleWays(model, person, targets, role),
    ...baseWays(targets, role),
  ].map((way) => ({ ...way, fails: [...way.fails, ...later] }))
}

function directWays(model: AccessModel, person: Person, targets: readonly Target[], role: Role): Way[] {
  return writtenFor(model.grants, person)
    .filter((grant) => grant.role === role && targets.includes(grant.target) && ofDirectory(grant, person))
    .map((grant) => ({
      text: `a direct grant of \`${role.name}\` on ${targetName(grant.target)}`,
      fails: notItsTime(grant, person),
    }))
}

function ruleWays({ rules }: AccessModel, person: Person, targets: readonly Target[], role: Role): Way[] {
  return rules.flatMap((rule) => {
    if (rule.grant?.role !== role || !targets.includes(rule.grant.target)) return []
    return {
      text: `rule \`${rule.name}\` gives \`${role.name}\` on ${targetName(rule.grant.target)}`,
      rule: rule.name,
      fails: [...failingConditions(rule, person), ...tierRefused(person, role.tier)],
    }
  })
}

function baseWays(targets: readonly Target[], role: Role): Way[] {
  return targets.flatMap((target) =>
    target.kind === 'connection' && target.baseRole === role
      ? { text: `\`${role.name}\` is the base role of ${targetName(target)}`, fails: [] }
      : [],
  )
}

/** A stronger role that the person has takes the place of this one. */
function outranking({ roles }: AccessModel, role: Role, { role: had }: Decision): string[] {
  const rank = had === null ? undefined : roles.get(had.name)?.rank
  return rank !== undefined && rank > role.rank
    ? [`the user has \`${had?.name}\`, which is stronger than \`${role.name}\``]
    : []
}

/** Where the role alone would not be enough. */
function deniedLater({ decision, reason }: Decision): string[] {
  const why = decision === 'deny' && reason !== null ? NOWHERE_TO_RUN[reason] : undefined
  return why === undefined ? [] : [`${why}, so access is denied`]
}

const NOWHERE_TO_RUN: Partial<Record<Reason, string>> = {
  ambiguous: 'the values of the user lead to several environments',
  unmatched: 'the value of the user leads to no environment',
  no_value: 'the user has no value to choose the environment by',
  refused: 'the value of the user is refused',
}

const targetName = ({ kind, name }: Target): string =>
  kind === 'model' ? `model \`${name}\`` : `\`${name}\``
