import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '../scim/resource/resource.ts'

/** The attributes that a change touched, as they were and as they are. */
export function difference(before: Resource, after: Resource): { before: Resource; after: Resource } {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  )
  return { before: pick(before, names), after: pick(after, names) }
}

function pick(resource: Resource, names: readonly string[]): Resource {
  return Object.fromEntries(
    names.flatMap((name) => (resource[name] === undefined ? [] : [[name, resource[name]]])),
  )
}
