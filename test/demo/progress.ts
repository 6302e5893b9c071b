import type { Progress } from '../../src/cli/simulate/sync.ts'

/** One line that moves while a directory fills; without a terminal only its end is printed. */
export function showProgress(name: string): {
  show: (progress: Progress) => void
  end: (text: string) => void
} {
  const write = (text: string): boolean => process.stdout.write(`\r\u001B[K${name.padEnd(15)}${text}`)
  return {
    show({ step, done, total }) {
      if (process.stdout.isTTY) write(`${bar(done / total)} ${step} ${done} of ${total}`)
    },
    end(text) {
      if (process.stdout.isTTY) write(`${text}\n`)
      else console.log(`${name.padEnd(15)}${text}`)
    },
  }
}

const bar = (share: number): string => '█'.repeat(Math.round(share * 30)).padEnd(30, '░')
