import type { Ledger } from '../quirks/ledger.ts'
import { isComplex, type Complex, type Resource, type Value } from '../resource/resource.ts'
import {
  allowNew,
  changeElements,
  complexAt,
  selectsElements,
  withAttribute,
  withElements,
  withName,
} from './elements.ts'
import { listOf } from '../resource/values.ts'
import type { Target } from './patch.ts'

/**
 * The `replace` operation (RFC 7644 §3.5.2.3): the values of the target give way to the new ones; a target without a
 * value gains them.
 */
export function replace(resource: Resource, target: Target, value: Value, ledger: Ledger): Resource {
  const { path } = target
  const { attribute, sub } = path
  if (selectsElements(target)) {
    const replaced = (element: Complex) =>
      sub ? withName(element, sub.name, value) : isComplex(value) ? value : element
    return changeElements(resource, target, replaced, (described) => {
      allowNew(target, ledger)
      return { ...described, ...replaced(described) }
    })
  }
  if (sub) return withAttribute(resource, path, withName(complexAt(resource, target), sub.name, value))
  return attribute.multiValued
    ? withElements(resource, path, listOf(value))
    : withAttribute(resource, path, value)
}
