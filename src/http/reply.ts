import type { ServerResponse } from 'node:http'

/** An answer, ready to be written: what every handler returns. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** The text of the body; absent: no body. */
  readonly body?: string
  /** Media type of the body. */
  readonly type?: string
}

export const SCIM_JSON = 'application/scim+json; charset=utf-8'
export const JSON_TYPE = 'application/json; charset=utf-8'
export const PROBLEM_JSON = 'application/problem+json; charset=utf-8'

/** A JSON answer of the administration interface. */
export function json(status: number, value: unknown, headers?: Reply['headers']): Reply {
  return { status, body: JSON.stringify(value), type: JSON_TYPE, ...(headers && { headers }) }
}

/** Writes a reply to the socket. */
export function send(response: ServerResponse, reply: Reply): void {
  const headers: Record<string, string | number> = { ...reply.headers }
  if (reply.body !== undefined) {
    headers['content-type'] = reply.type ?? JSON_TYPE
    headers['content-length'] = Buffer.byteLength(reply.body)
  }
  response.writeHead(reply.status, headers)
  response.end(reply.body)
}
