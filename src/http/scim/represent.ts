import { crc32 } from 'node:zlib'
import type { ResourceType, StoredType } from '../../../schemas/definition.ts'
import { etag } from '../../provision/resource-cause.ts'
import type { Found, Stored, StoredGroup, StoredUser } from '../../provision/read.ts'
import { locationOf } from '../../provision/scim-base.ts'
import { withManager } from '../../scim/resource/manager.ts'
import { excludes, project, type Projection } from '../../scim/resource/project.ts'
import type { Resource } from '../../scim/resource/resource.ts'

/**
 * The entity tag of a representation (RFC 7644 §3.14). The groups of a user come and go without a new version of the
 * user, and a manager is renamed without one, so they are in the tag where they are in the representation.
 */
export function tagOf(found: Found): string {
  const joined = 'userName' in found ? joinedTo(found) : ''
  return joined === '' ? etag(found.version) : `W/"${found.version}-${crc32(joined).toString(36)}"`
}

/** What a user's representation has of others. */
function joinedTo({ groups = NO_GROUPS, manager }: StoredUser): string {
  return (groups === NO_GROUPS ? '' : groups) + (manager === undefined ? '' : JSON.stringify(manager))
}

const NO_GROUPS = '[]'

/** Whether a list of entity tags names one, weak or not. */
export const namesTag = (tags: string, tag: string): boolean =>
  tags.split(',').some((one) => ['*', opaque(tag)].includes(opaque(one.trim())))

const opaque = (tag: string): string => tag.replace(/^W\//, '')

/** The representation of a resource as JSON text. */
export function textOf(found: Found, base: string): string {
  if ('resource' in found) return JSON.stringify(found.resource)
  return 'userName' in found ? userText(found, base) : groupText(found, base)
}

/**
 * The representation of a user as JSON text: the stored text with what columns and rows know better.
 *
 * Nothing is parsed on the way. What is added needs no escaping: ids, times, and JSON text.
 */
function userText(user: StoredUser, base: string): string {
  const groups = user.groups === undefined ? '' : `,"groups":${user.groups}`
  const document = user.manager === undefined ? user.document : withManager(user.document, user.manager, base)
  return `${document.slice(0, -1)}${groups},"meta":${metaText('User', user, base)}}`
}

/** The representation of a group as JSON text, with its members where they were read. */
function groupText(group: StoredGroup, base: string): string {
  const members = group.members === undefined || group.members === '[]' ? '' : `,"members":${group.members}`
  return `${group.document.slice(0, -1)}${members},"meta":${metaText('Group', group, base)}}`
}

function metaText(name: StoredType, stored: Stored, base: string): string {
  return (
    `{"resourceType":"${name}","created":"${stored.createdAt}","lastModified":"${stored.modifiedAt}",` +
    `"location":${JSON.stringify(locationOf(base, name, stored.id))},"version":${JSON.stringify(tagOf(stored))}}`
  )
}

/** What a client asked for of a representation. */
export function projected(text: string, projection: Projection | undefined, type: ResourceType): string {
  return projection === undefined
    ? text
    : JSON.stringify(project(JSON.parse(text) as Resource, projection, type))
}

/** Whether the groups of users and the members of groups are in what a client asked for. Roles refer to nobody. */
export const showsReferences = (name: ResourceType['name'], projection: Projection | undefined): boolean =>
  name !== 'Role' && !excludes(projection, name === 'User' ? 'groups' : 'members')
