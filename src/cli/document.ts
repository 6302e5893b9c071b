import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { Problem } from '../provision/problem.ts'

/**
 * The configuration document in a file; `-` is standard input.
 *
 * @throws Problem when it cannot be read
 */
export function readDocument(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new Problem(400, `the file \`${file}\` cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    return parse(text)
  } catch (error) {
    throw new Problem(
      400,
      `the file \`${file}\` is neither YAML nor JSON: ${((error as Error).message.split('\n')[0] ?? '').replace(/:$/, '')}`,
    )
  }
}
