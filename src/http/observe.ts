import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '../context.ts'

/** Gives a request its id, which the answer carries, and logs it once it is answered: writes as `info`, reads as `debug`. */
export function observe(ctx: Context, request: IncomingMessage, response: ServerResponse): string {
  const requestId = ctx.newRequestId()
  response.setHeader('x-request-id', requestId)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('cache-control', 'no-store')
  const level = request.method === 'GET' ? 'debug' : 'info'
  if (ctx.log.isLevelEnabled(level)) {
    const startedAt = performance.now()
    // The query stays out: filters hold names and addresses of people.
    const path = pathOf(request.url)
    response.once('finish', () => {
      ctx.log[level](
        {
          requestId,
          method: request.method,
          path,
          status: response.statusCode,
          ms: Math.round((performance.now() - startedAt) * 10) / 10,
        },
        'request',
      )
    })
  }
  return requestId
}

/** The path of a request without its query. */
export function pathOf(url: string | undefined): string {
  const text = url ?? ''
  const end = text.indexOf('?')
  return end === -1 ? text : text.slice(0, end)
}
