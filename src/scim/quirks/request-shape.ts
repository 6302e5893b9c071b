import { isObject } from '../resource/resource.ts'

/**
 * How a body is built, without its values: names of attributes, paths, verbs and types, as compact JSON that ends where
 * it gets long. Of a list, the first element stands for all.
 *
 * @example bodyShape({ userName: 'ada', emails: [{ value: 'a@b', primary: 'True' }] })
 *   // {"userName":"text","emails":[{"value":"text","primary":"text"}]}
 */
export function bodyShape(body: unknown): string {
  const budget = { names: MOST_NAMES }
  return shorten(JSON.stringify(shapeOf(body, '', budget)) ?? '')
}

/**
 * How a filter or a path is built: its names and operators, `…` for what is compared.
 *
 * @example textShape('emails[type eq "work"].value sw "ada"') // 'emails[type eq …].value sw …'
 */
export function textShape(text: string): string {
  const short = text.slice(0, LONGEST)
  const tokens = short.match(TOKEN) ?? []
  let i = 0
  return short
    .replaceAll(TOKEN, (token) => {
      const [before = '', after = ''] = [tokens[i - 1], tokens[i + 1]]
      i++
      if (BRACKET.test(token) || WORD.test(token)) return token
      const isCompared = tokens.length === 1 || OPERATOR.test(after) || after === '['
      const isName = isCompared ? !OPERATOR.test(before) : before === ']' && token.startsWith('.')
      return isName && NAME.test(token) ? token : '…'
    })
    .replaceAll(/…(?:\s+…)+/g, '…')
}

const TOKEN = /"(?:[^"\\]|\\.)*"?|[()[\]]|[^\s"()[\]]+/gs
const OPERATOR = /^(?:eq|ne|co|sw|ew|gt|ge|lt|le|pr)$/i
const BRACKET = /^[()[\]]$/
const WORD = /^(?:eq|ne|co|sw|ew|gt|ge|lt|le|pr|and|or|not)$/i
const NAME = /^[\w.:$-]+$/

function shapeOf(value: unknown, name: string, budget: { names: number }): unknown {
  if (Array.isArray(value)) {
    const list = value as readonly unknown[]
    if (name === 'schemas') return list.slice(0, 10).map((urn) => (isUrn(urn) ? urn : typeOf(urn)))
    return list.length === 0 ? [] : [shapeOf(list[0], name, budget), ...(list.length > 1 ? ['…'] : [])]
  }
  if (!isObject(value)) return simpleShape(value, name)
  const shape: [string, unknown][] = []
  for (const [key, each] of Object.entries(value) as [string, unknown][]) {
    if (budget.names-- <= 0) {
      shape.push(['…', '…'])
      break
    }
    shape.push([textShape(key), shapeOf(each, key.toLowerCase(), budget)])
  }
  return Object.fromEntries(shape)
}

/** Verbs and paths are no values: they are how a PATCH is built. */
function simpleShape(value: unknown, name: string): unknown {
  if (typeof value === 'string') {
    if (name === 'op' && /^(?:add|remove|replace)$/i.test(value)) return value
    if (name === 'path') return textShape(value)
    if (value === '') return ''
  }
  return typeOf(value)
}

const typeOf = (value: unknown): string | null =>
  value === null ? null : typeof value === 'string' ? 'text' : typeof value

const isUrn = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= 200 && /^(?:urn:|https?:\/\/)[\w.:/-]+$/i.test(value)

const shorten = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)

const MOST_NAMES = 60
const LONGEST = 1000
