import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../schemas/config.ts'

type Sections = Partial<Record<keyof Config, unknown>>

/**
 * What a new configuration has made different, section by section: the entries that were there and are not any longer,
 * and those that are there now and were not; both in full where only their order is another one. Directories are
 * changed one by one and tell of it themselves.
 */
export function configDifference(before: Config, after: Config): { before: Sections; after: Sections } {
  const names = (Object.keys(after) as (keyof Config)[]).filter(
    (name) => name !== 'directories' && !isDeepStrictEqual(before[name], after[name]),
  )
  return {
    before: Object.fromEntries(names.map((name) => [name, without(before[name], after[name])])),
    after: Object.fromEntries(names.map((name) => [name, without(after[name], before[name])])),
  }
}

function without(section: unknown, other: unknown): unknown {
  if (!Array.isArray(section) || !Array.isArray(other)) return section
  const here = section.map((entry) => JSON.stringify(entry))
  const there = new Set(other.map((entry) => JSON.stringify(entry)))
  const gone = section.filter((_, i) => !there.has(here[i] ?? ''))
  const isOrderAlone = gone.length === 0 && section.length === other.length
  return isOrderAlone ? section : gone
}
