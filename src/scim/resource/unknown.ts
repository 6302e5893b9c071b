import type { ResourceType } from '../../../schemas/definition.ts'
import { findAttribute, topAttributes } from '../attribute.ts'
import { isComplex, type Complex, type Resource, type Value } from './resource.ts'

/**
 * What a stored resource has that no schema knows: extensions and attributes whose declaration was taken back.
 *
 * Clients cannot change it, so it stays through every change, and means again what it meant when it is declared again.
 */
export function unknownOf(resource: Resource, type: ResourceType): Resource {
  const unknown: Record<string, Value> = {}
  for (const [name, value] of Object.entries(resource)) {
    const extension = type.extensions.find(({ id }) => id === name)
    const attributes = extension?.attributes ?? topAttributes(type)
    const isKnown = (each: string) => findAttribute(attributes, each)?.name === each
    if (extension === undefined) {
      if (!isKnown(name)) unknown[name] = value
    } else if (isComplex(value)) {
      const rest = Object.entries(value).filter(([each]) => !isKnown(each))
      if (rest.length > 0) unknown[name] = Object.fromEntries(rest)
    }
  }
  return unknown
}

/** The resource with what {@link unknownOf} found. */
export function withUnknown(resource: Resource, unknown: Resource): Resource {
  const names = Object.keys(unknown)
  if (names.length === 0) return resource
  const merged = names.map((name) => [name, mergedValue(resource[name], unknown[name] ?? null)] as const)
  return { ...resource, ...Object.fromEntries(merged) }
}

function mergedValue(known: Value | undefined, unknown: Value): Value {
  return isComplex(known) ? { ...known, ...(unknown as Complex) } : unknown
}
