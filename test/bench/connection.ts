import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** A request as it goes over the wire, and what is known of its answer. */
export interface Sent {
  readonly text: string
  /** The status that the answer must have. */
  readonly status: number
  /** Is given the whole answer, where that is small. */
  readonly answered?: (answer: string) => void
}

/**
 * One keep-alive connection that has one request under way at a time.
 *
 * It reads no more of an answer than its status and its end: a load generator in JavaScript that builds whole
 * responses is slower than the servers it should measure.
 */
export interface Connection {
  /** Sends a request; resolves when its answer is complete. */
  send(request: Sent): Promise<void>
  close(): void
}

/** Opens a connection; `send` rejects with the head of the answer when the status is not the expected one. */
export async function openConnection(host: string, port: number): Promise<Connection> {
  const socket = await connected(host, port)
  let waiting: { request: Sent; resolve: () => void; reject: (error: Error) => void } | undefined
  let answer: Answer | undefined
  let head = ''

  const fail = (error: Error): void => {
    waiting?.reject(error)
    waiting = undefined
    socket.destroy()
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the server closed the connection')))
  socket.on('data', (chunk) => {
    if (answer === undefined) {
      head += chunk.toString('latin1')
      answer = readHead(head)
      if (answer === undefined) return
      if (answer.status !== waiting?.request.status) {
        fail(
          new Error(
            `expected ${waiting?.request.status}: ${waiting?.request.text}\n\n${head.slice(0, 2000)}`,
          ),
        )
        return
      }
    } else {
      if (waiting?.request.answered !== undefined) head += chunk.toString('latin1')
      if (answer.chunked) answer.ended = endsChunks(chunk)
      else answer.missing -= chunk.length
    }
    if (answer.chunked ? !answer.ended : answer.missing > 0) return
    const done = waiting
    const text = head
    waiting = undefined
    answer = undefined
    head = ''
    done?.request.answered?.(text)
    done?.resolve()
  })

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        waiting = { request, resolve, reject }
        socket.write(request.text, 'utf8')
      }),
    close: () => {
      waiting = undefined
      socket.destroy()
    },
  }
}

async function connected(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return socket
}

interface Answer {
  readonly status: number
  readonly chunked: boolean
  /** Bytes of the body that have not arrived. */
  missing: number
  ended: boolean
}

/** Undefined while the head is not complete. */
function readHead(text: string): Answer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const fields = text.slice(0, end).toLowerCase()
  const body = text.length - end - 4
  const length = /\r\ncontent-length: *(\d+)/.exec(fields)
  const chunked = length === null && fields.includes('\r\ntransfer-encoding: chunked')
  return {
    status: Number(fields.slice(9, 12)),
    chunked,
    missing: length === null ? 0 : Number(length[1]) - body,
    ended: chunked && text.endsWith('\r\n0\r\n\r\n'),
  }
}

function endsChunks(chunk: Buffer): boolean {
  return chunk.toString('latin1', Math.max(0, chunk.length - 5)) === '0\r\n\r\n'
}
