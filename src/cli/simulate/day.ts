import { transfer } from './company.ts'
import type { Company, Person } from './company.ts'

/** What happens in a company. Numbers are positions in `people` and `teams`. */
export type Event =
  | { readonly kind: 'join'; readonly person: number; readonly teams: readonly number[] }
  | { readonly kind: 'leave'; readonly person: number }
  | {
      readonly kind: 'move'
      readonly person: number
      readonly before: Person
      readonly after: Person
      readonly from: number
      readonly to: number
    }
  | { readonly kind: 'rename'; readonly team: number; readonly name: string }

/**
 * The events of a day: somebody in two hundred leaves, somebody in a hundred moves to another department and its
 * team, and one team gets a new name.
 *
 * Pure: the same company and day give the same events.
 */
export function day({ people, teams }: Company, date: number): Event[] {
  const size = people.length
  const leavers = Array.from(
    { length: Math.ceil(size / 200) },
    (_, index) => (date * 17 + index * 199 + 5) % size,
  )
  const movers = Array.from(
    { length: Math.ceil(size / 100) },
    (_, index) => (date * 23 + index * 97 + 11) % size,
  )
  const moves = movers
    .filter((person) => !leavers.includes(person))
    .flatMap((person): Event[] => {
      const current = people[person]
      const from = teams.findIndex(({ members }) => members.includes(person))
      const others = teams.filter(({ department }) => department !== current?.department)
      const team = others[(date + person) % others.length]
      if (!current || !team || from < 0) return []
      const after = transfer(current, team.department)
      return [{ kind: 'move', person, before: current, after, from, to: teams.indexOf(team) }]
    })
  const team = (date * 7) % Math.max(teams.length, 1)
  const renamed = teams[team]
  return [
    ...leavers.map((person): Event => ({ kind: 'leave', person })),
    ...moves,
    ...(renamed ? [{ kind: 'rename' as const, team, name: `${renamed.name} (${date})` }] : []),
  ]
}
