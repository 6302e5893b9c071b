import type { AttributeDefinition, ResourceType } from '../../../schemas/definition.ts'
import { topAttributes } from '../attribute.ts'
import { mutability } from '../error.ts'
import { openLedger } from '../quirks/ledger.ts'
import { isComplex, type Complex, type Resource, type Value } from './resource.ts'
import { sameValue } from './same.ts'
import { settle } from './settle.ts'
import { unknownOf, withUnknown } from './unknown.ts'

/** A new resource as it is stored: what was sent, and the defaults of the schema where nothing was (RFC 7644 §3.3). */
export function createResource(sent: Resource, type: ResourceType): Resource {
  return settle(
    fillIn(sent, type, ({ default: value }) => value),
    type,
    AS_READ,
  )
}

/** What there was to make allowance for was settled when the body was read. */
const AS_READ = openLedger({ strict: true })

/**
 * What a PUT makes of a stored resource (RFC 7644 §3.5.1): what was sent replaces everything.
 *
 * Kept where nothing was sent: what has a default (a PUT without `active` must not bring back who was deactivated),
 * what is write-only, what is immutable, and what no schema knows any more.
 *
 * @throws ScimError `mutability` if an immutable value would change
 */
export function replaceResource(
  stored: Resource,
  sent: Resource,
  type: ResourceType,
): { resource: Resource; changed: boolean } {
  const kept = fillIn(
    sent,
    type,
    (attribute, before) => {
      const keeps = attribute.mutability === 'writeOnly' || attribute.mutability === 'immutable'
      return keeps ? before : keptDefault(attribute, before)
    },
    stored,
  )
  const resource = settle(withUnknown(kept, unknownOf(stored, type)), type, AS_READ)
  checkImmutable(stored, resource, type)
  return sameValue(stored, resource) ? { resource: stored, changed: false } : { resource, changed: true }
}

/** The resource with the values that an attribute with a default had before, where it has none now. */
export function keepDefaults(resource: Resource, stored: Resource, type: ResourceType): Resource {
  return fillIn(resource, type, keptDefault, stored)
}

/**
 * Refuses a change of an immutable value that was set before (RFC 7643 §2.2).
 *
 * @throws ScimError `mutability`
 */
export function checkImmutable(stored: Resource, resource: Resource, type: ResourceType): void {
  for (const { prefix, attributes, of } of places(type)) {
    for (const { name } of attributes.filter((attribute) => attribute.mutability === 'immutable')) {
      const before = of(stored)[name]
      if (before !== undefined && !sameValue(before, of(resource)[name])) {
        throw mutability(`\`${prefix}${name}\` cannot be changed once it is set`)
      }
    }
  }
}

type Filling = (attribute: AttributeDefinition, before: Value | undefined) => Value | undefined

function keptDefault(attribute: AttributeDefinition, before: Value | undefined): Value | undefined {
  return attribute.default === undefined ? undefined : (before ?? attribute.default)
}

function fillIn(resource: Resource, type: ResourceType, filling: Filling, stored: Resource = {}): Resource {
  const filled: Record<string, Value> = { ...resource }
  for (const { urn, attributes, of } of places(type)) {
    // An extension comes into being by its values, not by the defaults of its attributes.
    if (urn !== undefined && resource[urn] === undefined && stored[urn] === undefined) continue
    const added = attributes.flatMap((attribute) => {
      if (of(resource)[attribute.name] !== undefined) return []
      const value = filling(attribute, of(stored)[attribute.name])
      return value === undefined ? [] : [[attribute.name, value] as const]
    })
    if (added.length === 0) continue
    if (urn === undefined) Object.assign(filled, Object.fromEntries(added))
    else filled[urn] = { ...of(resource), ...Object.fromEntries(added) }
  }
  return filled
}

interface Place {
  readonly urn?: string
  readonly prefix: string
  readonly attributes: readonly AttributeDefinition[]
  readonly of: (resource: Resource) => Complex
}

/** Where attributes lie: in the resource itself, and in each of its extensions. */
function places(type: ResourceType): readonly Place[] {
  return [
    { prefix: '', attributes: topAttributes(type), of: (resource) => resource },
    ...type.extensions.map(({ id, attributes }) => ({
      urn: id,
      prefix: `${id}:`,
      attributes,
      of: (resource: Resource) => {
        const container = resource[id]
        return isComplex(container) ? container : {}
      },
    })),
  ]
}
