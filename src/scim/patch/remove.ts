import { definitionAt } from '../path/path.ts'
import type { Complex, Resource, Value } from '../resource/resource.ts'
import { attributeValue, listOf } from '../resource/values.ts'
import {
  alike,
  changeElements,
  complexAt,
  likeness,
  selectsElements,
  withAttribute,
  withElements,
  withName,
} from './elements.ts'
import type { Target } from './patch.ts'

/**
 * The `remove` operation (RFC 7644 §3.5.2.2): the target has no value afterwards. Where there was none, that is no error.
 *
 * With a value, only what is like it goes (N14, N16).
 */
export function remove(resource: Resource, target: Target, value: Value | undefined): Resource {
  const { path } = target
  const { sub } = path
  const unwanted = listOf(value).map((each) => likeness(each, definitionAt(path)))
  const goes = (stored: Value) =>
    value === undefined || unwanted.some((each) => alike(each, likeness(stored, definitionAt(path))))
  const without = (element: Complex): Complex => {
    const stored = sub && element[sub.name]
    return sub && stored !== undefined && goes(stored) ? withName(element, sub.name, undefined) : element
  }
  if (selectsElements(target)) return changeElements(resource, target, sub ? without : () => undefined)
  if (sub) return withAttribute(resource, path, without(complexAt(resource, target)))
  const stored = listOf(attributeValue(resource, path))
  return withElements(
    resource,
    path,
    stored.filter((each) => !goes(each)),
  )
}
