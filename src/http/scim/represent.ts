import type { ResourceType } from '../../../schemas/definition.ts'
import { etag } from '../../provision/resource-cause.ts'
import type { Stored, StoredGroup, StoredUser } from '../../provision/read.ts'
import { project, type Projection } from '../../scim/resource/project.ts'
import type { Resource } from '../../scim/resource/resource.ts'

/** Where a resource stands. */
export const locationOf = (base: string, name: 'User' | 'Group', id: string): string =>
  `${base}/${name}s/${id}`

/** The representation of a resource as JSON text. */
export const textOf = (stored: Stored, base: string): string =>
  'userName' in stored ? userText(stored, base) : groupText(stored, base)

/**
 * The representation of a user as JSON text: the stored text with what columns and rows know better.
 *
 * Nothing is parsed on the way. What is added needs no escaping: ids, times, and JSON text from the store.
 */
function userText(user: StoredUser, base: string): string {
  const groups = user.groups === undefined ? '' : `,"groups":${user.groups}`
  return `${user.document.slice(0, -1)}${groups},"meta":${metaText('User', user, base)}}`
}

/** The representation of a group as JSON text, with its members where they were read. */
function groupText(group: StoredGroup, base: string): string {
  const members = group.members === undefined || group.members === '[]' ? '' : `,"members":${group.members}`
  return `${group.document.slice(0, -1)}${members},"meta":${metaText('Group', group, base)}}`
}

function metaText(name: 'User' | 'Group', stored: Stored, base: string): string {
  return (
    `{"resourceType":"${name}","created":"${stored.createdAt}","lastModified":"${stored.modifiedAt}",` +
    `"location":${JSON.stringify(locationOf(base, name, stored.id))},"version":${JSON.stringify(etag(stored.version))}}`
  )
}

/** What a client asked for of a representation. */
export function projected(text: string, projection: Projection | undefined, type: ResourceType): string {
  return projection === undefined
    ? text
    : JSON.stringify(project(JSON.parse(text) as Resource, projection, type))
}
