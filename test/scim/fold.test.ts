import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { fold } from '../../src/scim/fold.ts'

describe('fold', () => {
  it.each([
    ['full width', 'Ａｄａ', 'ada'],
    ['composed and decomposed', 'JU\u0308RGEN', 'jürgen'],
    ['the Kelvin sign', '\u212A', 'k'],
    ['long s', 'ſ', 's'],
    ['a sigma at the end of a word', 'ΟΔΟΣ', 'οδοσ'],
    ['a ligature', 'ﬁ', 'fi'],
  ])('does away with %s', (_, text, folded) => {
    expect(fold(text)).toBe(folded)
  })

  it('keeps letters apart that only look alike', () => {
    expect(fold('раypal')).not.toBe(fold('paypal'))
    expect(fold('ß')).not.toBe(fold('ss'))
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expect(fold(fold(text))).toBe(fold(text))),
      { numRuns: 5000 },
    )
  })
})
