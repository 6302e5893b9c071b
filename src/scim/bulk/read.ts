import type { StoredType } from '../../../schemas/definition.ts'
import { invalidPath, invalidSyntax, invalidValue, quote, ScimError } from '../error.ts'
import { isObject } from '../resource/resource.ts'
import { UNSTORABLE } from '../resource/read-value.ts'
import { checkShape, entriesOf } from '../resource/shape.ts'
import { listsUrn } from '../urn.ts'

/** A bulk request (RFC 7644 §3.7). */
export interface Bulk {
  /** After so many errors nothing more is done; undefined: everything is tried. */
  readonly failOnErrors: number | undefined
  readonly operations: readonly BulkOperation[]
}

/** One operation of a bulk request, as far as it could be read. */
export interface BulkOperation {
  readonly method: BulkMethod | undefined
  readonly bulkId: string | undefined
  /** The path as it was sent. */
  readonly path: string | undefined
  /** What is to be done, or why that cannot be said. */
  readonly task: BulkTask | ScimError
}

export type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A request that could have come alone. */
export interface BulkTask {
  readonly method: BulkMethod
  readonly type: StoredType
  /** Of the resource, or a reference to one that the request creates; empty for a POST. */
  readonly id: string
  /** In place of the header `If-Match`. */
  readonly version: string | undefined
  readonly data: unknown
}

/**
 * Reads the body of a bulk request. An operation that cannot be read fails alone.
 *
 * @throws ScimError `invalidSyntax` for what is no BulkRequest, `invalidValue` for `failOnErrors`, 413 for too many
 *   operations
 */
export function readBulk(body: unknown, maxOperations: number): Bulk {
  if (!isObject(body)) throw invalidSyntax('the body must be a JSON object')
  const entries = entriesOf(body)
  if (!listsUrn(entries.get('schemas')?.[1], BULK_REQUEST)) {
    throw invalidSyntax('`schemas` does not list the BulkRequest message')
  }
  const operations = entries.get('operations')?.[1]
  if (!Array.isArray(operations)) throw invalidSyntax('`Operations` must be a list of operations')
  if (operations.length > maxOperations) {
    throw new ScimError(
      413,
      `the request has ${operations.length} operations, and \`maxOperations\` is ${maxOperations}; send them in several requests`,
    )
  }
  checkShape(body)
  const bulkIds = new Set<string>()
  return {
    failOnErrors: readFailOnErrors(entries.get('failonerrors')?.[1]),
    operations: (operations as unknown[]).map((sent) => readOperation(sent, bulkIds)),
  }
}

const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'

function readFailOnErrors(sent: unknown): number | undefined {
  if (sent === undefined || sent === null) return undefined
  if (Number.isSafeInteger(sent) && Number(sent) > 0) return Number(sent)
  throw invalidValue(`\`failOnErrors\` must be a whole number from 1, not ${quote(sent)}`)
}

function readOperation(sent: unknown, bulkIds: Set<string>): BulkOperation {
  if (!isObject(sent)) return unreadable(invalidSyntax(`an operation must be an object, not ${quote(sent)}`))
  try {
    const entries = entriesOf(sent)
    const text = (name: string): string | undefined => textOf(name, entries.get(name.toLowerCase())?.[1])
    const known = { method: methodOf(text('method')), bulkId: text('bulkId'), path: text('path') }
    const version = text('version')
    const data = entries.get('data')?.[1]
    return { ...known, task: attempt(() => readTask({ ...known, version, data }, bulkIds)) }
  } catch (error) {
    return unreadable(asScimError(error))
  }
}

const unreadable = (task: ScimError): BulkOperation => ({
  method: undefined,
  bulkId: undefined,
  path: undefined,
  task,
})

function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw invalidValue(`\`${name}\` must be a text, not ${quote(value)}`)
}

function methodOf(text: string | undefined): BulkMethod | undefined {
  return METHODS.find((method) => method === text?.toUpperCase())
}

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

interface Parts extends Omit<BulkOperation, 'task'> {
  readonly version: string | undefined
  readonly data: unknown
}

function readTask({ method, bulkId, path, version, data }: Parts, bulkIds: Set<string>): BulkTask {
  if (method === undefined) throw invalidValue('`method` must be POST, PUT, PATCH or DELETE')
  const { type, id } = readPath(path ?? '', method)
  if (method === 'POST') {
    if (bulkId === undefined || bulkId === '') throw invalidValue('a POST needs a `bulkId`')
    if (bulkIds.has(bulkId)) throw invalidValue(`the \`bulkId\` ${quote(bulkId)} stands in the request twice`)
    bulkIds.add(bulkId)
  }
  if (method !== 'DELETE' && !isObject(data)) throw invalidSyntax(`a ${method} needs \`data\`, an object`)
  return { method, type, id, version, data: method === 'DELETE' ? undefined : data }
}

/** `/Users` for a POST, `/Users/{id}` for the others, and nothing else: no query, no other endpoint, no way up. */
function readPath(path: string, method: BulkMethod): Pick<BulkTask, 'type' | 'id'> {
  const [, endpoint, encoded = ''] = PATH.exec(path) ?? []
  const id = decoded(encoded)
  const isWhole = method === 'POST' ? id === '' : id && !NO_ID.test(id)
  if (endpoint === undefined || id === undefined || !isWhole || UNSTORABLE.test(id)) {
    throw invalidPath(
      `${quote(path)} is no path for a ${method}, which goes to ${method === 'POST' ? '`/Users` or `/Groups`' : '`/Users/{id}` or `/Groups/{id}`'}`,
    )
  }
  return { type: endpoint === 'Users' ? 'User' : 'Group', id }
}

const PATH = /^\/(Users|Groups)(?:\/([^/?#\\]+))?$/

/** Names that stand for a place or an endpoint. */
const NO_ID = /^\.{1,2}$|^\.search$|[/\\]/

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function attempt<T>(work: () => T): T | ScimError {
  try {
    return work()
  } catch (error) {
    return asScimError(error)
  }
}

function asScimError(error: unknown): ScimError {
  if (error instanceof ScimError) return error
  throw error
}
