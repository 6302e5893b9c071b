import type { AttributeDefinition } from '../../../schemas/definition.ts'

/**
 * One attribute, or one sub-attribute, of a resource type: the node behind PATCH paths, filters, sorting and
 * projection (RFC 7644 §3.10).
 */
export interface AttrPath {
  readonly kind: 'path'
  /** The URN of the schema that defines the attribute; of the base schema for `id`, `externalId`, `schemas`, `meta`. */
  readonly schema: string
  /** Whether the attribute lies in an extension, and so in the object under `schema`. */
  readonly extension: boolean
  readonly attribute: AttributeDefinition
  readonly sub?: AttributeDefinition
}

/** The canonical text of a path: `name.givenName`, `emails.value`, `urn:…:enterprise:2.0:User:manager.value`. */
export function pathName(path: AttrPath): string {
  const name = path.sub ? `${path.attribute.name}.${path.sub.name}` : path.attribute.name
  return path.extension ? `${path.schema}:${name}` : name
}

/** The definition of what the path ends at. */
export function definitionAt(path: AttrPath): AttributeDefinition {
  return path.sub ?? path.attribute
}

/**
 * What is compared where there is no value at the path: one of several values that does not say whether it is the
 * primary one is not (RFC 7643 §2.4).
 */
export function assumedAt({ attribute, sub }: AttrPath): false | undefined {
  return attribute.multiValued && sub?.name === 'primary' && sub.type === 'boolean' ? false : undefined
}

/** The path to a sub-attribute of the path's attribute. */
export function subPath(path: AttrPath, sub: AttributeDefinition): AttrPath {
  const { kind, schema, extension, attribute } = path
  return { kind, schema, extension, attribute, sub }
}
