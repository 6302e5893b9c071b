import { readFileSync } from 'node:fs'
import { readDocument } from '../provision/document-text.ts'
import { Problem } from '../provision/problem.ts'
import { ScimError } from '../scim/error.ts'

/**
 * The configuration document in a file; `-` is standard input.
 *
 * @throws Problem when it cannot be read
 */
export function documentIn(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new Problem(400, `the file \`${file}\` cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    return readDocument(text, `the file \`${file}\``)
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    throw new Problem(error.status, `the file \`${file}\` cannot be read: ${error.message}`)
  }
}
