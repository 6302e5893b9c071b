import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/** A request exactly as it goes out. */
export interface WireRequest {
  readonly method: string
  /** Path and query, sent as they are: nothing is normalised or encoded. */
  readonly path: string
  /** A header that is null is not sent. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined
  /** An object or array is sent as JSON, a text or bytes as they are. */
  readonly body?: unknown
}

export interface WireResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; undefined when it is empty or no JSON. */
  readonly json: unknown
  readonly milliseconds: number
}

/** Keeps connections open between requests; `destroy()` it at the end, or the process lives on. */
export const openAgent = (sockets = 8): Agent => new Agent({ keepAlive: true, maxSockets: sockets })

/**
 * Sends a request over plain `node:http`, which adds no header of its own but `Host` and `Connection`.
 *
 * `base` may hold a path; `path` is put behind it. Rejects when the connection breaks before the answer is whole.
 */
export function send(base: string, wire: WireRequest, agent?: Agent): Promise<WireResponse> {
  const { hostname, port, pathname } = new URL(base)
  const payload = bytesOf(wire.body)
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const outgoing = request({
      hostname,
      port,
      method: wire.method,
      path: pathname.replace(/\/$/, '') + wire.path,
      headers: headersOf(wire.headers, payload),
      ...(agent && { agent }),
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('error', reject)
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const milliseconds = performance.now() - started
        const { statusCode: status = 0, headers } = incoming
        resolve({ status, headers, text, json: jsonOf(text), milliseconds })
      })
    })
    outgoing.end(payload)
  })
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

function headersOf(given: WireRequest['headers'] = {}, payload: Buffer | undefined): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  // Without a length Node sends the body in chunks.
  if (payload && !('Transfer-Encoding' in given)) headers['Content-Length'] = payload.length
  for (const [name, value] of Object.entries(given)) if (value !== null) headers[name] = value
  return headers
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
