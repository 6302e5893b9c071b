import { parse } from 'yaml'
import { Problem } from '../../provision/problem.ts'

/**
 * The configuration document in the body of a request. YAML reads JSON too, so one reader serves both, and tells line
 * and column of what it cannot read.
 */
export function readDocument(body: unknown): unknown {
  if (typeof body !== 'string') return body
  try {
    return parse(body)
  } catch (error) {
    throw new Problem(400, `the document is neither YAML nor JSON: ${firstLine(error)}`)
  }
}

/** What a parser says, without the picture that it draws. */
const firstLine = (error: unknown): string =>
  ((error as Error).message.split('\n')[0] ?? '').replace(/:$/, '')

/**
 * Refuses a body where a parameter names the document already.
 *
 * @throws Problem 422
 */
export function refuseBody(body: unknown, parameter: string): void {
  if (body === undefined || body === '' || (typeof body === 'object' && JSON.stringify(body) === '{}')) return
  throw new Problem(
    422,
    `the request has a document and \`${parameter}\`, which names one: send one of them`,
    [{ path: parameter, message: 'should not stand beside a document' }],
  )
}
