import type { Company, Person } from './company.ts'
import { draw, moved, postsOf, type Post } from './posts.ts'

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

/** What happened, and who is still there. */
export interface Days {
  readonly events: readonly Event[]
  readonly present: readonly Post[]
}

/**
 * Lets days go by: on each, somebody in two hundred leaves for good, somebody in a hundred moves to another department
 * and its team, and one team gets a new name.
 *
 * Pure: the same company and number give the same events. Nobody leaves or moves who has left.
 */
export function days(firm: Company, count: number): Days {
  const size = firm.people.length
  const events: Event[] = []
  let present: readonly Post[] = postsOf(firm)
  for (let date = 1; date <= count; date += 1) {
    const pool = [...present]
    const leavers = draw(pool, Math.ceil(size / 200), date * 17 + 5)
    const moves = movesOf(firm, draw(pool, Math.ceil(size / 100), date * 23 + 11), date)
    events.push(...leavers.map(leave), ...moves.map(move), ...rename(firm, date))
    present = remaining(present, leavers, moves)
  }
  return { events, present }
}

export const leave = ({ person }: Post): Event => ({ kind: 'leave', person })

/** Somebody before and after a move. */
interface Move {
  readonly before: Post
  readonly after: Post
}

/** The moves of some of those who are present; who finds no other team stays. */
export function movesOf(firm: Company, movers: readonly Post[], salt: number): Move[] {
  return movers.flatMap((before) => {
    const after = moved(firm, before, salt)
    return after === undefined ? [] : [{ before, after }]
  })
}

export const move = ({ before, after }: Move): Event => ({
  kind: 'move',
  person: before.person,
  before: before.now,
  after: after.now,
  from: before.team,
  to: after.team,
})

/** Who is present after some have left and some have moved. */
export function remaining(
  present: readonly Post[],
  leavers: readonly Post[],
  moves: readonly Move[],
): readonly Post[] {
  return present
    .filter((post) => !leavers.includes(post))
    .map((post) => moves.find(({ before }) => before === post)?.after ?? post)
}

function rename({ teams }: Company, date: number): Event[] {
  const team = (date * 7) % Math.max(teams.length, 1)
  const renamed = teams[team]
  return renamed ? [{ kind: 'rename', team, name: `${renamed.name} (${date})` }] : []
}
