import { isObject } from '../resource/resource.ts'

/**
 * A reference to a resource that the same request creates (RFC 7644 §3.7.2): a whole text, or the part of one behind a
 * slash (`$ref`, a path) or a quotation mark (the filter of a PATCH path).
 */
const REFERENCE = /^bulkId:([^]*)|(?<=[/"])bulkId:([^/"?#]*)/g

/** The bulkIds that a value refers to, at any depth, in the names of a PATCH value too. */
export function referencesIn(value: unknown): ReadonlySet<string> {
  const found = new Set<string>()
  replaceTexts(value, (text) => {
    for (const [, whole, part] of text.matchAll(REFERENCE)) found.add(whole ?? part ?? '')
    return text
  })
  return found
}

/** The value with ids in place of references. */
export function resolveReferences(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  return replaceTexts(value, (text) =>
    text.replaceAll(REFERENCE, (reference, whole?: string, part?: string) => {
      return ids.get(whole ?? part ?? '') ?? reference
    }),
  )
}

/** What was put aside of the data of a POST: an attribute to add once the resources that it refers to exist. */
export interface Aside {
  readonly path: string
  readonly value: unknown
}

/**
 * Parts the data of a POST from the attributes, or elements of one, that refer to what cannot exist before it: two
 * groups that contain each other, two people who are each other's manager (RFC 7644 §3.7.1).
 */
export function putAside(
  data: object,
  unresolved: ReadonlySet<string>,
): { data: object; aside: readonly Aside[] } {
  const refers = (value: unknown): boolean => !referencesIn(value).isDisjointFrom(unresolved)
  return part(data, '', refers)
}

function part(
  data: object,
  prefix: string,
  refers: (value: unknown) => boolean,
): { data: object; aside: readonly Aside[] } {
  const kept: [string, unknown][] = []
  const aside: Aside[] = []
  for (const [name, value] of Object.entries(data) as [string, unknown][]) {
    const path = prefix + name
    if (!refers(value)) {
      kept.push([name, value])
    } else if (Array.isArray(value)) {
      kept.push([name, value.filter((each) => !refers(each))])
      aside.push({ path, value: value.filter(refers) })
    } else if (isObject(value) && EXTENSION.test(name)) {
      const inner = part(value, `${name}:`, refers)
      kept.push([name, inner.data])
      aside.push(...inner.aside)
    } else {
      aside.push({ path, value })
    }
  }
  return { data: Object.fromEntries(kept), aside }
}

const EXTENSION = /^urn:/i

function replaceTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((each) => replaceTexts(each, replace))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [replace(name), replaceTexts(each, replace)]),
  )
}
