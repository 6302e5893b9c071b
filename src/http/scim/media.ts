import { isUtf8 } from 'node:buffer'
import type { RequestHandler } from 'express'
import express from 'express'
import { checkTextShape } from '../../scim/resource/shape.ts'
import { HttpError } from '../errors.ts'
import { repeatsName } from './repeated-name.ts'

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

/** The media type of an answer: SCIM's own, unless the client accepts plain JSON alone (OneLogin documents that). */
export function answerType(accept: string | undefined): string {
  const plainOnly =
    accept !== undefined &&
    accept.includes('application/json') &&
    !/application\/scim\+json|\*\/\*/.test(accept)
  return plainOnly ? 'application/json; charset=utf-8' : 'application/scim+json; charset=utf-8'
}
