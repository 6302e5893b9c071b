import type { ResourceType } from '../../../schemas/definition.ts'
import { definitionAt, pathName, type AttrPath } from '../path/path.ts'
import { pathsOf } from './search.ts'

/** What other definitions of attributes mean for that which was prepared of stored resources. */
export interface Redefined {
  /** The attributes whose values stand otherwise in documents prepared for comparison, or from now on. */
  readonly compared: readonly AttrPath[]
  /** The attributes whose values are looked up otherwise, or from now on. */
  readonly lookedUp: readonly AttrPath[]
  /** The attributes whose values were looked up, and are not any longer, or otherwise. */
  readonly forgotten: readonly AttrPath[]
}

/** Compares what two sets of definitions make of the same stored resources. */
export function redefined(before: ResourceType, after: ResourceType): Redefined {
  const was = byName(before)
  const is = byName(after)
  const isLookedUp = (path: AttrPath): boolean => definitionAt(path).indexed
  return {
    compared: differing(is, was, comparedForm),
    lookedUp: differing(is, was, lookUpForm).filter(isLookedUp),
    forgotten: differing(was, is, lookUpForm).filter(isLookedUp),
  }
}

type Paths = ReadonlyMap<string, AttrPath>

const byName = (type: ResourceType): Paths => new Map(pathsOf(type).map((path) => [pathName(path), path]))

/** The paths that the others have not, or in another form. */
function differing(paths: Paths, others: Paths, form: Form): AttrPath[] {
  return [...paths].flatMap(([name, path]) => {
    const other = others.get(name)
    return other !== undefined && form(other) === form(path) ? [] : [path]
  })
}

type Form = (path: AttrPath) => string

/** What decides how a value is prepared. */
const comparedForm: Form = (path) => {
  const { type, caseExact } = definitionAt(path)
  return `${type} ${caseExact}`
}

/** What decides which values are looked up, and whether they are unique. */
const lookUpForm: Form = (path) => {
  const { indexed, uniqueness } = definitionAt(path)
  return `${comparedForm(path)} ${path.attribute.multiValued} ${indexed} ${uniqueness}`
}
