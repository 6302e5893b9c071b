import { BASE, isUrn } from './attributes.ts'
import type { Doc, Json, TypeName } from './attributes.ts'

/** A user or a group as the model keeps it. */
export interface Resource {
  readonly id: string
  readonly type: TypeName
  /** Counts the changes. */
  rev: number
  doc: Doc
  /** Ids of the members of a group. */
  members: string[]
  /** Names of members that nobody has yet. */
  awaited: string[]
  /** What the server says of it. */
  meta: Record<string, string>
}

/** One directory. */
export interface World {
  readonly strict: boolean
  /** In the order of creation. */
  resources: Resource[]
  /** Which group is meant by a name that rules use. */
  bound: Record<string, string>
}

export const createWorld = (strict: boolean): World => ({ strict, resources: [], bound: {} })

/** A resource as it is shown to clients, but for `meta` and what is made of addresses. */
export function show(world: World, { id, type, doc, members, meta }: Resource): Doc {
  const label = (each: Resource): Json => each.doc['displayName'] ?? each.doc['userName'] ?? ''
  const listed = members.toSorted().flatMap((member) => {
    const found = world.resources.find((each) => each.id === member)
    return found ? [{ value: member, type: found.type, display: label(found) }] : []
  })
  const groups = world.resources
    .filter((group) => group.members.includes(id))
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
    .map((group): Doc => ({ value: group.id, display: label(group), type: 'direct' }))
  return {
    schemas: [BASE[type], ...Object.keys(doc).filter(isUrn)],
    id,
    ...doc,
    ...(type === 'User' && groups.length > 0 && { groups }),
    ...(listed.length > 0 && { members: listed }),
    meta,
  }
}
