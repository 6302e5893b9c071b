import { type AttrPath, pathName } from '../path/path.ts'
import type { Resource } from '../resource/resource.ts'
import { isPresent, valuesAt } from '../resource/values.ts'
import { evaluate } from './evaluate.ts'
import type { Filter } from './filter.ts'

/** A filter as text again, in the grammar of RFC 7644 §3.4.2.2. */
export function filterText(filter: Filter): string {
  return textOf(filter, pathName)
}

/**
 * Why a resource does not fulfil a filter, in words: the first part of it that fails, and what the resource has there
 * instead. Undefined where it does.
 */
export function whyNotMatched(filter: Filter, resource: Resource): string | undefined {
  if (evaluate(filter, resource)) return undefined
  switch (filter.kind) {
    case 'and': {
      const failing = filter.filters.find((each) => !evaluate(each, resource))
      return failing && whyNotMatched(failing, resource)
    }
    case 'or':
      return `nothing of \`${filterText(filter)}\` matches`
    case 'not':
      return `\`${filterText(filter.filter)}\` matches, and must not`
    case 'present':
    case 'compare':
    case 'element':
      return `\`${filterText(filter)}\` does not match: ${whatIsThere(filter.path, resource)}`
  }
}

function whatIsThere(path: AttrPath, resource: Resource): string {
  const name = pathName(path)
  const found = valuesAt(resource, path).filter(isPresent)
  if (found.length === 0) return `\`${name}\` has no value`
  const shown = found.slice(0, MOST_SHOWN).map((value) => `\`${JSON.stringify(value)}\``)
  return `\`${name}\` is ${shown.join(', ')}${found.length > MOST_SHOWN ? ' …' : ''}`
}

/** A sentence stays one. */
const MOST_SHOWN = 5

function textOf(filter: Filter, nameOf: (path: AttrPath) => string): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters
        .map((each) => {
          const text = textOf(each, nameOf)
          return filter.kind === 'and' && each.kind === 'or' ? `(${text})` : text
        })
        .join(` ${filter.kind} `)
    case 'not':
      return `not (${textOf(filter.filter, nameOf)})`
    case 'present':
      return `${nameOf(filter.path)} pr`
    case 'compare':
      return `${nameOf(filter.path)} ${filter.op} ${JSON.stringify(filter.value)}`
    case 'element':
      return `${nameOf(filter.path)}[${textOf(filter.filter, ({ sub }) => sub?.name ?? '')}]`
  }
}
