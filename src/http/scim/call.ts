import type { IncomingHttpHeaders } from 'node:http'
import type { Context } from '../../context.ts'
import type { Principal } from '../../provision/authenticate.ts'
import type { ResourceCause } from '../../provision/resource-cause.ts'
import { bodyShape } from '../../scim/quirks/request-shape.ts'
import { HttpError } from '../errors.ts'
import type { Reply } from '../reply.ts'
import { answerType } from './media.ts'

/** One request of an identity provider, after it was authenticated and its body was read. */
export interface ScimCall {
  readonly ctx: Context
  readonly principal: Principal
  readonly directoryId: string
  readonly requestId: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The variable part of the path; empty where there is none. */
  readonly id: string
  readonly body: unknown
  /** Media type of the answer. */
  readonly type: string
}

export type ScimHandler = (call: ScimCall) => Promise<Reply>

/** Makes a call of an authenticated request. @throws HttpError 406 when the client reads no answer of ours */
export function scimCall(parts: Omit<ScimCall, 'directoryId' | 'type'>): ScimCall {
  const { directoryId } = parts.principal
  // INVARIANT: a principal of scope `scim` has a directory; without one there is nothing it may see.
  if (directoryId === undefined) throw new HttpError(403, 'this token belongs to no directory')
  return { ...parts, directoryId, type: answerType(parts.headers.accept) }
}

/** Who asks for a change of a resource, and at which version they believe it to be. */
export const causeOf = (call: ScimCall): ResourceCause => ({
  actor: call.principal.actor,
  requestId: call.requestId,
  directoryId: call.directoryId,
  ifMatch: call.headers['if-match'],
  ifNoneMatch: call.headers['if-none-match'],
  shape: () => bodyShape(call.body),
})

/**
 * The value of a query parameter, or undefined.
 *
 * @throws HttpError 400 when it is there twice: which one counts would be a guess
 */
export function parameter(call: ScimCall, name: string): string | undefined {
  const values = call.query.getAll(name)
  if (values.length > 1) {
    throw new HttpError(
      400,
      `the parameter \`${name}\` stands in the address ${values.length} times; send it once`,
      {
        scimType: 'invalidValue',
      },
    )
  }
  return values[0]
}

/**
 * The whole number in a query parameter, or undefined.
 *
 * @throws HttpError 400 when it is something else
 */
export function wholeNumber(call: ScimCall, name: string): number | undefined {
  const text = parameter(call, name)
  if (text === undefined || text === '') return undefined
  if (!/^[+-]?\d{1,15}$/.test(text)) {
    throw new HttpError(
      400,
      `the parameter \`${name}\` has to be a whole number, and not \`${text.slice(0, 40)}\``,
      {
        scimType: 'invalidValue',
      },
    )
  }
  return Number(text)
}
