import type { Config, GrantTarget } from '../../schemas/config.ts'
import type { ResourceType } from '../../schemas/definition.ts'
import type { Filter } from '../scim/filter/filter.ts'
import { parseFilter } from '../scim/filter/parse.ts'
import { fold } from '../scim/fold.ts'
import { type GroupName, groupName, type Target } from './connection.ts'
import type { Role } from './role.ts'
import { type UserAttribute, valueTexts } from './user-attribute.ts'

export interface Rule {
  readonly name: string
  /** Folded. */
  readonly directory: string | undefined
  readonly group: GroupName | undefined
  readonly when: Filter | undefined
  readonly grant: { readonly role: Role; readonly target: Target } | undefined
  /** Values as they are compared, by reference. */
  readonly set: ReadonlyMap<string, readonly string[]>
  readonly period: Period
  readonly facts: Noted
}

/** A stretch of time in milliseconds, its end left out; open ends are infinite. */
export interface Period {
  readonly from: number
  readonly until: number
}

/** A role for one user, given by an administrator. */
export interface DirectGrant {
  /** Folded. */
  readonly directory: string | undefined
  readonly role: Role
  readonly target: Target
  readonly period: Period
  readonly facts: Noted
}

/** An attribute value for one user, given by an administrator. */
export interface Override {
  /** Folded. */
  readonly directory: string | undefined
  readonly attribute: string
  readonly values: readonly string[]
  readonly period: Period
  readonly facts: Noted
}

/** What an administrator wrote beside a rule, a grant or an override. */
export interface Noted {
  readonly from?: string
  readonly until?: string
  readonly note?: string
}

/** What the names in rules, grants and overrides mean. A name that is not there throws: `parseConfig` finds it. */
export interface Names {
  readonly attributes: ReadonlyMap<string, UserAttribute>
  readonly roles: ReadonlyMap<string, Role>
  target(on: GrantTarget): Target
}

/** Throws {@link ScimError} where `when` is no filter over users: `checkFilters` finds that beforehand. */
export function compileRule(rule: Config['rules'][number], names: Names, userType: ResourceType): Rule {
  return {
    name: rule.name,
    directory: rule.directory === undefined ? undefined : fold(rule.directory),
    group: rule.group === undefined ? undefined : groupName(rule.group),
    when: rule.when === undefined ? undefined : parseFilter(rule.when, userType),
    grant: rule.grant && { role: named(names.roles, rule.grant.role), target: names.target(rule.grant.on) },
    set: new Map(
      Object.entries(rule.set ?? {}).map(([reference, values]) => [
        reference,
        valueTexts(named(names.attributes, reference), values),
      ]),
    ),
    period: period(rule),
    facts: noted(rule),
  }
}

export function compileGrant(grant: Config['grants'][number], names: Names): DirectGrant {
  return {
    directory: grant.directory === undefined ? undefined : fold(grant.directory),
    role: named(names.roles, grant.role),
    target: names.target(grant.on),
    period: period(grant),
    facts: noted(grant),
  }
}

export function compileOverride(override: Config['overrides'][number], names: Names): Override {
  return {
    directory: override.directory === undefined ? undefined : fold(override.directory),
    attribute: override.attribute,
    values: valueTexts(named(names.attributes, override.attribute), override.value),
    period: period(override),
    facts: noted(override),
  }
}

/** The entry of a name that the configuration's check found to be there. */
export function named<T>(entries: ReadonlyMap<string, T>, name: string): T {
  const found = entries.get(name)
  if (found === undefined) throw new Error(`\`${name}\` is not defined`)
  return found
}

interface Dated {
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly reason?: string | undefined
}

function period({ from, until }: Dated): Period {
  return {
    from: from === undefined ? -Infinity : Date.parse(from),
    until: until === undefined ? Infinity : Date.parse(until),
  }
}

function noted({ from, until, reason }: Dated): Noted {
  return {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(reason === undefined ? {} : { note: reason }),
  }
}
