import type { ResourceType } from '../../../schemas/definition.ts'
import type { AttrPath } from '../path/path.ts'
import { rewriteFilterText } from '../quirks/filter-text.ts'
import { openLedger, type Ledger, type Reading } from '../quirks/ledger.ts'
import type { Filter } from './filter.ts'
import { parseGrammar } from './grammar.ts'
import { LONGEST_FILTER } from './lex.ts'
import { resolveElementFilter, resolveFilter } from './resolve.ts'

/**
 * Reads a filter (RFC 7644 §3.4.2.2) and resolves it against a resource type.
 *
 * Tolerant unless `strict`: the habits of clients that `quirks/rewrites.ts` names are read as what they mean. Given a
 * ledger, it says what is allowed and learns what was used.
 *
 * @param others the other resource types of an endpoint that has several: their attributes are known here too, and have
 *   no value (RFC 7644 §3.4.2.1)
 * @throws ScimError `invalidFilter`, and nothing else, whatever the text
 * @example parseFilter('emails[type eq "work" and value co "@example.com"] and active eq true', userType)
 */
export function parseFilter(
  text: string,
  type: ResourceType,
  reading: Reading | Ledger = {},
  others: readonly ResourceType[] = [],
): Filter {
  const ledger = asLedger(reading)
  return resolveFilter(parseGrammar(inGrammar(text, ledger)), type, ledger, others)
}

/**
 * Reads the filter between the brackets of a path, where names are those of the attribute's sub-attributes.
 *
 * @throws ScimError `invalidFilter`
 */
export function parseElementFilter(text: string, path: AttrPath, reading: Reading | Ledger = {}): Filter {
  const ledger = asLedger(reading)
  return resolveElementFilter(parseGrammar(inGrammar(text, ledger)), path, ledger)
}

function asLedger(reading: Reading | Ledger): Ledger {
  return 'allows' in reading ? reading : openLedger(reading)
}

/** A text that is too long is not rewritten: the parser says so. */
function inGrammar(text: string, ledger: Ledger): string {
  return ledger.strict || text.length > LONGEST_FILTER ? text : rewriteFilterText(text, ledger)
}
