import type { Fault, Problem } from '../provision/problem.ts'
import { printable } from './print.ts'

/** A fault that an option brought about. */
export interface OptionFault extends Fault {
  /** `--display-name` */
  readonly option?: string | undefined
}

/** A problem line by line: what went wrong, and each wrong place that this has not said already. */
export function toldOf({ detail, errors = [] }: Problem): string[] {
  const [first] = errors
  const places = errors.length === 1 && detail.includes(first?.message ?? '') ? [] : errors
  return [detail, ...places.map(placeOf)].map((line) => printable(asOptions(line)))
}

function placeOf({ path, message, option }: OptionFault): string {
  const place = path || '(document)'
  return `  ${option === undefined ? place : `${place} (${option})`}: ${message}`
}

/** Parameters of a request as the options that they are here: `uses=remove` is `--uses remove`. */
export const asOptions = (text: string): string =>
  text
    .replaceAll(/`(uses|confirm)=([^`]*)`/g, '`--$1 $2`')
    .replaceAll(/`replaceWith=([^`]*)`/g, '`--replace-with $1`')
    .replaceAll('`replaceWith`', '`--replace-with`')
    .replaceAll('`uses`', '`--uses`')
