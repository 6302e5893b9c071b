/** What is wrong at one place of a document, as it stands in an answer. */
export interface Fault {
  /** Where: `connections[0].values`, or the name of a parameter. */
  readonly path: string
  readonly message: string
}

/**
 * A request of an administrator or a service that cannot be done, with the HTTP status that says so.
 *
 * `detail` is one sentence in the caller's vocabulary that says what to do.
 */
export class Problem extends Error {
  override name = 'Problem'
  readonly status: number
  readonly detail: string
  readonly errors: readonly Fault[] | undefined

  constructor(status: number, detail: string, errors?: readonly Fault[]) {
    super(detail)
    this.status = status
    this.detail = detail
    this.errors = errors
  }
}
