import { company, transfer } from './company.ts'
import type { Company, CompanyOptions, Person } from './company.ts'
import type { Event } from './day.ts'

/** How many people an hour; a fraction adds up: 0.25 is somebody every fourth hour. */
export interface Rates {
  readonly joiners: number
  readonly movers: number
  readonly leavers: number
}

/** What happens in a company, and the company with everybody who has joined by then. */
export interface Time {
  readonly firm: Company
  readonly events: readonly Event[]
}

/**
 * Lets hours go by: people join, move to a team of another department, and leave for good.
 *
 * Pure: the same company, hours and rates give the same events. Nobody leaves who has left, `gone` included, and nobody
 * moves twice in an hour or from where they no longer are.
 */
export function hours(
  options: CompanyOptions,
  count: number,
  rates: Rates,
  gone: ReadonlySet<number> = new Set(),
): Time {
  const joining = Math.floor(rates.joiners * count)
  const firm = company({ ...options, people: options.people + joining })
  const teams = teamsByPerson(firm)
  const postOf = (person: number): Post => {
    const now = firm.people[person]
    if (!now) throw new Error(`there is nobody at ${person}`)
    return { person, now, team: teams.get(person)?.[0] ?? -1 }
  }
  const present = Array.from({ length: options.people }, (_, person) => person)
    .filter((person) => !gone.has(person))
    .map(postOf)
  const events: Event[] = []
  for (let hour = 0; hour < count; hour += 1) {
    const pool = [...present]
    for (const { person } of draw(pool, due(rates.leavers, hour), hour * 17 + 5)) {
      events.push({ kind: 'leave', person })
      present.splice(
        present.findIndex((post) => post.person === person),
        1,
      )
    }
    for (const post of draw(pool, due(rates.movers, hour), hour * 23 + 11))
      events.push(...move(firm, post, hour))
    for (let index = 0; index < due(rates.joiners, hour); index += 1) {
      const post = postOf(options.people + Math.floor(rates.joiners * hour) + index)
      events.push({ kind: 'join', person: post.person, teams: teams.get(post.person) ?? [] })
      present.push(post)
    }
  }
  return { firm, events }
}

/** Somebody where they are now; `team` is -1 for nobody's. */
interface Post {
  readonly person: number
  now: Person
  team: number
}

function teamsByPerson({ teams }: Company): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>()
  for (const [team, { members }] of teams.entries())
    for (const person of members) found.set(person, [...(found.get(person) ?? []), team])
  return found
}

/** How many are due in an hour, so that the sum is never more than one person from the rate. */
const due = (rate: number, hour: number): number => Math.floor(rate * (hour + 1)) - Math.floor(rate * hour)

/** Takes people out of the pool, as if by lot. */
function draw(pool: Post[], count: number, salt: number): Post[] {
  return Array.from({ length: Math.min(count, pool.length) }, (_, index) =>
    pool.splice((salt + index * 97) % pool.length, 1),
  ).flat()
}

/** A move to a team of another department; none where there is no such team. */
function move(firm: Company, post: Post, hour: number): Event[] {
  const others = firm.teams.filter(({ department }) => department !== post.now.department)
  const team = others[(hour + post.person) % others.length]
  if (!team || post.team < 0) return []
  const [before, from, to] = [post.now, post.team, firm.teams.indexOf(team)]
  post.now = transfer(before, team.department)
  post.team = to
  return [{ kind: 'move', person: post.person, before, after: post.now, from, to }]
}
