import { company } from './company.ts'
import type { Company } from './company.ts'
import { connect } from './connection.ts'
import { day } from './day.ts'
import type { Event } from './day.ts'
import type { Dialect, OpenDialect } from './dialect.ts'
import { entra } from './entra.ts'
import { okta } from './okta.ts'
import { sync } from './sync.ts'
import type { Failure, Progress, Synced } from './sync.ts'

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
  const { provider, url, token, extension = acmeExtension, days = 0, concurrency = 8 } = options
  const connection = connect(url, token, headersOf(provider))
  const dialect = providers[provider](connection, extension)
  const firm = company(options)
  const synced = await sync(dialect, firm, { report, concurrency })

  const failures = [...synced.failures]
  const events = Array.from({ length: days }, (_, index) => day(firm, index + 1)).flat()
  for (const [index, event] of events.entries()) {
    try {
      await play(dialect, firm, synced, event)
    } catch (error) {
      failures.push({ what: event.kind, why: error instanceof Error ? error.message : String(error) })
    }
    report({ step: 'days', done: index + 1, total: events.length })
  }
  return {
    users: synced.users.filter((id) => id !== undefined).length,
    groups: synced.groups.filter((id) => id !== undefined).length,
    memberships: synced.memberships,
    events: events.length,
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

/** Events about somebody whom the server has refused are left out. */
async function play(dialect: Dialect, firm: Company, { users, groups }: Synced, event: Event): Promise<void> {
  if (event.kind === 'rename') {
    const id = groups[event.team]
    if (id !== undefined) await dialect.renameGroup(id, event.name)
    return
  }
  const person = firm.people[event.person]
  const id = users[event.person]
  if (id === undefined || !person) return
  if (event.kind === 'leave') return dialect.deactivate(id)

  const member = { id, userName: person.userName }
  const [from, to] = [event.from, event.to].map((team) => ({
    id: groups[team],
    name: firm.teams[team]?.name ?? '',
  }))
  await dialect.update(id, person, event.after)
  if (from?.id !== undefined) await dialect.removeMembers({ id: from.id, name: from.name }, [member])
  if (to?.id !== undefined) await dialect.addMembers({ id: to.id, name: to.name }, [member])
}
