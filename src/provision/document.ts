import type { ResourceType } from '../../schemas/definition.ts'
import { invalidValue } from '../scim/error.ts'
import type { Resource } from '../scim/resource/resource.ts'
import { schemasOf } from '../scim/resource/values.ts'

/** The stored text of a resource: what is sent, but for what columns and rows know better (`meta`, `groups`, `members`). */
export function toDocument(id: string, resource: Resource, type: ResourceType): string {
  return JSON.stringify({ schemas: schemasOf(resource, type.schema.id), id, ...resource })
}

/** The longest value of an attribute that resources are found by, in characters: an index entry holds no more. */
export const LONGEST_KEY = 600

/** A text that every resource of the type has, because its schema requires it. @throws ScimError when it is too long */
export function requiredText(resource: Resource, name: string): string {
  const value = optionalText(resource, name)
  if (value === null) throw new Error(`a resource came without \`${name}\``)
  return value
}

/** The text of an attribute; null without one. @throws ScimError when it is too long */
export function optionalText(resource: Resource, name: string): string | null {
  const value = resource[name]
  if (typeof value !== 'string') return null
  if (value.length > LONGEST_KEY) {
    throw invalidValue(`\`${name}\` has ${value.length} characters, and at most ${LONGEST_KEY} can be kept`)
  }
  return value
}

/** The resource in a stored text. */
export function fromDocument(document: string): Resource {
  const { schemas: _schemas, id: _id, ...resource } = JSON.parse(document) as Record<string, never>
  return resource
}
