import { HttpError } from '../errors.ts'
import type { ScimHandler } from './call.ts'

/**
 * Anything at `/Me` (RFC 7644 §3.11): the token of a directory belongs to a machine, which is no user of its own.
 *
 * @throws HttpError 501
 */
export const nobody: ScimHandler = async () => {
  throw new HttpError(
    501,
    'a token of a directory belongs to no user, so there is nobody at `/Me`; use `/Users/{id}`',
  )
}
