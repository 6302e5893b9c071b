import { isObject } from '../../provision/edit/merge-patch.ts'

/**
 * Where `actual` is not what `expected` says, one line a place; empty when it fits.
 *
 * Objects are compared in part. A list fits in any order; with `open` it may hold more than was expected.
 */
export function differences(actual: unknown, expected: unknown, open = false, place = ''): string[] {
  if (Array.isArray(expected)) return listDifferences(actual, expected, open, place)
  if (isObject(expected)) {
    if (!isObject(actual)) return [`${place || '/'} is ${show(actual)} and not an object`]
    return Object.entries(expected).flatMap(([name, value]) =>
      differences(actual[name], value, open, `${place}/${name}`),
    )
  }
  return Object.is(actual, expected) ? [] : [`${place || '/'} is ${show(actual)} and not ${show(expected)}`]
}

function listDifferences(actual: unknown, expected: unknown[], open: boolean, place: string): string[] {
  if (!Array.isArray(actual)) return [`${place} is ${show(actual)} and not a list`]
  const rest = [...(actual as unknown[])]
  const missing = expected.filter((wanted) => {
    const found = rest.findIndex((element) => differences(element, wanted, open).length === 0)
    if (found >= 0) rest.splice(found, 1)
    return found < 0
  })
  const lines = missing.map((wanted) => `${place} has no ${show(wanted)} in ${show(actual)}`)
  return open || missing.length || !rest.length ? lines : [`${place} has ${show(rest)} as well`]
}

/** The value at a path of names and positions that are parted by `/`; undefined when there is none. */
export function valueAt(body: unknown, path: string): unknown {
  let value = body
  for (const name of path.split('/')) {
    if (Array.isArray(value)) value = value[Number(name)]
    else if (isObject(value) && Object.hasOwn(value, name)) value = value[name]
    else return undefined
  }
  return value
}

/** Paths of every `null` in a body. */
export function nulls(value: unknown, place = ''): string[] {
  if (value === null) return [place || '/']
  if (typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, inner]) => nulls(inner, `${place}/${name}`))
}

const show = (value: unknown): string => JSON.stringify(value)?.slice(0, 400) ?? 'absent'
