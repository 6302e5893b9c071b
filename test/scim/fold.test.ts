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
  ])('USR-02 does away with %s', (_, text, folded) => {
    expect(fold(text)).toBe(folded)
  })

  it('USR-02 keeps letters apart that only look alike', () => {
    expect(fold('раypal')).not.toBe(fold('paypal'))
    expect(fold('ß')).not.toBe(fold('ss'))
  })

  it('USR-02 SCH-25 changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expect(fold(fold(text))).toBe(fold(text))),
      { numRuns: 5000 },
    )
  })
})
