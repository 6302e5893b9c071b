import type { Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import type { ResourceType } from '../../schemas/definition.ts'
import { createRegistry, schema } from '../../schemas/registry.ts'
import { fold } from '../../src/scim/fold.ts'
import type { Resource, Value } from '../../src/scim/resource/resource.ts'
import { indexedValues, searchDocument } from '../../src/scim/resource/search.ts'
import { insertDirectory } from '../../src/store/directories.ts'
import { insertGroup, type GroupContent } from '../../src/store/groups.ts'
import { applyMembers } from '../../src/store/members.ts'
import { insertUser, type UserContent } from '../../src/store/users.ts'

/** The moment at which everything in store tests happens. */
export const NOW = '2026-01-02T03:04:05.678Z'

const registry = createRegistry([
  schema({
    id: 'urn:example:2.0:User',
    name: 'Example',
    description: 'An extension with every type.',
    attributes: [
      { name: 'dbRole' },
      { name: 'exact', caseExact: true },
      { name: 'level', type: 'integer' },
      { name: 'ratio', type: 'decimal' },
      { name: 'remote', type: 'boolean' },
      { name: 'since', type: 'dateTime' },
      { name: 'tags', multiValued: true },
      { name: 'scores', type: 'integer', multiValued: true },
      { name: 'desk', indexed: true },
      { name: 'room', type: 'decimal', indexed: true },
      { name: 'codes', type: 'decimal', multiValued: true, indexed: true },
      { name: 'badge', indexed: true, uniqueness: 'server' },
      { name: 'plates', multiValued: true, indexed: true, uniqueness: 'server' },
    ],
  }),
])
export const userType: ResourceType = registry.resourceType('User')
export const groupType: ResourceType = registry.resourceType('Group')

/** Adds a directory that is named as its id. */
export async function addDirectory(db: Kysely<Database>, id: string): Promise<void> {
  await insertDirectory(db, {
    id,
    name: id,
    nameKey: fold(id),
    provider: 'generic',
    settings: '{}',
    createdAt: NOW,
  })
}

/** Adds a user that has what the resource says, and returns its `seq`. */
export async function addUser(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
  resource: Resource = {},
): Promise<number> {
  const full = { userName: id, ...resource }
  return insertUser(db, {
    id,
    directoryId,
    version: 1,
    createdAt: NOW,
    salt: `salt of ${id}`,
    ...userContent(id, full),
    values: indexedValues(full, userType),
  })
}

/** What the columns of a user hold for a resource. */
export function userContent(id: string, resource: Resource): UserContent {
  const userName = textOf(resource['userName']) ?? id
  return {
    userName,
    userNameKey: fold(userName),
    externalId: textOf(resource['externalId']),
    displayName: textOf(resource['displayName']),
    active: resource['active'] !== false,
    modifiedAt: NOW,
    document: JSON.stringify({ schemas: [userType.schema.id], id, ...resource }),
    search: JSON.stringify(searchDocument(resource, userType)),
  }
}

/** Adds a group that has what the resource says, with members, and returns its `seq`. */
export async function addGroup(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
  memberIds: readonly string[] = [],
  resource: Resource = {},
): Promise<number> {
  const seq = await insertGroup(db, {
    id,
    directoryId,
    version: 1,
    createdAt: NOW,
    ...groupContent(id, { displayName: id, ...resource }),
  })
  if (memberIds.length > 0) {
    const members = memberIds.map((value) => ({ value }))
    await applyMembers(db, directoryId, id, [{ kind: 'add', members }], NOW)
  }
  return seq
}

/** What the columns of a group hold for a resource. */
export function groupContent(id: string, resource: Resource): GroupContent {
  const displayName = textOf(resource['displayName']) ?? id
  return {
    displayName,
    displayNameKey: fold(displayName),
    externalId: textOf(resource['externalId']),
    modifiedAt: NOW,
    document: JSON.stringify({ schemas: [groupType.schema.id], id, ...resource }),
    search: JSON.stringify(searchDocument(resource, groupType)),
  }
}

function textOf(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null
}
