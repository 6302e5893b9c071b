/** A server below HTTP: the same constant answer to whatever arrives, to show what the load generator could drive. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { userBody } from './population.ts'

const body = JSON.stringify(userBody(0))
const answer = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(answer))
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
