import { createInterface } from 'node:readline/promises'
import { Problem } from '../provision/problem.ts'
import { printable } from './print.ts'

/** Somebody who answers: at a keyboard, or the lines of a pipe one after another. */
export interface Answers {
  /**
   * The next line, without space around it.
   *
   * @param option what would answer it, too
   * @throws Problem when there is none
   */
  ask(question: string, option?: string): Promise<string>
  /** Whether the next line says yes; what an empty one says is `otherwise`. */
  confirm(question: string, otherwise?: boolean, option?: string): Promise<boolean>
  end(): void
}

/** Asks on standard error, so that standard output has the result alone. */
export function askOnTerminal(): Answers {
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  const lines = reader[Symbol.asyncIterator]()
  const ask = async (question: string, option?: string): Promise<string> => {
    process.stderr.write(`${printable(question)} `)
    const next = await lines.next()
    if (next.done === true) {
      const hint = option === undefined ? '' : `; the option \`${option}\` answers it, too`
      throw new Problem(400, `\`${question}\` was not answered; nothing was changed${hint}`)
    }
    // A keyboard has ended the line itself.
    if (!process.stdin.isTTY) process.stderr.write('\n')
    return next.value.trim()
  }
  return {
    ask,
    async confirm(question, otherwise = false, option) {
      for (;;) {
        const answer = (await ask(`${question} ${otherwise ? '[Y/n]' : '[y/N]'}`, option)).toLowerCase()
        if (answer === '') return otherwise
        if (answer === 'y' || answer === 'yes') return true
        if (answer === 'n' || answer === 'no') return false
      }
    },
    end: () => reader.close(),
  }
}
