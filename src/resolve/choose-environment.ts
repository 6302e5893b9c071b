import type { Connection, Environment } from './connection.ts'
import type { Because, Kind, Reason } from './decision.ts'
import type { Mapped } from './mapped.ts'

export type EnvironmentChoice = {
  readonly because: readonly Because[]
} & (
  | {
      readonly reason: null
      readonly environment: { readonly connection: string; readonly value: string | null }
    }
  | { readonly reason: Reason; readonly environment: null }
)

/**
 * Where the queries of this user run: the environment asked for by name if it is granted, else where the values of
 * the connection's attribute lead, else, where the connection names no attribute or assigns no environments by it, the
 * connection itself.
 */
export function chooseEnvironment(
  mapped: Mapped,
  connection: Connection,
  asked: string | undefined,
): EnvironmentChoice {
  const because: Because[] = []
  if (asked !== undefined) {
    const picked = pick(mapped, connection, asked, because)
    if (picked) return allow(picked, null, because)
  }
  if (connection.environmentAttribute === undefined) {
    because.push({
      step: 'environment',
      kind: 'primary',
      text: `\`${connection.name}\` names no attribute to choose an environment by: queries run on it`,
      connection: connection.name,
    })
    return allow(connection.primary, null, because)
  }
  if (!connection.assignsDynamically) {
    because.push({
      step: 'environment',
      kind: 'assignment_off',
      text: `dynamic assignment of \`${connection.name}\` is off, so \`${connection.environmentAttribute}\` decides nothing: queries run on it`,
      attribute: connection.environmentAttribute,
      connection: connection.name,
    })
    return allow(connection.primary, null, because)
  }
  return byAttribute(mapped, connection, connection.environmentAttribute, because)
}

function pick(
  mapped: Mapped,
  connection: Connection,
  asked: string,
  because: Because[],
): Environment | undefined {
  const environment = connection.environments.get(asked)
  const right = environment && mapped.picks.get(environment)
  if (environment && right?.state === 'applies') {
    because.push({
      step: 'environment',
      kind: 'picked',
      text: `\`${asked}\` was asked for by name, ${right.how}`,
      connection: asked,
      ...right.facts,
    })
    return environment
  }
  const why = environment
    ? (right?.how ?? 'it is not granted to this user')
    : `\`${connection.name}\` has no such environment`
  because.push({
    step: 'environment',
    kind: 'skipped',
    text: `\`${asked}\` was asked for by name and is skipped: ${why}`,
    connection: asked,
    ...right?.facts,
  })
  return undefined
}

/** What the values of the attribute lead to. `because` is completed with the reasons. */
function byAttribute(
  mapped: Mapped,
  connection: Connection,
  attribute: string,
  because: Because[],
): EnvironmentChoice {
  const found = mapped.values.get(attribute)
  const values = found?.values ?? []
  if (found) because.push(...found.because)
  const matches: { environment: Environment; value: string }[] = []
  for (const value of values) {
    const environment = connection.routes.get(value)
    if (!environment) because.push(leadsNowhere(connection, attribute, value))
    else if (!matches.some((match) => match.environment === environment)) matches.push({ environment, value })
  }
  const [first, ...others] = matches
  if (!first) return unmatched(connection, attribute, values, (found?.refused.length ?? 0) > 0, because)
  if (others.length === 0) {
    because.push(leads(attribute, first, 'matched', ''))
    return allow(first.environment, first.value, because)
  }
  const inOrder = matches.toSorted((left, right) => left.environment.order - right.environment.order)
  if (connection.whenAmbiguous === 'deny') {
    for (const match of inOrder)
      because.push(leads(attribute, match, 'ambiguous', ', and another value leads elsewhere'))
    return deny('ambiguous', because)
  }
  inOrder.forEach((match, place) => {
    because.push(
      place === 0
        ? leads(attribute, match, 'first_in_order', `, first in the order of \`${connection.name}\``)
        : leads(attribute, match, 'ambiguous', ', which comes later in the order'),
    )
  })
  const chosen = inOrder[0] ?? first
  return allow(chosen.environment, chosen.value, because)
}

/** No value leads anywhere. A refused value never gives way to the connection itself, whatever its switch says. */
function unmatched(
  connection: Connection,
  attribute: string,
  values: readonly string[],
  refused: boolean,
  because: Because[],
): EnvironmentChoice {
  if (refused) {
    const text = `\`${attribute}\` has no other value that leads anywhere, and what is refused gives way to nothing wider`
    because.push({ step: 'environment', kind: 'refused', text, attribute })
    return deny('refused', because)
  }
  if (connection.whenUnmatched === 'base') {
    const what = values.length > 0 ? 'that leads nowhere' : 'that is missing'
    because.push({
      step: 'environment',
      kind: 'base',
      text: `\`${connection.name}\` is set to run as itself for a value of \`${attribute}\` ${what}`,
      attribute,
      connection: connection.name,
    })
    return allow(connection.primary, null, because)
  }
  if (values.length > 0) return deny('unmatched', because)
  const text = `\`${connection.name}\` needs a value of \`${attribute}\` to choose the environment`
  because.push({ step: 'environment', kind: 'no_value', text, attribute })
  return deny('no_value', because)
}

function leads(
  attribute: string,
  { environment, value }: { environment: Environment; value: string },
  kind: Kind,
  remark: string,
): Because {
  const { connection } = environment
  const text = `\`${attribute}\` = \`${value}\` leads to \`${connection}\`${remark}`
  return { step: 'environment', kind, text, attribute, value, connection }
}

function leadsNowhere(connection: Connection, attribute: string, value: string): Because {
  const near = connection.nearRoutes.get(value.toLowerCase())
  const text = `\`${attribute}\` = \`${value}\` leads nowhere on \`${connection.name}\``
  const base = { step: 'environment', attribute, value } as const
  if (near === undefined) return { ...base, kind: 'unmatched', text }
  return { ...base, kind: 'near_miss', text: `${text}: \`${near}\` differs only by case`, near }
}

function allow(
  environment: Environment,
  value: string | null,
  because: readonly Because[],
): EnvironmentChoice {
  return { reason: null, environment: { connection: environment.connection, value }, because }
}

function deny(reason: Reason, because: readonly Because[]): EnvironmentChoice {
  return { reason, environment: null, because }
}
