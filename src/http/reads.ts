import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StoredType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { questionQuery } from '../../schemas/messages.ts'
import type { Authenticator, Principal } from '../provision/authenticate.ts'
import { resolve } from '../provision/resolve.ts'
import { check, parametersOf } from './api/endpoint.ts'
import { authenticateDirectly } from './authenticate.ts'
import { replyTo } from './errors.ts'
import type { Gate } from './gate.ts'
import { observe, pathOf } from './observe.ts'
import { JSON_TYPE, send, type Reply } from './reply.ts'
import { scimCall } from './scim/call.ts'
import { listResources } from './scim/lists.ts'
import { readOne } from './scim/resources.ts'

/** One request on the short way; who it comes from is known once it is authenticated. */
interface ReadRequest {
  readonly request: IncomingMessage
  readonly requestId: string
  readonly query: URLSearchParams
  principal: Principal | undefined
}

type Answer = (read: ReadRequest) => Promise<Reply>

/**
 * Answers the reads that identity providers and services send all day: one resource, a list, a decision.
 *
 * The judgement is the very one that the routes behind Express use; only the way there is shorter.
 *
 * @returns whether the request is one of them; if not, nothing was done
 */
export function answerReads(
  ctx: Context,
  authenticator: Authenticator,
  gate: Gate,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    if (request.method !== 'GET') return false
    const path = pathOf(request.url)
    const answer = answerFor(ctx, authenticator, gate, path)
    if (answer === undefined) return false
    const requestId = observe(ctx, request, response)
    const query = new URLSearchParams((request.url ?? '').slice(path.length))
    const read: ReadRequest = { request, requestId, query, principal: undefined }
    answer(read).then(
      (reply) => send(response, reply),
      (error: unknown) => {
        const asked = { method: 'GET', path, requestId, principal: read.principal }
        send(response, replyTo(error, asked, ctx.log))
      },
    )
    return true
  }
}

const RESOURCE = /^\/scim\/v2\/(User|Group)s(?:\/([^/]+))?$/

function answerFor(ctx: Context, authenticator: Authenticator, gate: Gate, path: string): Answer | undefined {
  if (path === '/api/v1/resolve') {
    return async (read) => {
      read.principal = await authenticateDirectly(authenticator, read.request, ['read', 'admin'])
      gate.pass()
      const asked = check(questionQuery, parametersOf(read.query), 400)
      return { status: 200, type: JSON_TYPE, body: await resolve(ctx, asked) }
    }
  }
  const [, name, id] = RESOURCE.exec(path) ?? []
  if (name === undefined || id === '.search') return undefined
  return async (read) => {
    const principal = await authenticateDirectly(authenticator, read.request, ['scim'])
    read.principal = principal
    const entered = gate.enter(principal)
    if (entered !== undefined) await entered
    try {
      const { request, requestId, query } = read
      const call = scimCall({
        ctx,
        principal,
        requestId,
        query,
        headers: request.headers,
        id: decodeURIComponent(id ?? ''),
        body: undefined,
      })
      const type = name as StoredType
      return await (id === undefined ? listResources(type)(call) : readOne(type)(call))
    } finally {
      gate.leave(principal)
    }
  }
}
