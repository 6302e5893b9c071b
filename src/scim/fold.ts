const BEYOND_ASCII = /[^\p{ASCII}]/u

/**
 * The form in which texts are compared where `caseExact` is false (RFC 7643 §7, RFC 7644 §7.8).
 *
 * Compatibility forms, composition and letter case no longer tell two texts apart. Computed here and stored, because
 * SQLite folds ASCII only and PostgreSQL folds as its locale says.
 *
 * @example fold('Ｊürgen') === fold('JU\u0308RGEN')
 */
export function fold(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase()
  // Lower case writes a sigma at the end of a word in another way, which would make a prefix differ from its word.
  return text.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').normalize('NFKC')
}
