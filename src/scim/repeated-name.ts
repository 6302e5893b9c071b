/**
 * Whether an object in a JSON text has one name twice. `JSON.parse` keeps the last of them without a word, and whoever
 * checked the first has checked nothing.
 *
 * In valid JSON a text before a colon is a name, so the names can be counted without a parser.
 */
export function repeatsName(text: string, parsed: unknown): boolean {
  return namesWritten(text) !== namesKept(parsed)
}

function namesWritten(text: string): number {
  let names = 0
  for (let open = text.indexOf('"'); open !== -1;) {
    const close = closingQuote(text, open)
    let next = close + 1
    while (isSpace(text.charCodeAt(next))) next++
    if (text[next] === ':') names++
    open = text.indexOf('"', next)
  }
  return names
}

/** A quote behind an odd number of backslashes is part of the text. */
function closingQuote(text: string, open: number): number {
  for (let close = text.indexOf('"', open + 1); ; close = text.indexOf('"', close + 1)) {
    let first = close
    while (text[first - 1] === '\\') first--
    if ((close - first) % 2 === 0) return close
  }
}

/** The white space of RFC 8259 §2. */
const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

/** Goes down without recursion, so no depth can exhaust it. */
function namesKept(parsed: unknown): number {
  let names = 0
  const open = [parsed]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) continue
    const inner = Object.values(value) as unknown[]
    if (!Array.isArray(value)) names += inner.length
    for (const each of inner) open.push(each)
  }
  return names
}
