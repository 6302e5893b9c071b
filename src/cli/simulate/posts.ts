import { transfer } from './company.ts'
import type { Company, Person } from './company.ts'

/** Somebody where they are now; `team` is -1 for nobody's. */
export interface Post {
  readonly person: number
  readonly now: Person
  readonly team: number
}

/** Where everybody is at first. */
export function postsOf(firm: Company): Post[] {
  const teams = teamsByPerson(firm)
  return firm.people.map((now, person) => ({ person, now, team: teams.get(person)?.[0] ?? -1 }))
}

/** The teams of everybody, by position. */
export function teamsByPerson({ teams }: Company): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>()
  for (const [team, { members }] of teams.entries())
    for (const person of members) found.set(person, [...(found.get(person) ?? []), team])
  return found
}

/** Takes people out of the pool, as if by lot. */
export function draw(pool: Post[], count: number, salt: number): Post[] {
  return Array.from({ length: Math.min(count, pool.length) }, (_, index) =>
    pool.splice((salt + index * 97) % pool.length, 1),
  ).flat()
}

/** Where somebody is after a move to a team of another department; undefined where there is no such team. */
export function moved(firm: Company, { person, now, team: from }: Post, salt: number): Post | undefined {
  const others = firm.teams.filter(({ department }) => department !== now.department)
  const team = others[(salt + person) % others.length]
  if (!team || from < 0) return undefined
  return { person, now: transfer(now, team.department), team: firm.teams.indexOf(team) }
}
