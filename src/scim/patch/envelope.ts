import { invalidSyntax, quote } from '../error.ts'
import type { Ledger } from '../quirks/ledger.ts'
import { isObject } from '../resource/resource.ts'
import { entriesOf } from '../resource/shape.ts'
import { listsUrn } from '../urn.ts'

/** The three operations of RFC 7644 §3.5.2. */
export type Verb = 'add' | 'remove' | 'replace'

/**
 * The operations in the body of a PATCH, unread.
 *
 * @throws ScimError `invalidSyntax` where the body is no PatchOp message (RFC 7644 §3.5.2)
 */
export function listOperations(body: object, ledger: Ledger): readonly unknown[] {
  const entries = entriesOf(body)
  if (!listsUrn(entries.get('schemas')?.[1], PATCH_OP) && !ledger.allows('N3'))
    throw invalidSyntax('`schemas` does not list the PatchOp message')
  const [name, sent] = entries.get('operations') ?? []
  if (name !== 'Operations') ledger.allows('N2')
  if (Array.isArray(sent) && sent.length > 0) return sent as unknown[]
  if ((Array.isArray(sent) || isObject(sent)) && ledger.allows('N2')) return Array.isArray(sent) ? [] : [sent]
  throw invalidSyntax('`Operations` must be a list of one or more operations')
}

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** Reads `op`. */
export function readVerb(sent: unknown, ledger: Ledger): Verb {
  const op = typeof sent === 'string' ? sent.toLowerCase() : undefined
  if ((op === 'add' || op === 'remove' || op === 'replace') && (op === sent || ledger.allows('N1'))) return op
  throw invalidSyntax(`\`op\` must be add, remove or replace, not ${quote(sent ?? null)}`)
}
