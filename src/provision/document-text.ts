import { isNode, isScalar, Lexer, LineCounter, parseDocument, visit } from 'yaml'
import { repeatsName } from '../scim/repeated-name.ts'
import { checkShape, checkTextShape, SHAPE_LIMITS } from '../scim/resource/shape.ts'
import { Problem } from './problem.ts'

/** The most characters of a YAML document: to read one takes a hundred times as long as to read JSON. */
const LONGEST_YAML = 256 * 1024

/** The most characters that the values of a YAML document may have together, those that it repeats by `*alias` included. */
const LONGEST_CONTENT = 16 * LONGEST_YAML

/**
 * Reads a configuration document, JSON or YAML.
 *
 * @param what how the document is called where it cannot be read
 * @throws Problem 400 with line and column, 413 for YAML that is too long; ScimError for structure that nobody means
 */
export function readDocument(text: string, what = 'the document'): unknown {
  const json = /^\s*[{[]/.test(text) ? readJson(text) : undefined
  if (json !== undefined && !repeatsName(text, json)) return json
  if (text.length > LONGEST_YAML) {
    throw new Problem(
      413,
      `${what} is no JSON, or has one name twice, and YAML is read up to ${LONGEST_YAML} characters; write it as JSON, which may be longer`,
    )
  }
  try {
    return readYaml(text)
  } catch (error) {
    if (error instanceof RangeError) throw new Problem(400, `${what} is nested too deep`)
    if (!(error instanceof Unreadable || error instanceof ReferenceError)) throw error
    throw new Problem(400, `${what} is neither YAML nor JSON: ${error.message}`)
  }
}

function readJson(text: string): unknown {
  checkTextShape(text)
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

class Unreadable extends Error {}

function readYaml(text: string): unknown {
  checkBrackets(text)
  const lines = new LineCounter()
  // The parser compares each key of a map with each other one; `checkKeys` does not.
  const parsed = parseDocument(text, { uniqueKeys: false, prettyErrors: false, lineCounter: lines })
  const place = (at: number): string => {
    const { line, col } = lines.linePos(at)
    return `at line ${line}, column ${col}`
  }
  const [fault] = [...parsed.errors, ...parsed.warnings]
  if (fault?.code === 'RESOURCE_EXHAUSTION') throw new RangeError(fault.message)
  if (fault) throw new Unreadable(`${fault.message} ${place(fault.pos[0])}`)
  checkKeys(parsed, place)
  const document: unknown = parsed.toJS({ maxAliasCount: 100 })
  checkShape(document)
  checkLength(document)
  return document
}

/** Refuses what is nested too deep in brackets, before the parser builds it. */
function checkBrackets(text: string): void {
  let depth = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') depth += 1
    else if (lexeme === ']' || lexeme === '}') depth -= 1
    if (depth > SHAPE_LIMITS.depth)
      throw new Unreadable(`it is nested too deep: more than ${SHAPE_LIMITS.depth} levels`)
    if (depth < 0) throw new Unreadable(`\`${lexeme}\` closes what was not opened`)
  }
}

/** The value of the first of two equal keys would be lost without a word. */
function checkKeys(parsed: ReturnType<typeof parseDocument>, place: (at: number) => string): void {
  visit(parsed, {
    Map(_, map) {
      const keys = new Set<string>()
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : undefined
        const [at] = (isNode(key) ? key.range : map.range) ?? [0]
        if (name === undefined) throw new Unreadable(`a key is no text ${place(at)}`)
        if (keys.has(name)) throw new Unreadable(`the key \`${name}\` is there twice ${place(at)}`)
        keys.add(name)
      }
    },
  })
}

/** An alias costs a few characters and stands for many. */
function checkLength(document: unknown): void {
  let length = 0
  for (const open = [document]; open.length > 0;) {
    const value = open.pop()
    if (typeof value === 'string') length += value.length
    else if (typeof value === 'object' && value !== null) {
      for (const [name, each] of Object.entries(value)) {
        length += name.length
        open.push(each)
      }
    }
    if (length > LONGEST_CONTENT)
      throw new Unreadable(`its aliases stand for more than ${LONGEST_CONTENT} characters`)
  }
}
