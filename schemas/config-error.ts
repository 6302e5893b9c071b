import type { z } from 'zod'

/** A place in a configuration document and what should stand there. */
export interface ConfigError {
  /** `connections[0].environments[1].connection`; empty for the document as a whole. */
  readonly path: string
  readonly message: string
}

/** The place of a key path, as a person would write it. */
export function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((place, key) => {
    if (typeof key === 'number') return `${place}[${key}]`
    if (!/^[A-Za-z_][\w-]*$/.test(String(key))) return `${place}["${String(key)}"]`
    return place ? `${place}.${String(key)}` : String(key)
  }, '')
}

/** One entry per wrong place: every unknown key has a place of its own. */
export function toErrors(issue: z.core.$ZodIssue): ConfigError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: placeOf([...issue.path, key]),
      message: `\`${key}\` is not a known setting`,
    }))
  }
  if (issue.code === 'invalid_key') {
    return [{ path: placeOf(issue.path), message: issue.issues[0]?.message ?? issue.message }]
  }
  return [{ path: placeOf(issue.path), message: issue.message }]
}

/** What zod found, said as what should stand there. A schema's own message goes first. */
export function wording(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type') {
    const wanted = `should be ${kinds[issue.expected] ?? issue.expected}`
    return issue.input === undefined ? `is missing: ${wanted}` : wanted
  }
  if (issue.code === 'invalid_value') {
    return `should be one of ${issue.values.map((value) => `\`${String(value)}\``).join(', ')}`
  }
  return issue.message ?? 'is not what should stand here'
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'an object with settings',
  record: 'an object with settings',
}
