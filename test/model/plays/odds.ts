import fc, { type Arbitrary } from 'fast-check'

/** One of these. */
export const one = <T>(...values: readonly T[]): Arbitrary<T> => fc.constantFrom(...values)

/** The usual, but once in `weight` times something odd. */
export const mostly = <T>(usual: Arbitrary<T>, odd: Arbitrary<T>, weight = 12): Arbitrary<T> =>
  fc.oneof({ arbitrary: usual, weight }, { arbitrary: odd, weight: 1 })

/** Nothing, once in `freq + 1` times. */
export const maybe = <T>(arbitrary: Arbitrary<T>, freq = 2): Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: freq + 1 })

/** An object without the names that have no value. */
export function record<T>(parts: { [Name in keyof T]: Arbitrary<T[Name] | undefined> }): Arbitrary<T> {
  return fc.record(parts as { [Name in keyof T]: Arbitrary<T[Name]> }).map((made) => {
    const entries = Object.entries(made).filter(([, value]) => value !== undefined)
    return Object.fromEntries(entries) as T
  })
}
