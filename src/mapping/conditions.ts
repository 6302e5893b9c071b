import type { GroupName } from '../resolve/connection.ts'
import type { Noted, Period, Rule } from '../resolve/rule.ts'
import type { UserAttribute } from '../resolve/user-attribute.ts'
import { whyNotMatched } from '../scim/filter/why.ts'
import type { Tier } from '../../schemas/roles.ts'
import { grantableValues, mayGrantTier, memberOf, ofDirectory, type Person, timeState } from './person.ts'

/** Which conditions of a rule a person fails, in the order in which they are looked at. */
export function failingConditions(rule: Rule, person: Person): string[] {
  const { directory, group, when } = rule
  return [
    ...(ofDirectory({ directory }, person)
      ? []
      : [`it is for the directory \`${directory}\`, and the user is of \`${person.facts.directory.name}\``]),
    ...(group === undefined ? [] : notInGroup(group, person)),
    ...listOf(when && whyNotMatched(when, person.facts.user.resource)),
    ...notItsTime(rule, person),
  ]
}

/** Empty while it is the time of what an administrator wrote. */
export function notItsTime(
  { period, facts }: { readonly period: Period; readonly facts: Noted },
  person: Person,
): string[] {
  const outside = { applies: [], expired: [`it ended ${facts.until}`], pending: [`it begins ${facts.from}`] }
  return outside[timeState(period, person)]
}

/** Empty for a member. A group that no name is bound to is nobody's, whoever is in one of that name now. */
export function notInGroup(group: GroupName, person: Person): string[] {
  if (memberOf(person, group) !== undefined) return []
  return person.facts.bindings.has(group.key)
    ? [`the user is not a member of \`${group.name}\``]
    : [`directory \`${person.facts.directory.name}\` has no group that \`${group.name}\` is bound to`]
}

/** Empty where the directory's data may hand out roles of a tier. */
export function tierRefused(person: Person, tier: Tier): string[] {
  const { name, mayGrant } = person.facts.directory
  return mayGrantTier(person, tier) ? [] : [`directory \`${name}\` may grant up to \`${mayGrant?.upTo}\``]
}

/** Empty where the directory's data may hand out one of the values. */
export function valuesRefused(person: Person, attribute: UserAttribute, values: readonly string[]): string[] {
  const ceiling = grantableValues(person, attribute)
  if (ceiling === undefined || values.some((value) => ceiling.includes(value))) return []
  return [
    `directory \`${person.facts.directory.name}\` may not hand out ${quoted(values)} for \`${attribute.reference}\``,
  ]
}

/** Values in a sentence. */
export const quoted = (values: readonly string[]): string => values.map((value) => `\`${value}\``).join(', ')

const listOf = (text: string | undefined): string[] => (text === undefined ? [] : [text])
