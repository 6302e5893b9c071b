import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An issuer's web server on a port of the system's choice. */
export interface KeyServer {
  readonly url: string
  /** How it answers from now on. */
  answer: RequestListener
  /** How often it was asked. */
  asked: number
  stop(): Promise<void>
}

/** Starts a server that shows a value as JSON, until it is told to answer otherwise. */
export async function startKeyServer(value: object): Promise<KeyServer> {
  const server = createServer((request, response) => {
    keyServer.asked += 1
    keyServer.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const keyServer: KeyServer = {
    url: `http://127.0.0.1:${port}/keys`,
    answer: showing(value),
    asked: 0,
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => {
        server.close(() => resolve())
      })
    },
  }
  return keyServer
}

/** Answers with a value as JSON. */
export const showing =
  (value: object): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  }
