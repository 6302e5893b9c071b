import { ScimError } from '../scim/error.ts'
import type { Cause } from './cause.ts'

/** A request of a directory about its resources. */
export interface ResourceCause extends Cause {
  readonly directoryId: string
  /** The header `If-Match`, when the client sent it. */
  readonly ifMatch?: string | undefined
  /** How the request was built, without its values: for the ledger of habits. */
  readonly shape?: (() => string) | undefined
}

/** The version of a resource as an entity tag (RFC 7644 §3.14). */
export const etag = (version: number): string => `W/"${version}"`

/**
 * Whether a list of entity tags names a version. Tags compare without their weakness marker, since SCIM shows weak
 * ones in `If-Match` where RFC 9110 asks for strong ones.
 */
export function namesVersion(tags: string, version: number): boolean {
  return tags.split(',').some((tag) => ['*', `"${version}"`].includes(tag.trim().replace(/^W\//, '')))
}

/** @throws ScimError 412 when the client asks for another version than the present one */
export function requireVersion(cause: ResourceCause, version: number): void {
  if (cause.ifMatch === undefined || namesVersion(cause.ifMatch, version)) return
  throw new ScimError(
    412,
    `the resource is at version ${etag(version)} and not at ${cause.ifMatch}; read it again and repeat the change`,
  )
}
