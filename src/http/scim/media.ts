import { isUtf8 } from 'node:buffer'
import type { RequestHandler } from 'express'
import express from 'express'
import { repeatsName } from '../../scim/repeated-name.ts'
import { checkTextShape } from '../../scim/resource/shape.ts'
import { HttpError } from '../errors.ts'
import { JSON_TYPE, SCIM_JSON } from '../reply.ts'

/** Media types of a SCIM request body (RFC 7644 §3.1, §3.8); Okta's own suite posts the plain one. */
const READ = ['application/scim+json', 'application/json']

/**
 * Express middleware that reads a SCIM body: JSON in UTF-8 (RFC 7644 §3.8); no body is left undefined.
 *
 * @throws HttpError 415 for another media type or character set, 400 for what is no JSON
 */
export function readScimBody(maxBodyBytes: number): RequestHandler[] {
  return [refuseOtherTypes, express.raw({ type: READ, limit: maxBodyBytes }), parseBody]
}

/**
 * The same for a bulk request, whose size the ServiceProviderConfig tells (RFC 7644 §3.7.4).
 *
 * @throws HttpError 413 that names `maxPayloadSize`
 */
export function readBulkBody(maxPayloadSize: number): RequestHandler[] {
  return readScimBody(maxPayloadSize).map((read) => (request, response, next) => {
    read(request, response, (error?: unknown) => next(isTooLarge(error) ? tooLarge(maxPayloadSize) : error))
  })
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && error.type === 'entity.too.large'

const tooLarge = (maxPayloadSize: number): HttpError =>
  new HttpError(
    413,
    `the request is larger than \`maxPayloadSize\`, ${maxPayloadSize} bytes; send the operations in several requests`,
  )

function refuseOtherTypes(...[request, , next]: Parameters<RequestHandler>): void {
  const given = request.headers['content-type']
  const hasBody =
    request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
  if (hasBody && request.headers['content-length'] !== '0' && !request.is(READ)) {
    throw new HttpError(
      415,
      `the media type \`${given ?? ''}\` is not read here; send \`application/scim+json\``,
    )
  }
  const charset = /;\s*charset="?([^";\s]+)/i.exec(given ?? '')?.[1] ?? 'utf-8'
  if (charset.toLowerCase() !== 'utf-8') {
    throw new HttpError(415, `the character set \`${charset}\` is not read here; send the body in UTF-8`)
  }
  next()
}

/**
 * Parses the bytes of a body. `express.json` would take bytes that are no UTF-8 for question marks and an empty body
 * for an empty object.
 */
function parseBody(...[request, , next]: Parameters<RequestHandler>): void {
  const bytes: unknown = request.body
  request.body = Buffer.isBuffer(bytes) && bytes.length > 0 ? parseJson(bytes) : undefined
  next()
}

function parseJson(bytes: Buffer): unknown {
  const text = isUtf8(bytes) ? bytes.toString() : ''
  checkTextShape(text)
  const parsed = jsonOf(text)
  if (parsed === undefined)
    throw new HttpError(400, 'the body is not valid JSON in UTF-8', { scimType: 'invalidSyntax' })
  if (repeatsName(text, parsed))
    throw new HttpError(400, 'an object in the body has one name twice', { scimType: 'invalidSyntax' })
  return parsed
}

/** What a text says in JSON, or undefined. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The media type of an answer (RFC 7644 §3.8, RFC 9110 §12.5.1): SCIM's own, unless the client would rather have plain
 * JSON, or reads that alone (OneLogin documents it).
 *
 * @throws HttpError 406 when it reads neither
 */
export function answerType(accept: string | undefined): string {
  if (accept === undefined || accept.trim() === '') return SCIM_JSON
  const scim = quality(accept, 'application/scim+json')
  const plain = quality(accept, 'application/json')
  if (scim > 0 && scim >= plain) return SCIM_JSON
  if (plain > 0) return JSON_TYPE
  throw new HttpError(
    406,
    `an answer is \`application/scim+json\` or \`application/json\`, and \`${accept.slice(0, 80)}\` is neither`,
  )
}

/** How gladly a client reads a media type, from 0 to 1: the range that names it most closely counts. */
function quality(accept: string, type: string): number {
  const ranges = accept.split(',').map((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const q = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1)
    return { name, q: Number.isFinite(q) ? q : 1 }
  })
  const closest = [[type], ['application/*'], ['*/*', '*']].map((names) =>
    ranges.filter(({ name }) => names.includes(name)).map(({ q }) => q),
  )
  return Math.max(0, ...(closest.find((found) => found.length > 0) ?? []))
}
