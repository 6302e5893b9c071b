import type { AttributeDefinition, ResourceType, SchemaDefinition } from '../../../schemas/definition.ts'
import { findAttribute, topAttributes } from '../attribute.ts'
import { invalidPath, quote } from '../error.ts'
import type { AttrPath } from './path.ts'

/**
 * Reads `attribute`, `attribute.sub`, or either behind the URN of the base schema or of an extension, in any letter
 * case (RFC 7644 §3.10).
 *
 * A dot between URN and attribute is accepted as well, as Entra's inbound provisioning writes it.
 *
 * @throws ScimError `invalidPath`
 * @example parseAttrPath('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value', userType)
 */
export function parseAttrPath(text: string, type: ResourceType): AttrPath {
  const path = resolvePath(text, type)
  if (path) return path
  throw invalidPath(`${quote(text)} is no attribute of a ${type.name}`)
}

/**
 * The same, but undefined where the names are well formed and known to nobody.
 *
 * @throws ScimError `invalidPath` if the text is malformed
 */
export function resolvePath(text: string, type: ResourceType): AttrPath | undefined {
  const { schema, rest } = splitUrn(text, type)
  if (UNKNOWN_URN.test(rest)) return undefined
  const match = NAMES.exec(rest)
  if (!match) throw invalidPath(`${quote(text)} is not an attribute path`)
  const attribute = findAttribute(attributesOf(schema, type), match[1] ?? '')
  if (!attribute) return undefined
  const path: AttrPath = { kind: 'path', schema: schema.id, extension: schema !== type.schema, attribute }
  if (match[2] === undefined) return path
  const sub = findAttribute(attribute.subAttributes ?? [], match[2])
  return sub && { ...path, sub }
}

/** The attribute that a text names by the URN of its schema and its name; undefined for whatever else. */
export function resolveQualified(text: string, type: ResourceType): AttrPath | undefined {
  const { schema, rest } = splitUrn(text, type)
  if (rest === text) return undefined
  const attribute = findAttribute(attributesOf(schema, type), rest)
  return attribute && { kind: 'path', schema: schema.id, extension: schema !== type.schema, attribute }
}

/** The extension or the base schema whose URN the text is, without an attribute behind it. */
export function resolveSchema(text: string, type: ResourceType): SchemaDefinition | undefined {
  const wanted = text.toLowerCase()
  return [type.schema, ...type.extensions].find((schema) => schema.id.toLowerCase() === wanted)
}

const NAMES = /^([A-Za-z$][-\w$]*)(?:\.([A-Za-z$][-\w$]*))?$/
const UNKNOWN_URN = /^urn:[-\w.:$]+$/i

function attributesOf(schema: SchemaDefinition, type: ResourceType): readonly AttributeDefinition[] {
  return schema === type.schema ? topAttributes(type) : schema.attributes
}

/** A URN holds dots and colons of its own, so it is recognised as a whole; the longest one wins. */
function splitUrn(text: string, type: ResourceType): { schema: SchemaDefinition; rest: string } {
  const lower = text.toLowerCase()
  let found: SchemaDefinition | undefined
  for (const schema of [type.schema, ...type.extensions]) {
    const next = lower[schema.id.length]
    if ((next !== ':' && next !== '.') || !lower.startsWith(schema.id.toLowerCase())) continue
    if (!found || schema.id.length > found.id.length) found = schema
  }
  return found
    ? { schema: found, rest: text.slice(found.id.length + 1) }
    : { schema: type.schema, rest: text }
}
