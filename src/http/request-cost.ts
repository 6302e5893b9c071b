/** What requests cost this process, as far as it was seen lately. */
export interface RequestCost {
  /** How many requests are worth so many milliseconds of work; Infinity while nothing is known. */
  worth(milliseconds: number): number
  /** Several are in hand from here on: what they cost is measured. */
  several(): void
  /** A turn of the event loop has ended, and with it so many requests. */
  endTurn(requests: number, goesOn: boolean): void
}

/** How much of what is known comes from the turns before the last. */
const MEMORY = 0.95

/**
 * Makes the measure of a server. It goes by what the process computes and not by the clock: to wait for a disk or a
 * database takes nothing from anybody, and neither does a program beside it.
 *
 * @param computed what this process has computed so far, in milliseconds
 */
export function createRequestCost(computed = computedHere): RequestCost {
  let milliseconds = 0
  let requests = 0
  let since: number | undefined

  return {
    worth: (wanted) => (milliseconds === 0 ? Infinity : (wanted * requests) / milliseconds),
    several() {
      since ??= computed()
    },
    endTurn(ended, goesOn) {
      if (since === undefined) return
      const until = computed()
      milliseconds = milliseconds * MEMORY + until - since
      requests = requests * MEMORY + ended
      since = goesOn ? until : undefined
    },
  }
}

function computedHere(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
