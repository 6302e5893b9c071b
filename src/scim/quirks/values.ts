import type { AttributeDefinition } from '../../../schemas/definition.ts'
import { findAttribute } from '../attribute.ts'
import { isObject } from '../resource/resource.ts'
import type { Ledger } from './ledger.ts'

/** The value of a single-valued attribute, out of the array or the object that was put around it (N7). */
export function rewriteSingle(sent: unknown, attribute: AttributeDefinition, ledger: Ledger): unknown {
  if (Array.isArray(sent) && sent.length <= 1) {
    return ledger.allows('N7') ? rewriteSingle(sent[0], attribute, ledger) : sent
  }
  if (attribute.type === 'complex' || !isObject(sent)) return sent
  const value = Object.entries(sent).find(([name]) => name.toLowerCase() === 'value')
  return value && ledger.allows('N7') ? value[1] : sent
}

/** One value as its client means it: undefined where it clears, the same value where there is nothing to rewrite. */
export function rewriteValue(sent: unknown, attribute: AttributeDefinition, ledger: Ledger): unknown {
  if (sent === '') return ledger.allows('N17') ? undefined : sent
  switch (attribute.type) {
    case 'boolean':
      return typeof sent === 'string' && BOOLEAN.test(sent) && ledger.allows('N5')
        ? sent.toLowerCase() === 'true'
        : sent
    case 'integer':
    case 'decimal':
      return typeof sent === 'string' && NUMBER.test(sent) && ledger.allows('N6') ? Number(sent) : sent
    case 'string':
    case 'reference':
      return typeof sent === 'number' && Number.isFinite(sent) && ledger.allows('N6') ? String(sent) : sent
    case 'complex':
      return rewriteComplex(sent, attribute, ledger)
    case 'dateTime':
    case 'binary':
      return sent
  }
}

const BOOLEAN = /^(?:true|false)$/i
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/

function rewriteComplex(sent: unknown, attribute: AttributeDefinition, ledger: Ledger): unknown {
  const subs = attribute.subAttributes ?? []
  if (typeof sent === 'string' || typeof sent === 'number') {
    return findAttribute(subs, 'value') && ledger.allows('N8')
      ? rewriteComplex({ value: sent }, attribute, ledger)
      : sent
  }
  if (!isObject(sent)) return sent
  return displayName(attribute.name === 'roles' ? unwrapRole(sent, ledger) : sent, attribute, ledger)
}

/** `{ "value": "{\"id\":…,\"value\":\"25\",\"displayName\":\"Reader\"}" }` is role 25 (N20). */
function unwrapRole(sent: object, ledger: Ledger): object {
  const entries = Object.entries(sent) as [string, unknown][]
  const [key, text] = entries.find(([name]) => name.toLowerCase() === 'value') ?? []
  if (typeof text !== 'string' || !text.trimStart().startsWith('{')) return sent
  const inner = parsedObject(text)
  if (!inner || !Object.hasOwn(inner, 'value') || !ledger.allows('N20')) return sent
  const { id: _, ...role } = inner
  return Object.fromEntries([...entries.filter(([name]) => name !== key), ...Object.entries(role)])
}

function parsedObject(text: string): { readonly [name: string]: unknown } | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** `displayName` is what such an element shows, where the schema calls that `display` (N21). */
function displayName(sent: object, attribute: AttributeDefinition, ledger: Ledger): object {
  const subs = attribute.subAttributes ?? []
  if (findAttribute(subs, 'displayName') || !findAttribute(subs, 'display')) return sent
  const entries = Object.entries(sent) as [string, unknown][]
  const named = entries.find(([name]) => name.toLowerCase() === 'displayname')
  if (!named || !ledger.allows('N21')) return sent
  const has = entries.some(([name, value]) => name.toLowerCase() === 'display' && value !== null)
  const others = entries.filter(([name]) => !DISPLAYS.has(name.toLowerCase()) || (has && name !== named[0]))
  return Object.fromEntries(has ? others : [...others, ['display', named[1]]])
}

const DISPLAYS = new Set(['display', 'displayname'])
