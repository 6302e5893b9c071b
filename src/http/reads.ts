import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '../context.ts'
import { question } from '../../schemas/messages.ts'
import type { Authenticator } from '../provision/authenticate.ts'
import { resolve } from '../provision/resolve.ts'
import { check } from './api/endpoint.ts'
import { authenticateDirectly } from './authenticate.ts'
import { replyTo } from './errors.ts'
import type { Gate } from './gate.ts'
import { observe, pathOf } from './observe.ts'
import { JSON_TYPE, send, type Reply } from './reply.ts'
import { scimCall } from './scim/call.ts'
import { listResources } from './scim/lists.ts'
import { readOne } from './scim/resources.ts'

type Answer = (request: IncomingMessage, requestId: string, query: URLSearchParams) => Promise<Reply>

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
    answer(request, requestId, query).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, replyTo(error, { path, requestId }, ctx.log)),
    )
    return true
  }
}

const RESOURCE = /^\/scim\/v2\/(User|Group)s(?:\/([^/]+))?$/

function answerFor(ctx: Context, authenticator: Authenticator, gate: Gate, path: string): Answer | undefined {
  if (path === '/api/v1/resolve') {
    return async (request, _requestId, query) => {
      await authenticateDirectly(authenticator, request, ['read', 'admin'])
      const asked = check(question, Object.fromEntries(query), 400, 'a parameter is wrong')
      return { status: 200, type: JSON_TYPE, body: await resolve(ctx, asked) }
    }
  }
  const [, name, id] = RESOURCE.exec(path) ?? []
  if (name === undefined || id === '.search') return undefined
  return async (request, requestId, query) => {
    const principal = await authenticateDirectly(authenticator, request, ['scim'])
    const entered = gate.enter(principal)
    if (entered !== undefined) await entered
    try {
      const call = scimCall({
        ctx,
        principal,
        requestId,
        query,
        headers: request.headers,
        id: decodeURIComponent(id ?? ''),
        body: undefined,
      })
      const type = name as 'User' | 'Group'
      return await (id === undefined ? listResources(type)(call) : readOne(type)(call))
    } finally {
      gate.leave(principal)
    }
  }
}
