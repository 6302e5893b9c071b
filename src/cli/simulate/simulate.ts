import { company } from './company.ts'
import type { Company } from './company.ts'
import { connect } from './connection.ts'
import { days } from './day.ts'
import type { Event } from './day.ts'
import type { Dialect, GroupRef, MemberRef, OpenDialect } from './dialect.ts'
import { entra } from './entra.ts'
import { hours } from './hours.ts'
import type { Rates } from './hours.ts'
import { okta } from './okta.ts'
import { sync } from './sync.ts'
import type { Failure, Progress } from './sync.ts'

/** The identity providers that can be played. */
export const providers = { okta, entra } satisfies Record<string, OpenDialect>
export type Provider = keyof typeof providers

export interface SimulateOptions {
  /** The SCIM base URL: `http://localhost:3000/scim/v2`. */
  readonly url: string
  /** A token of the directory. */
  readonly token: string
  readonly provider: Provider
  readonly people: number
  readonly teams?: number
  /** The part of user names behind the `@`. */
  readonly domain?: string
  /** The same seed gives the same company. */
  readonly seed?: number
  /** So many days of leavers, movers and renames after the first synchronisation. */
  readonly days?: number
  /** So many hours of joiners, movers and leavers after that, as fast as the server can. */
  readonly hours?: number
  /** People an hour. */
  readonly rates?: Rates
  /** URN of the extension that carries `dbRole` and `costCentre`. */
  readonly extension?: string
  /** Requests under way at once. */
  readonly concurrency?: number
}

export interface Simulated {
  readonly users: number
  readonly groups: number
  readonly memberships: number
  readonly events: number
  readonly requests: number
  readonly failures: readonly Failure[]
}

/** The extension of the example configuration in `fixtures/company/signalbox.yaml`. */
export const acmeExtension = 'urn:ietf:params:scim:schemas:extension:Acme:2.0:User'

/**
 * Plays an identity provider with a company against a running server, in the provider's own dialect.
 *
 * What the server refuses is listed in `failures`; throws when the first request, the connection test, fails.
 */
export async function simulate(
  options: SimulateOptions,
  report: (progress: Progress) => void = () => {},
): Promise<Simulated> {
  const { provider, url, token, extension = acmeExtension, concurrency = 8 } = options
  const { rates = { joiners: 1, movers: 2, leavers: 1 } } = options
  const connection = connect(url, token, headersOf(provider))
  const dialect = providers[provider](connection, extension)
  const firm = company(options)
  const synced = await sync(dialect, firm, { report, concurrency })

  const failures = [...synced.failures]
  const users = [...synced.users]
  const playAll = async (step: string, grown: Company, events: readonly Event[]): Promise<void> => {
    for (const [index, event] of events.entries()) {
      try {
        await play(dialect, grown, { users, groups: synced.groups }, event)
      } catch (error) {
        failures.push({ what: event.kind, why: error instanceof Error ? error.message : String(error) })
      }
      report({ step, done: index + 1, total: events.length })
    }
  }
  const daily = days(firm, options.days ?? 0)
  await playAll('days', firm, daily.events)
  const hourly = hours(options, options.hours ?? 0, rates, daily.present)
  await playAll('hours', hourly.firm, hourly.events)
  return {
    users: users.filter((id) => id !== undefined).length,
    groups: synced.groups.filter((id) => id !== undefined).length,
    memberships: synced.memberships,
    events: daily.events.length + hourly.events.length,
    requests: connection.requests(),
    failures,
  }
}

/** The headers by which a provider is known. */
export function headersOf(provider: Provider): Record<string, string> {
  const json = { 'Content-Type': 'application/scim+json', Accept: 'application/scim+json' }
  return provider === 'okta'
    ? {
        'Content-Type': 'application/scim+json; charset=utf-8',
        Accept: json.Accept,
        'User-Agent': 'Okta SCIM Client 1.0.0',
      }
    : json
}

/** The ids that the server gave, by position in the company. */
interface Known {
  readonly users: (string | undefined)[]
  readonly groups: readonly (string | undefined)[]
}

/** Events about somebody whom the server has refused are left out. */
async function play(dialect: Dialect, firm: Company, known: Known, event: Event): Promise<void> {
  if (event.kind === 'rename') {
    const id = known.groups[event.team]
    if (id !== undefined) await dialect.renameGroup(id, event.name)
    return
  }
  const person = firm.people[event.person]
  if (!person) return
  if (event.kind === 'join') return join(dialect, firm, known, event.person, event.teams)
  const id = known.users[event.person]
  if (id === undefined) return
  if (event.kind === 'leave') return dialect.deactivate(id)

  const member = { id, userName: person.userName }
  await dialect.update(id, event.before, event.after)
  await inTeam(firm, known, event.from, (group) => dialect.removeMembers(group, [member]))
  await inTeam(firm, known, event.to, (group) => dialect.addMembers(group, [member]))
}

async function join(
  dialect: Dialect,
  firm: Company,
  known: Known,
  position: number,
  teams: readonly number[],
): Promise<void> {
  const person = firm.people[position]
  if (!person) return
  const id = await dialect.assign(person)
  known.users[position] = id
  const manager = person.manager === undefined ? undefined : known.users[person.manager]
  if (manager !== undefined) await dialect.setManager?.(id, manager)
  const member: MemberRef = { id, userName: person.userName }
  for (const team of teams) await inTeam(firm, known, team, (group) => dialect.addMembers(group, [member]))
}

async function inTeam(
  firm: Company,
  { groups }: Known,
  team: number,
  work: (group: GroupRef) => Promise<void>,
): Promise<void> {
  const id = groups[team]
  if (id !== undefined) await work({ id, name: firm.teams[team]?.name ?? '' })
}
