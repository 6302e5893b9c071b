import { invalidSyntax, invalidValue, quote } from './error.ts'
import { isObject } from './resource/resource.ts'
import { checkShape, entriesOf } from './resource/shape.ts'
import { listsUrn } from './urn.ts'

/** What a query asks for, whether it stands in an address or in a body (RFC 7644 §3.4.2, §3.4.3; RFC 9865 §2). */
export interface Query {
  /** Names, separated by commas. */
  readonly attributes?: string | undefined
  readonly excludedAttributes?: string | undefined
  readonly filter?: string | undefined
  readonly sortBy?: string | undefined
  readonly sortOrder?: string | undefined
  readonly startIndex?: number | undefined
  readonly count?: number | undefined
  /** Empty: the first page of those that are joined by cursors. */
  readonly cursor?: string | undefined
}

/**
 * Reads the body of a POST to `/.search` (RFC 7644 §3.4.3).
 *
 * @throws ScimError `invalidSyntax` for what is no SearchRequest, `invalidValue` for a parameter of the wrong type
 */
export function readSearchRequest(body: unknown): Query {
  if (!isObject(body)) throw invalidSyntax('the body must be a JSON object')
  checkShape(body)
  const entries = entriesOf(body)
  if (!listsUrn(entries.get('schemas')?.[1], SEARCH_REQUEST)) {
    throw invalidSyntax('`schemas` does not list the SearchRequest message')
  }
  const given = (name: string): unknown => entries.get(name.toLowerCase())?.[1] ?? undefined
  return {
    attributes: names('attributes', given('attributes')),
    excludedAttributes: names('excludedAttributes', given('excludedAttributes')),
    filter: text('filter', given('filter')),
    sortBy: text('sortBy', given('sortBy')),
    sortOrder: text('sortOrder', given('sortOrder')),
    startIndex: integer('startIndex', given('startIndex')),
    count: integer('count', given('count')),
    cursor: text('cursor', given('cursor')),
  }
}

const SEARCH_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

function names(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(',')
  throw invalidSyntax(`\`${name}\` must be an array of attribute names, not ${quote(value)}`)
}

function text(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw invalidValue(`\`${name}\` must be a text, not ${quote(value)}`)
}

function integer(name: string, value: unknown): number | undefined {
  if (value === undefined || Number.isSafeInteger(value)) return value as number | undefined
  throw invalidValue(`\`${name}\` must be a whole number, not ${quote(value)}`)
}
