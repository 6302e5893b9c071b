import type { ResourceType } from '../../schemas/definition.ts'
import type { Resource } from '../scim/resource/resource.ts'
import { schemasOf } from '../scim/resource/values.ts'

/** The stored text of a resource: what is sent, but for what columns and rows know better (`meta`, `groups`, `members`). */
export function toDocument(id: string, resource: Resource, type: ResourceType): string {
  return JSON.stringify({ schemas: schemasOf(resource, type.schema.id), id, ...resource })
}

/** A text that every resource of the type has, because its schema requires it. */
export function requiredText(resource: Resource, name: string): string {
  const value = resource[name]
  if (typeof value !== 'string') throw new Error(`a resource came without \`${name}\``)
  return value
}

/** The text of an attribute; null without one. */
export function optionalText(resource: Resource, name: string): string | null {
  const value = resource[name]
  return typeof value === 'string' ? value : null
}

/** The resource in a stored text. */
export function fromDocument(document: string): Resource {
  const { schemas: _schemas, id: _id, ...resource } = JSON.parse(document) as Record<string, never>
  return resource
}
