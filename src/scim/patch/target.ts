import type { ResourceType } from '../../../schemas/definition.ts'
import { findAttribute } from '../attribute.ts'
import { invalidPath, quote } from '../error.ts'
import { parseElementFilter } from '../filter/parse.ts'
import { resolvePath } from '../path/parse.ts'
import { pathName, subPath } from '../path/path.ts'
import { splitValuePath } from '../path/value-path.ts'
import { openLedger, type Ledger } from '../quirks/ledger.ts'
import type { Target } from './patch.ts'

/**
 * Reads a PATCH path to the letter.
 *
 * @throws ScimError `invalidPath`, `invalidFilter` for what stands in the brackets
 * @example parseTarget('emails[type eq "work"].value', userType)
 */
export function parseTarget(text: string, type: ResourceType): Target {
  const target = resolveTarget(text, type, openLedger({ strict: true }))
  if (target) return target
  throw invalidPath(`${quote(text)} is no attribute of a ${type.name}`)
}

/**
 * Resolves a PATCH path (RFC 7644 §3.5.2, Figure 7), or says undefined where its names are known to nobody.
 *
 * @throws ScimError `invalidPath` for a malformed path, `invalidFilter` for what stands in the brackets
 */
export function resolveTarget(text: string, type: ResourceType, ledger: Ledger): Target | undefined {
  const parts = splitValuePath(text)
  const path = resolvePath(parts.attribute, type)
  if (!path || parts.filter === undefined) return path && { path }
  if (
    path.sub ||
    path.attribute.type !== 'complex' ||
    (!path.attribute.multiValued && !ledger.allows('N13'))
  ) {
    throw invalidPath(`\`${pathName(path)}\` has no values to select by the filter in ${quote(text)}`)
  }
  const filter = parseElementFilter(parts.filter, path, ledger)
  if (parts.sub === undefined) return { path, filter }
  const sub = findAttribute(path.attribute.subAttributes ?? [], parts.sub)
  return sub && { path: subPath(path, sub), filter }
}
