import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decimalText, valueText } from '../../schemas/user-attribute.ts'

describe('decimalText', () => {
  it.each([
    ['7', '7'],
    ['007', '7'],
    ['+7', '7'],
    ['7.0', '7'],
    [' 7 ', '7'],
    ['0.7e1', '7'],
    ['70e-1', '7'],
    ['7e0', '7'],
    ['1e3', '1000'],
    ['12e-4', '0.0012'],
    ['-0', '0'],
    ['-0.50', '-0.5'],
    ['0000', '0'],
    ['9007199254740993', '9007199254740993'],
    ['1e+21', '1000000000000000000000'],
  ])('reads %s as %s', (text, canonical) => {
    expect(decimalText(text)).toBe(canonical)
  })

  it.each(['', 'seven', '1.', '.5', '1,5', '0x10', 'Infinity', 'NaN', '1e9999', '--1'])(
    'refuses %p',
    (text) => {
      expect(decimalText(text)).toBeUndefined()
    },
  )

  it('gives two writings of one number the same text', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e50, max: 1e50 })
    fc.assert(
      fc.property(number, (value) => {
        const text = decimalText(String(value))
        expect(Number(text)).toBe(value === 0 ? 0 : value)
        expect(decimalText(value.toExponential())).toBe(text)
        expect(decimalText(text ?? '')).toBe(text)
      }),
    )
  })
})

describe('valueText', () => {
  it('leaves out space around a text', () => {
    expect(valueText({ type: 'string' }, ' finance ')).toBe('finance')
  })

  it('takes a number for a text where a text is wanted', () => {
    expect(valueText({ type: 'string' }, 7)).toBe('7')
  })

  it('finds no value in an empty text', () => {
    expect(valueText({ type: 'string' }, '  ')).toBeUndefined()
  })
})
