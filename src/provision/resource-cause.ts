import { ScimError } from '../scim/error.ts'
import type { Cause } from './cause.ts'

/** A request of a directory about its resources. */
export interface ResourceCause extends Cause {
  readonly directoryId: string
  /** The header `If-Match`, when the client sent it. */
  readonly ifMatch?: string | undefined
  /** The header `If-None-Match`, when the client sent it. */
  readonly ifNoneMatch?: string | undefined
  /** How the request was built, without its values: for the ledger of habits. */
  readonly shape?: (() => string) | undefined
}

/** The version of a resource as an entity tag (RFC 7644 §3.14). */
export const etag = (version: number): string => `W/"${version}"`

/**
 * Whether a list of entity tags names a version. Tags compare without their weakness marker, since SCIM shows weak
 * ones in `If-Match` where RFC 9110 asks for strong ones, and without what other resources add to them.
 */
export function namesVersion(tags: string, version: number): boolean {
  return tags.split(',').some((tag) => {
    const [, number] = /^(?:W\/)?"(\d+)(?:-\w+)?"$/.exec(tag.trim()) ?? []
    return tag.trim() === '*' || number === String(version)
  })
}

/** What a request demands of the version of the resource. */
type Condition = Pick<ResourceCause, 'ifMatch' | 'ifNoneMatch'>

/** Whether a request makes any demand. */
export const isConditional = ({ ifMatch, ifNoneMatch }: Condition): boolean =>
  ifMatch !== undefined || ifNoneMatch !== undefined

/** @throws ScimError 412 when the client asks for another version than the present one, or for another one than this */
export function requireVersion({ ifMatch, ifNoneMatch }: Condition, version: number): void {
  if (ifMatch !== undefined && !namesVersion(ifMatch, version)) {
    throw new ScimError(
      412,
      `the resource is at version ${etag(version)} and not at ${ifMatch}; read it again and repeat the change`,
    )
  }
  if (ifNoneMatch !== undefined && namesVersion(ifNoneMatch, version)) {
    throw new ScimError(412, `the resource is at version ${etag(version)}, which \`If-None-Match\` rules out`)
  }
}

/** The moment of a change: the present one, or that of the change before where the clock was set back since. */
export const notBefore = (last: string, now: string): string => (now < last ? last : now)
