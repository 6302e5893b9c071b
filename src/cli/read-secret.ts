import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Problem } from '../provision/problem.ts'

/**
 * Reads a secret from standard input: all of it from a pipe or a file, without the line's end; one line from a
 * keyboard, which shows nothing of it.
 *
 * @throws Problem when the person at the keyboard breaks it off
 */
export async function readSecret(what: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  process.stderr.write(`${what} (not shown): `)
  try {
    return await new Promise((resolve, reject) => {
      lines.once('line', resolve)
      lines.once('close', () => reject(new Problem(400, 'nothing was entered, and nothing was set')))
    })
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
