import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { checkShape, checkTextShape, SHAPE_LIMITS } from '../../../src/scim/resource/shape.ts'
import { failure, refusal } from '../support.ts'

const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
const wide = (values: number) => `[${Array(values).fill(0).join(',')}]`

describe('the shape of a body', () => {
  it.each([
    ['as deep as may be', nested(SHAPE_LIMITS.depth), undefined],
    [
      'deeper',
      nested(SHAPE_LIMITS.depth + 1),
      'invalidSyntax: the body is nested too deep: more than 32 levels',
    ],
    ['as many values as may be', wide(SHAPE_LIMITS.nodes), undefined],
    ['one more', wide(SHAPE_LIMITS.nodes + 1), 'invalidSyntax: the body has more than 500000 values'],
    ['brackets and commas in a text', JSON.stringify({ a: `\\"${'[,'.repeat(1e6)}\\` }), undefined],
    [
      'brackets after a text that ends with a backslash',
      `["\\\\",${nested(40)}]`,
      'invalidSyntax: the body is nested too deep: more than 32 levels',
    ],
  ])('is judged alike in the text and in what is parsed from it: %s', (_, text, expected) => {
    expect(refusal(() => checkTextShape(text))).toBe(expected)
    expect(refusal(() => checkShape(JSON.parse(text)))).toBe(expected)
  })

  it.each([
    '[ { \t\r\n} , [\n\t\r ] , {} ]',
    '["a","b","c"]',
    '[0, -1.5e3, null]',
    '[[["a"]]]',
    '{"a":{"b":"["},"c":{}}',
    '[["\\\\"],"\\""]',
  ])('has three values in %j', (text) => {
    const [three, two] = [
      { depth: 3, nodes: 3 },
      { depth: 3, nodes: 2 },
    ]
    expect(refusal(() => checkTextShape(text, three))).toBeUndefined()
    expect(refusal(() => checkShape(JSON.parse(text), three))).toBeUndefined()
    expect(refusal(() => checkTextShape(text, two))).toMatch('more than 2 values')
    expect(refusal(() => checkShape(JSON.parse(text), two))).toMatch('more than 2 values')
  })

  it.each(['', '"ab', '["a', '"\\', ']', '}{', ',', '["a",'])('is none of %j, which is no JSON', (text) => {
    expect(refusal(() => checkTextShape(text))).toBeUndefined()
  })

  it('is judged alike in any text and in what is parsed from it', () => {
    const limits = fc.record({ depth: fc.integer({ min: 0, max: 4 }), nodes: fc.integer({ min: 0, max: 9 }) })
    const blanks = fc.constantFrom('', ' ', '\t', '\n', ' \r\n')
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), blanks, limits, (value, blank, limit) => {
        const text = JSON.stringify(value, null, blank)
        expect(failure(() => checkTextShape(text, limit))).toBe(failure(() => checkShape(value, limit)))
      }),
      { numRuns: 2000 },
    )
  })

  it('is no reason to refuse a small body, whatever it holds', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 10 }), (text) => checkTextShape(text)))
  })
})
