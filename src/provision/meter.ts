/** How often something may happen: so many times a second in the long run, so many at once. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** What is known of one who is measured: the moment at which all that happened will have been paid for. */
export interface Meter {
  paidAt: number
}

export const newMeter = (): Meter => ({ paidAt: 0 })

/**
 * Counts one more, and tells for how many milliseconds it has to wait (the generic cell rate algorithm: a token bucket
 * that is one number). What would have to wait for longer than `patience` is not counted.
 */
export function count(meter: Meter, rate: Rate, now: number, patience = 0): number {
  const interval = 1000 / rate.perSecond
  const from = meter.paidAt > now ? meter.paidAt : now
  const wait = from - now - (rate.burst - 1) * interval
  if (wait > patience) return wait
  meter.paidAt = from + interval
  return wait > 0 ? wait : 0
}

/** Counts so many more without a wait of their own: whoever comes next waits until they are paid for. */
export function owe(meter: Meter, rate: Rate, now: number, more: number): void {
  meter.paidAt = Math.max(meter.paidAt, now) + (more * 1000) / rate.perSecond
}
