/** One page of a query (RFC 7644 §3.4.2, RFC 9865 §2). */
export interface Page {
  /** How many resources the whole query has. */
  readonly totalResults: number
  /** The resources of this page, each as JSON text. */
  readonly resources: readonly string[]
  /** The place of the first one, from 1. Not given where a cursor says the place. */
  readonly startIndex?: number
  readonly nextCursor?: string
  readonly previousCursor?: string
}

/**
 * The text of a ListResponse. `Resources` is there on an empty page too: clients read it without asking.
 *
 * Resources are stored as text and go out as text, so a page of them is never parsed.
 */
export function listResponse({ totalResults, resources, ...place }: Page): string {
  const { startIndex, nextCursor, previousCursor } = place
  const head = JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults,
    itemsPerPage: resources.length,
    startIndex,
    nextCursor,
    previousCursor,
  })
  return `${head.slice(0, -1)},"Resources":[${resources.join(',')}]}`
}
