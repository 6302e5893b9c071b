import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Headers } from './conversation.ts'

/** A request as it goes out. */
export interface Request {
  readonly method: string
  /** Path and query below the base URL, sent as they are: nothing is normalised or encoded. */
  readonly path: string
  readonly headers: Headers
  /** A text is sent as it is, everything else as JSON. */
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; undefined when it is empty or no JSON. */
  readonly json: unknown
  readonly milliseconds: number
}

/** A line to a SCIM server. `close` it at the end, or the process lives on. */
export interface Line {
  readonly base: string
  /** Sends a request with the token; a 429 is obeyed five times. Throws `Silent` when there is no answer. */
  readonly send: (request: Request) => Promise<Answer>
  readonly close: () => void
}

/** Nobody answered. */
export class Silent extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'Silent'
  }
}

/** Milliseconds after which no client waits any longer: Okta's time for a group. */
const LONGEST_WAIT = 60_000

/**
 * Opens a line that sends what it is told and no more: over `fetch`, no request is without a `User-Agent`, and none
 * ends with `?`.
 */
export function openLine(baseUrl: string, token: string): Line {
  const { origin, protocol, pathname } = new URL(baseUrl)
  const base = origin + pathname.replace(/\/$/, '')
  const secure = protocol === 'https:'
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  const start = secure ? httpsRequest : httpRequest

  const once = (request: Request): Promise<Answer> => {
    const { method, path, headers, body } = request
    const payload = body === undefined ? undefined : Buffer.from(textOf(body))
    const started = performance.now()
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown): void => reject(new Silent(`there is no answer from ${base}`, cause))
      const outgoing = start(origin, {
        method,
        path: new URL(base).pathname.replace(/\/$/, '') + path,
        headers: headersOf({ Authorization: `Bearer ${token}`, ...headers }, payload),
        agent,
        timeout: LONGEST_WAIT,
      })
      outgoing.on('timeout', () => outgoing.destroy(new Error('it took too long')))
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed a resting connection while the request was on its way: nobody has read it.
        if (error.code === 'ECONNRESET' && outgoing.reusedSocket) resolve(once(request))
        else fail(error)
      })
      outgoing.on('response', (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('error', fail)
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const milliseconds = performance.now() - started
          const { statusCode: status = 0, headers: received } = incoming
          resolve({ status, headers: received, text, json: jsonOf(text), milliseconds })
        })
      })
      outgoing.end(payload)
    })
  }

  const send = async (request: Request, attempt = 1): Promise<Answer> => {
    const answer = await once(request)
    if (answer.status !== 429 || attempt > 5) return answer
    await pause(Number(answer.headers['retry-after'] ?? 1))
    return send(request, attempt + 1)
  }
  return { base, send: (request) => send(request), close: () => agent.destroy() }
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body))

function headersOf(given: Headers, payload: Buffer | undefined): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  // Without a length Node sends the body in chunks.
  if (payload) headers['Content-Length'] = payload.length
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

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, (Number.isFinite(seconds) ? seconds : 1) * 1000)
  })
