import type { AttributeDefinition, ResourceType } from '../../../schemas/definition.ts'
import { topAttributes } from '../attribute.ts'
import { invalidValue, ScimError } from '../error.ts'
import { resolvePath, resolveSchema } from '../path/parse.ts'
import type { AttrPath } from '../path/path.ts'
import { isComplex, type Complex, type Resource, type Value } from './resource.ts'

/** Which attributes a response has (RFC 7644 §3.9). */
export interface Projection {
  /** `only` these attributes, or all `without` them. */
  readonly kind: 'only' | 'without'
  /** The URN of the base schema or an extension → attribute → its sub-attributes, none for the attribute as a whole. */
  readonly named: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>
  /** The URN of the base schema. */
  readonly base: string
}

/**
 * Reads the parameters `attributes` and `excludedAttributes`, names separated by commas. Names that nobody knows are
 * ignored; a parameter without a name counts as absent; what stands in brackets is passed over.
 *
 * Without both it is undefined: the representation goes out as it is stored. Only a type with attributes that are
 * returned on request alone, or never, has a projection for that case too.
 *
 * @param sent the paths that a client has just written: what is returned on request is returned to them too
 * (RFC 7643 §7)
 * @throws ScimError `invalidValue` if both are given: they exclude each other
 */
export function parseProjection(
  parameters: { readonly attributes?: string | undefined; readonly excludedAttributes?: string | undefined },
  type: ResourceType,
  sent: readonly string[] = [],
): Projection | undefined {
  const only = namesOf(parameters.attributes)
  const without = namesOf(parameters.excludedAttributes)
  if (only.length > 0 && without.length > 0) {
    throw invalidValue('`attributes` and `excludedAttributes` cannot be used together')
  }
  const base = type.schema.id
  if (only.length > 0) return { kind: 'only', named: named(only, type), base }
  const kept = keptBack(type)
  if (without.length === 0 && kept.length === 0) return undefined
  const notSent = kept.filter((path) => !sent.includes(path))
  return { kind: 'without', named: named([...without, ...notSent], type), base }
}

/** Whether `members` or `groups` will not be in the response, so that nobody need look for them. */
export function excludes(projection: Projection | undefined, name: 'members' | 'groups'): boolean {
  if (!projection) return false
  const subs = projection.named.get(projection.base)?.get(name)
  return projection.kind === 'only' ? subs === undefined : subs?.size === 0
}

/**
 * The part of a full representation that a client asked for. What is returned always (`id`, `schemas`) is in it.
 *
 * @example project(user, parseProjection({ attributes: 'userName,name.givenName' }, userType), userType)
 */
export function project(representation: object, projection: Projection, type: ResourceType): Resource {
  const values = representation as Resource
  const projected = projectAll(values, topAttributes(type), projection.named.get(type.schema.id), projection)
  for (const { id, attributes } of type.extensions) {
    const container = values[id]
    if (!isComplex(container)) continue
    const part = projectAll(container, attributes, projection.named.get(id), projection)
    if (Object.keys(part).length > 0) projected[id] = part
  }
  return projected
}

type Named = ReadonlyMap<string, ReadonlySet<string>>

function projectAll(
  values: Complex,
  attributes: readonly AttributeDefinition[],
  wanted: Named | undefined,
  { kind }: Projection,
): Record<string, Value> {
  const projected: Record<string, Value> = {}
  for (const attribute of inOrder(values, attributes)) {
    const value = values[attribute.name]
    const subs = wanted?.get(attribute.name)
    // A value may be older than the rule that it is never returned.
    if (value === undefined || attribute.returned === 'never') continue
    const part =
      attribute.returned === 'always' || (kind === 'only' ? subs?.size === 0 : !subs)
        ? value
        : subs && subs.size > 0
          ? projectSubs(value, (sub) => subs.has(sub) === (kind === 'only'))
          : undefined
    if (part !== undefined) projected[attribute.name] = part
  }
  return projected
}

/** The attributes in the order of the representation. */
function inOrder(
  values: Complex,
  attributes: readonly AttributeDefinition[],
): readonly AttributeDefinition[] {
  const byName = new Map(attributes.map((attribute) => [attribute.name, attribute]))
  return Object.keys(values).flatMap((name) => byName.get(name) ?? [])
}

function projectSubs(value: Value, keeps: (sub: string) => boolean): Value | undefined {
  if (Array.isArray(value)) {
    const parts = (value as readonly Value[]).flatMap((each) => projectSubs(each, keeps) ?? [])
    return parts.length > 0 ? parts : undefined
  }
  if (!isComplex(value)) return value
  const parts = Object.entries(value).filter(([name]) => keeps(name))
  return parts.length > 0 ? Object.fromEntries(parts) : undefined
}

function namesOf(parameter: string | undefined): readonly string[] {
  if (parameter === undefined) return []
  return parameter
    .replaceAll(/\[[^[\]]*\]/g, '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .slice(0, MOST_NAMES)
}

const MOST_NAMES = 500

function named(names: readonly string[], type: ResourceType): Projection['named'] {
  const found = new Map<string, Map<string, Set<string>>>()
  for (const path of names.flatMap((name) => pathsOf(name, type))) {
    const attributes = found.get(path.schema) ?? new Map<string, Set<string>>()
    found.set(path.schema, attributes)
    const subs = attributes.get(path.attribute.name)
    // The attribute as a whole, once named, is not narrowed by its sub-attributes.
    if (!path.sub || subs?.size === 0) attributes.set(path.attribute.name, new Set())
    else attributes.set(path.attribute.name, new Set([...(subs ?? []), path.sub.name]))
  }
  return found
}

/** A name alone, or the URN of a schema for everything in it. */
function pathsOf(
  name: string,
  type: ResourceType,
): readonly Pick<AttrPath, 'schema' | 'attribute' | 'sub'>[] {
  const schema = resolveSchema(name, type)
  if (schema) return schema.attributes.map((attribute) => ({ schema: schema.id, attribute }))
  try {
    const path = resolvePath(name, type)
    return path ? [path] : []
  } catch (error) {
    if (error instanceof ScimError) return []
    throw error
  }
}

/** What the stored text of a resource may have, and an answer has not unless somebody asks for it. */
function keptBack(type: ResourceType): readonly string[] {
  const known = keptBackBy.get(type)
  if (known) return known
  const paths = [type.schema, ...type.extensions].flatMap(({ id, attributes }) =>
    attributes.filter((attribute) => isKeptBack(attribute, id, type)).map(({ name }) => `${id}:${name}`),
  )
  keptBackBy.set(type, paths)
  return paths
}

const keptBackBy = new WeakMap<ResourceType, readonly string[]>()

/** The base schema is ours and does not change, so what it says is never returned was never stored. */
function isKeptBack({ returned }: AttributeDefinition, urn: string, type: ResourceType): boolean {
  return returned === 'request' || (returned === 'never' && urn !== type.schema.id)
}
