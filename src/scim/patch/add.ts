import type { Ledger } from '../quirks/ledger.ts'
import { isComplex, type Complex, type Resource, type Value } from '../resource/resource.ts'
import { attributeValue, listOf } from '../resource/values.ts'
import {
  allowNew,
  alike,
  changeElements,
  complexAt,
  isPrimary,
  likeness,
  secondary,
  selectsElements,
  withAttribute,
  withElements,
  withName,
} from './elements.ts'
import type { Target } from './patch.ts'

/**
 * The `add` operation (RFC 7644 §3.5.2.1): a single value is set, several values gain what they do not have, a complex
 * value keeps what is not named.
 */
export function add(resource: Resource, target: Target, value: Value, ledger: Ledger): Resource {
  const { path } = target
  const { attribute, sub } = path
  if (selectsElements(target)) {
    const merge = (element: Complex) =>
      sub ? withName(element, sub.name, value) : isComplex(value) ? { ...element, ...value } : element
    return changeElements(resource, target, merge, (described) => {
      allowNew(target, ledger)
      return merge(described)
    })
  }
  if (sub) return withAttribute(resource, path, withName(complexAt(resource, target), sub.name, value))
  if (!attribute.multiValued) return withAttribute(resource, path, value)
  return withElements(resource, path, union(listOf(attributeValue(resource, path)), listOf(value), target))
}

/** All values once. One that is there already gains what the new one knows more about it. */
function union(stored: readonly Value[], added: readonly Value[], { path }: Target): readonly Value[] {
  // One that is merely named here is not the primary one because it was.
  const values = added.some(isPrimary) ? stored.map(secondary) : [...stored]
  const keys = values.map((value) => likeness(value, path.attribute))
  for (const value of added) {
    const like = likeness(value, path.attribute)
    const index = keys.findIndex((key) => alike(key, like))
    const known = values[index]
    if (known === undefined) {
      values.push(value)
      keys.push(like)
    } else if (isComplex(known) && isComplex(value)) {
      values[index] = { ...known, ...value }
    }
  }
  return values
}
