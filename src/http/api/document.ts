import { readDocument } from '../../provision/document-text.ts'
import { Problem } from '../../provision/problem.ts'

/** The configuration document in the body of a request, as JSON or YAML. */
export const documentIn = (body: unknown): unknown => (typeof body === 'string' ? readDocument(body) : body)

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
