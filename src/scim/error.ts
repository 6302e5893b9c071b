/** The detail keywords of a SCIM error (RFC 7644 §3.12, Table 9; the last three RFC 9865 §2.1). */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount'

/**
 * A SCIM request that cannot be served (RFC 7644 §3.12).
 *
 * `message` becomes the `detail` of the answer. Identity providers show it to administrators word by word, so it
 * names the attribute and the value that offend.
 */
export class ScimError extends Error {
  override name = 'ScimError'
  readonly status: number
  readonly scimType: ScimType | undefined
  /** In how many seconds to ask again, where that helps. */
  readonly retryAfter: number | undefined

  constructor(status: number, detail: string, scimType?: ScimType, retryAfter?: number) {
    super(detail)
    this.status = status
    this.scimType = scimType
    this.retryAfter = retryAfter
  }
}

/** A filter that is malformed, or that compares what cannot be compared. */
export const invalidFilter = (detail: string) => new ScimError(400, detail, 'invalidFilter')

/** A PATCH path, or an attribute name, that is malformed or names nothing. */
export const invalidPath = (detail: string) => new ScimError(400, detail, 'invalidPath')

/** A body that has not the structure of its message. */
export const invalidSyntax = (detail: string) => new ScimError(400, detail, 'invalidSyntax')

/** A value that is missing, or not of the type that the schema gives. */
export const invalidValue = (detail: string) => new ScimError(400, detail, 'invalidValue')

/** A change of what the client may not change. */
export const mutability = (detail: string) => new ScimError(400, detail, 'mutability')

/** A PATCH operation that leads to nothing. */
export const noTarget = (detail: string) => new ScimError(400, detail, 'noTarget')

/** A query whose answer would be too large or too costly. */
export const tooMany = (detail: string) => new ScimError(400, detail, 'tooMany')

/** A value that another resource of the directory holds already. */
export const uniqueness = (detail: string) => new ScimError(409, detail, 'uniqueness')

/** User input as it stands in an error: in backticks, and cut when it is long. */
export function quote(input: unknown): string {
  const text = typeof input === 'string' ? input : (JSON.stringify(input) ?? String(input))
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``
}
