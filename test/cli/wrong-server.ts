import { createServer } from 'node:http'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openAgent, send } from '../support/wire.ts'
import type { WireRequest, WireResponse } from '../support/wire.ts'

/** What a wrong server does differently. */
export interface Wrong {
  /** The request as it reaches the right server. */
  readonly request?: (request: WireRequest) => WireRequest
  /** The answer as it leaves the wrong one. */
  readonly answer?: (answer: WrongAnswer, request: WireRequest) => WrongAnswer | Promise<WrongAnswer>
}

export type WrongAnswer = Pick<WireResponse, 'status' | 'headers' | 'text'>

export interface WrongServer {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a server that hands everything on to a right one, but for one thing. */
export async function startWrongServer(base: string, wrong: Wrong): Promise<WrongServer> {
  const agent = openAgent()
  const server = createServer((incoming, outgoing) => {
    const serve = async (): Promise<void> => {
      const request = await readRequest(incoming)
      const right = await send(base, wrong.request?.(request) ?? request, agent)
      const { status, headers, text } = (await wrong.answer?.(right, request)) ?? right
      const { 'content-length': _length, ...rest } = headers
      outgoing.writeHead(status, {
        ...(rest as OutgoingHttpHeaders),
        'Content-Length': Buffer.byteLength(text),
      })
      outgoing.end(text)
    }
    serve().catch((error: unknown) => outgoing.destroy(error as Error))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

async function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { method = 'GET', url = '/', headers } = incoming
  const { host: _host, connection: _connection, 'content-length': _length, ...rest } = headers
  const text = Buffer.concat(chunks).toString()
  return { method, path: url, headers: rest as Record<string, string>, ...(text !== '' && { body: text }) }
}
