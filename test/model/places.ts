import { isDoc } from './model/attributes.ts'
import type { Json, TypeName } from './model/attributes.ts'
import type { Scene } from './scene.ts'

/**
 * Puts ids and times into a step, in place of texts that say whose: `@User:3` is the third user (of those who are there,
 * from the beginning again), `@gone:1` somebody who was deleted, `@lastModified/Group:0` when a group was changed last.
 *
 * @param coming what the same bulk request creates, by its place there; it counts as there
 */
export function fill<T>(step: T, scene: Scene, coming: readonly (TypeName | undefined)[] = []): T {
  return changeTexts(step as Json, (text) => place(text, scene, coming)) as T
}

function place(text: string, { world, gone }: Scene, coming: readonly (TypeName | undefined)[]): string {
  const [, what = '', number = ''] = /^@([\w/]+):(\d+)$/.exec(text) ?? []
  const pick = <T>(from: readonly T[]): T | undefined => from[Number(number) % (from.length || 1)]
  const [name = '', type = name] = what.split('/')
  if (name === '') return text
  if (name === 'gone') return pick(gone) ?? NOBODY
  const there = world.resources.filter((each) => each.type === type)
  if (name !== type) return pick(there)?.meta[name] ?? '2026-01-01T00:00:00Z'
  const bulkIds = coming.flatMap((each, at) => (each === type ? [`bulkId:b${at}`] : []))
  return pick([...there.map(({ id }) => id), ...bulkIds]) ?? NOBODY
}

/** An id that no resource has. */
const NOBODY = 'nobody'

/** The value with every text in it changed. */
export function changeTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((each) => changeTexts(each, change))
  if (!isDoc(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, changeTexts(each, change)]))
}

/** The entity tag that a request names: the present one, or one from before. */
export function tagOf({ world, tags }: Scene, id: string, tag: string | undefined): string | undefined {
  if (tag === undefined || tag === '*') return tag
  const present = world.resources.find((each) => each.id === id)?.meta['version']
  if (tag === '@present') return present ?? 'W/"1"'
  return [...(tags.get(id)?.keys() ?? [])].find((each) => each !== present) ?? 'W/"0"'
}
