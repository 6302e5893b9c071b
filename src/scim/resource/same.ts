import { isComplex, type Value } from './resource.ts'

/** Whether two canonical values mean the same. The order of several values means nothing (RFC 7643 §2.4). */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && sorted(a) === sorted(b)
  if (!isComplex(a) || !isComplex(b)) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => sameValue(a[name], b[name]))
}

/** Elements are in canonical form, so equal ones have equal JSON. */
function sorted(values: readonly Value[]): string {
  return values
    .map((value) => JSON.stringify(value))
    .sort()
    .join('\n')
}
