import { InvalidArgumentError } from 'commander'

/** Reads a whole number of an option or argument. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.')
  return Number(text)
}

/** Reads a place in a list, which counts from 1. */
export function position(text: string): number {
  const number = wholeNumber(text)
  if (number === 0) throw new InvalidArgumentError('Positions count from 1.')
  return number
}
