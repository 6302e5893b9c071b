import { describe, expect, it } from '@jest/globals'
import { joinNotices, openLedger } from '../../../src/scim/quirks/ledger.ts'

describe('a ledger', () => {
  it('allows everything and remembers it once, in the order of its use', () => {
    const ledger = openLedger()
    expect([ledger.allows('N2'), ledger.allows('N1'), ledger.allows('N2')]).toEqual([true, true, true])
    expect([ledger.ignores('colour'), ledger.ignores('size'), ledger.ignores('colour')]).toEqual([
      true,
      true,
      true,
    ])
    expect(ledger.notices()).toEqual({ ignored: ['colour', 'size'], rewrites: ['N2', 'N1', 'N23'] })
    expect(ledger.strict).toBe(false)
  })

  it('allows nothing to the letter, and has nothing to tell', () => {
    const ledger = openLedger({ strict: true })
    expect([ledger.allows('N1'), ledger.ignores('colour')]).toEqual([false, false])
    expect(ledger.notices()).toEqual({ ignored: [], rewrites: [] })
    expect(ledger.strict).toBe(true)
  })

  it('keeps a hundred names of two hundred characters, and lets the others pass', () => {
    const ledger = openLedger()
    for (let i = 100; i < 300; i++) expect(ledger.ignores(`${i}${'x'.repeat(300)}`)).toBe(true)
    const { ignored } = ledger.notices()
    expect(ignored).toHaveLength(100)
    expect(ignored[99]).toBe(`199${'x'.repeat(197)}`)
  })

  it('is told together with another one, each thing once', () => {
    const joined = joinNotices(
      { ignored: ['a', 'b'], rewrites: ['N1', 'N2'] },
      { ignored: ['b', 'c'], rewrites: ['N2', 'N3'] },
    )
    expect(joined).toEqual({ ignored: ['a', 'b', 'c'], rewrites: ['N1', 'N2', 'N3'] })
  })
})
