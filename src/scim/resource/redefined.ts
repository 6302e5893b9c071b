import type { ResourceType } from '../../../schemas/definition.ts'
import { definitionAt, pathName, type AttrPath } from '../path/path.ts'
import { indexedPaths, lookUpKey, pathsOf } from './search.ts'

/** What other definitions of attributes mean for that which was prepared of stored resources. */
export interface Redefined {
  /** The attributes whose values stand otherwise in documents prepared for comparison, or from now on. */
  readonly compared: readonly AttrPath[]
  /** The attributes whose values are looked up otherwise, or from now on. */
  readonly lookedUp: readonly AttrPath[]
  /** The keys by which values were looked up, and are not any longer. */
  readonly forgotten: readonly string[]
}

/** Compares what two sets of definitions make of the same stored resources. */
export function redefined(before: ResourceType, after: ResourceType): Redefined {
  const forms = new Set(pathsOf(before).map(comparedForm))
  const was = new Set(indexedPaths(before).map(lookUpKey))
  const is = new Set(indexedPaths(after).map(lookUpKey))
  return {
    compared: pathsOf(after).filter((path) => !forms.has(comparedForm(path))),
    lookedUp: indexedPaths(after).filter((path) => !was.has(lookUpKey(path))),
    forgotten: [...was].filter((key) => !is.has(key)),
  }
}

/** What decides how a value is prepared. */
function comparedForm(path: AttrPath): string {
  const { type, caseExact } = definitionAt(path)
  return `${pathName(path)} ${type} ${caseExact}`
}
