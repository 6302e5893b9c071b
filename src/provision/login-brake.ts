import { LRUCache } from 'lru-cache'
import { count, newMeter, type Meter } from './meter.ts'

/** Slows down who guesses. */
export interface LoginBrake {
  /**
   * Notes a failed login and tells for how many seconds whoever made it has to wait; 0: not at all.
   *
   * @param marks by what it is known: where it came from, whose login it tried
   */
  failed(marks: readonly string[]): number
}

/** A person who mistypes, or a client with an old secret, stays far below this. */
const FAILURES = { perSecond: 1, burst: 100 } as const

/** How many sources and names are watched at a time; the one that failed longest ago is forgotten first. */
const WATCHED = 10_000

/**
 * Makes a brake on failed logins.
 *
 * It is asked after a login has failed, never before: who shows the right secret comes in however many others are
 * guessing, from the same address or for the same name. So nobody can be locked out.
 */
export function createLoginBrake(now: () => number = () => performance.now()): LoginBrake {
  const meters = new LRUCache<string, Meter>({ max: WATCHED })
  return {
    failed(marks) {
      const at = now()
      const waits = marks.map((mark) => {
        let meter = meters.get(mark)
        if (meter === undefined) meters.set(mark, (meter = newMeter()))
        return count(meter, FAILURES, at)
      })
      return Math.ceil(Math.max(0, ...waits) / 1000)
    },
  }
}
