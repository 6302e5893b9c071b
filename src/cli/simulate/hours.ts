import { company } from './company.ts'
import type { Company, CompanyOptions } from './company.ts'
import { leave, move, movesOf, remaining } from './day.ts'
import type { Event } from './day.ts'
import { draw, postsOf, teamsByPerson, type Post } from './posts.ts'

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
 * Pure: the same company, hours and rates give the same events. Nobody leaves or moves who has left, and nobody moves
 * twice in an hour or from where they no longer are.
 *
 * @param start who is there at first, and where; otherwise everybody
 */
export function hours(options: CompanyOptions, count: number, rates: Rates, start?: readonly Post[]): Time {
  const joining = Math.floor(rates.joiners * count)
  const firm = company({ ...options, people: options.people + joining })
  const teams = teamsByPerson(firm)
  const everybody = postsOf(firm)
  const events: Event[] = []
  let present = start ?? everybody.slice(0, options.people)
  for (let hour = 0; hour < count; hour += 1) {
    const pool = [...present]
    const leavers = draw(pool, due(rates.leavers, hour), hour * 17 + 5)
    const moves = movesOf(firm, draw(pool, due(rates.movers, hour), hour * 23 + 11), hour)
    const first = options.people + Math.floor(rates.joiners * hour)
    const joiners = everybody.slice(first, first + due(rates.joiners, hour))
    events.push(...leavers.map(leave), ...moves.map(move))
    for (const { person } of joiners) events.push({ kind: 'join', person, teams: teams.get(person) ?? [] })
    present = [...remaining(present, leavers, moves), ...joiners]
  }
  return { firm, events }
}

/** How many are due in an hour, so that the sum is never more than one person from the rate. */
const due = (rate: number, hour: number): number => Math.floor(rate * (hour + 1)) - Math.floor(rate * hour)
