import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { repeatsName } from '../../src/scim/repeated-name.ts'

const repeats = (text: string) => repeatsName(text, JSON.parse(text))

describe('repeatsName', () => {
  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '[{"b":{"a":1,"c":2,"a" \n\t:3}}]',
    '{"__proto__":1,"__proto__":2}',
    '{"":1,"":2}',
  ])('SCH-03 finds it in %s', (text) => {
    expect(repeats(text)).toBe(true)
  })

  it.each([
    '{}',
    '[]',
    '"a"',
    'null',
    '["a","a"]',
    '{"a":"a","b":"a:\\":"}',
    '{"a":{"a":{"a":1}},"A":1}',
    '{"a\\\\":1,"b\\"":"\\\\"}',
    '{"__proto__":1}',
  ])('SCH-03 finds none in %s', (text) => {
    expect(repeats(text)).toBe(false)
  })

  it('SCH-03 finds none in what JavaScript writes', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        expect(repeats(text)).toBe(false)
      }),
    )
  })

  it('SCH-03 takes a text of any length', () => {
    expect(repeats(JSON.stringify({ a: '\\"'.repeat(4_000_000) }))).toBe(false)
  })
})
