import { BASE, isDoc, isUrn } from './model/attributes.ts'
import type { Json, Path, TypeName } from './model/attributes.ts'
import type { Filter } from './model/filter.ts'
import type { Target } from './model/patch.ts'

/** How a request is written, where the RFCs leave that to the client. */
export interface Style {
  /** Letter case of names, URNs and operators. */
  readonly letters: 'usual' | 'upper' | 'lower'
  /** Whether core attributes bear their URN (RFC 7644 §3.10). */
  readonly urns: boolean
  /** Whether a filter has brackets where it needs none. */
  readonly brackets: boolean
}

/** A filter as text (RFC 7644 §3.4.2.2, Figure 1). */
export function filterText(filter: Filter, type: TypeName | undefined, style: Style): string {
  const within = (each: Filter, needsBrackets: boolean): string => {
    const text = filterText(each, type, style)
    return needsBrackets || style.brackets ? `(${text})` : text
  }
  if ('and' in filter) return filter.and.map((each) => within(each, 'or' in each)).join(cased(' and ', style))
  if ('or' in filter) return filter.or.map((each) => within(each, false)).join(cased(' or ', style))
  if ('not' in filter) return `${cased('not', style)} (${filterText(filter.not, type, style)})`
  if ('present' in filter) return `${pathText(filter.present, type, style)} ${cased('pr', style)}`
  const path = pathText(filter.path, type, style)
  if ('where' in filter) return `${path}[${filterText(filter.where, undefined, style)}]`
  return `${path} ${cased(filter.op, style)} ${JSON.stringify(filter.value)}`
}

/** A path as text; without a type it stands between brackets, where no URN has a place. */
export function pathText(path: Path, type: TypeName | undefined, style: Style): string {
  const [first = '', ...rest] = path
  if (isUrn(first)) return cased([first, rest.join('.')].filter(Boolean).join(':'), style)
  const urn = type !== undefined && style.urns ? `${BASE[type]}:` : ''
  return cased(urn + path.join('.'), style)
}

/** Where an operation goes, as text (RFC 7644 §3.5.2, Figure 7). */
export function targetText({ path, where, sub }: Target, type: TypeName | undefined, style: Style): string {
  const brackets = where ? `[${filterText(where, undefined, style)}]` : ''
  return pathText(path, type, style) + brackets + (sub === undefined ? '' : cased(`.${sub}`, style))
}

/** A body with its names in another letter case. */
export function recased(value: Json, style: Style): Json {
  if (Array.isArray(value)) return value.map((each) => recased(each, style))
  if (!isDoc(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [cased(name, style), recased(each, style)]),
  )
}

function cased(text: string, { letters }: Style): string {
  if (letters === 'upper') return text.toUpperCase()
  return letters === 'lower' ? text.toLowerCase() : text
}
