import type { Connection, Environment } from '../resolve/connection.ts'
import type { Decision } from '../resolve/decision.ts'
import type { Mapped, MappedValues } from '../resolve/mapped.ts'
import type { AccessModel } from '../resolve/model.ts'
import type { UserAttribute } from '../resolve/user-attribute.ts'
import { failingConditions, notInGroup, notItsTime, quoted, valuesRefused } from './conditions.ts'
import { ofDirectory, type Person, writtenFor } from './person.ts'
import { valuesAt } from './values-at.ts'
import type { Way } from './why-not.ts'

/** Which environment is meant, and which one the question names, if any. */
interface Asked {
  readonly wanted: string
  readonly environment?: string | undefined
}

/** Every way in which a person could get to an environment of a connection: by a value, or by asking for it by name. */
export function waysToEnvironment(
  model: AccessModel,
  person: Person,
  mapped: Mapped,
  connection: Connection,
  { wanted, environment: asked }: Asked,
  decision: Decision,
): Way[] {
  const environment = connection.environments.get(wanted)
  if (environment === undefined) return []
  const role = noRole(connection, decision)
  return [
    ...valueWays(model, person, mapped, connection, environment).map((way) => ({
      ...way,
      fails: [...way.fails, ...pickedInstead(connection, mapped, asked)],
    })),
    ...pickWays(environment, person, mapped, asked),
  ].map((way) => ({ ...way, fails: [...way.fails, ...role] }))
}

/** What was asked for by name and is granted counts before every value. */
function pickedInstead(connection: Connection, { picks }: Mapped, asked: string | undefined): string[] {
  const environment = connection.environments.get(asked ?? '')
  const picked = environment !== undefined && picks.get(environment)?.state === 'applies'
  return picked ? [`\`${environment.connection}\` is asked for by name, which counts before values`] : []
}

function noRole({ name }: Connection, { role }: Decision): string[] {
  return role === null || role.name === 'no_access' ? [`the user has no role on \`${name}\``] : []
}

function valueWays(
  model: AccessModel,
  person: Person,
  mapped: Mapped,
  connection: Connection,
  environment: Environment,
): Way[] {
  const attribute = model.attributes.get(connection.environmentAttribute ?? '')
  const byValue = connection.environmentAttribute !== undefined && connection.assignsDynamically
  if (environment === connection.primary && !byValue) {
    return [
      { text: `everybody with a role runs on \`${connection.name}\`, whatever their values`, fails: [] },
    ]
  }
  if (attribute === undefined || environment.values.length === 0) return []
  const found = mapped.values.get(attribute.reference)
  const elsewhere = byValue
    ? leadsElsewhere(connection, environment, attribute, found)
    : [`dynamic assignment of \`${connection.name}\` is off`]
  return [
    ...overrideWays(model, person, attribute, environment),
    ...directoryWays(person, attribute, environment),
    ...ruleWays(model, person, attribute, environment),
    ...defaultWays(attribute, environment),
  ].map((way) => ({ ...way, fails: [...way.fails, ...elsewhere] }))
}

/** What the person's values are instead: they count before what a weaker source would say, or beside it. */
function leadsElsewhere(
  connection: Connection,
  environment: Environment,
  { reference }: UserAttribute,
  found: MappedValues | undefined,
): string[] {
  const { values = [], refused = [] } = found ?? {}
  if (values.length === 0 && refused.length > 0) {
    return [`${quoted(refused)} for \`${reference}\` is refused, and gives way to nothing wider`]
  }
  const others = values.filter((value) => !environment.values.includes(value))
  return others.map((value) => {
    const to = connection.routes.get(value)
    return to === undefined
      ? `\`${reference}\` is \`${value}\`, which leads nowhere on \`${connection.name}\``
      : `\`${reference}\` is \`${value}\`, which leads to \`${to.connection}\``
  })
}

function overrideWays(
  model: AccessModel,
  person: Person,
  attribute: UserAttribute,
  environment: Environment,
): Way[] {
  return writtenFor(model.overrides, person)
    .filter(
      (override) =>
        override.attribute === attribute.reference &&
        ofDirectory(override, person) &&
        leadsThere(override.values, environment),
    )
    .map((override) => ({
      text: `an override sets \`${attribute.reference}\` to ${quoted(override.values)}`,
      fails: notItsTime(override, person),
    }))
}

/** What the identity provider would have to send, as it would have to send it. */
function directoryWays(person: Person, attribute: UserAttribute, environment: Environment): Way[] {
  const translated = [...attribute.valueMap].flatMap(([sent, meant]) =>
    environment.values.includes(meant) ? [sent] : [],
  )
  // A text that is translated is never taken as it is.
  const plain = environment.values.filter((value) => !attribute.valueMap.has(value))
  const wanted = [...new Set([...translated, ...plain])]
  return attribute.sources.slice(0, 1).map(({ target, name }) => {
    const sent = valuesAt(target, person.facts.user.resource).map(String)
    const there = sent.length === 0 ? `it sends nothing there` : `it sends ${quoted(sent)} there`
    return {
      text: `directory \`${person.facts.directory.name}\` sends ${quoted(wanted)} in \`${name}\``,
      fails: [
        ...(sent.some((value) => wanted.includes(value.trim())) ? [] : [there]),
        ...valuesRefused(person, attribute, environment.values),
      ],
    }
  })
}

function ruleWays(
  model: AccessModel,
  person: Person,
  attribute: UserAttribute,
  environment: Environment,
): Way[] {
  return model.rules.flatMap((rule) => {
    const values = rule.set.get(attribute.reference) ?? []
    if (!leadsThere(values, environment)) return []
    const fitting = values.filter((value) => environment.values.includes(value))
    return {
      text: `rule \`${rule.name}\` sets \`${attribute.reference}\` to ${quoted(values)}`,
      rule: rule.name,
      fails: [...failingConditions(rule, person), ...valuesRefused(person, attribute, fitting)],
    }
  })
}

function defaultWays({ reference, defaults }: UserAttribute, environment: Environment): Way[] {
  return leadsThere(defaults, environment)
    ? [{ text: `\`${reference}\` is ${quoted(defaults)} by default`, fails: [] }]
    : []
}

function pickWays(
  environment: Environment,
  person: Person,
  mapped: Mapped,
  asked: string | undefined,
): Way[] {
  const { connection, users, groups } = environment
  if (users.size === 0 && groups.length === 0) return []
  return [
    { text: `\`${connection}\` is asked for by name`, fails: notPicked(environment, person, mapped, asked) },
  ]
}

function notPicked(
  environment: Environment,
  person: Person,
  { picks }: Mapped,
  asked: string | undefined,
): string[] {
  const right = picks.get(environment)
  if (right?.state === 'applies') return asked === environment.connection ? [] : ['it was not asked for']
  if (right !== undefined) return [right.how]
  if (!ofDirectory(environment, person))
    return [`it is granted in the directory \`${environment.directory}\``]
  const [group] = environment.groups.flatMap((one) => notInGroup(one, person))
  return [group ?? 'it is not granted to this user']
}

const leadsThere = (values: readonly string[], { values: leading }: Environment): boolean =>
  values.some((value) => leading.includes(value))
