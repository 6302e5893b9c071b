import { comparable, same, withoutMeta } from './compare.ts'
import { decide } from './model/access.ts'
import type { Doc } from './model/attributes.ts'
import { show } from './model/world.ts'
import type { Resource } from './model/world.ts'
import type { ListAnswer, Scene, State } from './scene.ts'

/** Compares everything that the directory holds, and what its users may do, one who is gone included. */
export async function compareEverything(scene: Scene): Promise<void> {
  const { directory, world, counts, gone } = scene
  const { json } = await directory.call('GET', '/?count=1000')
  const everything = (json as ListAnswer).Resources.map(comparable)
  counts.answers += 1
  for (const type of ['User', 'Group'] as const) {
    const expected = world.resources.filter((each) => each.type === type)
    const found = everything.filter(({ meta }) => (meta as Doc)['resourceType'] === type)
    const shown = expected.map((each) => withoutMeta(comparable(show(world, each))))
    same(found.map(withoutMeta), shown, `all ${type}s`)
    for (const [at, each] of expected.entries())
      compareMeta(scene, each, found[at]?.['meta'] as Resource['meta'])
  }
  const users = world.resources.filter(({ type }) => type === 'User')
  const ids = [...users.map(({ id }) => id), gone.at(-1) ?? 'nobody']
  const decisions = await directory.resolve(ids)
  const expected = [...users, undefined].map((user) => decide(world, user))
  for (const [at, id] of ids.entries()) same(decisions[at], expected[at], `what ${id} may do`)
  counts.decisions += ids.length
}

/**
 * Times and versions move with changes and with nothing else (RFC 7643 §3.1): one tag is one state, and one state one
 * tag.
 */
function compareMeta({ directory, world, tags }: Scene, resource: Resource, meta: Resource['meta']): void {
  const { id, type, rev, meta: last } = resource
  const { version = '', created = '', lastModified = '' } = meta
  const location = `${directory.base}/${type}s/${id}`
  same(meta, { resourceType: type, location, version, created, lastModified }, `meta of ${id}`)

  const known = tags.get(id) ?? new Map<string, State>()
  const state: State = { rev, groups: show(world, resource)['groups'] ?? [] }
  const isState = ([, then]: readonly [string, State]): boolean =>
    JSON.stringify(then) === JSON.stringify(state)
  const before = [...known].filter(isState).map(([tag]) => tag)
  same(before, before.length === 0 ? [] : [version], `versions of one state of ${id}`)
  same(known.get(version) ?? state, state, `the state of ${id} at version ${version}`)

  const isChanged = rev !== (known.get(last['version'] ?? '')?.rev ?? 1)
  const { created: createdBefore = created, lastModified: modifiedBefore = created } = last
  const isLater = Date.parse(lastModified) >= Date.parse(modifiedBefore)
  same(created, createdBefore, `when ${id} was created`)
  same(isChanged && isLater ? modifiedBefore : lastModified, modifiedBefore, `when ${id} was changed`)

  tags.set(id, known.set(version, state))
  resource.meta = meta
}
