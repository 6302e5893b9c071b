import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { instant } from '../../src/scim/date-time.ts'
import { syntaxCases } from './support.ts'

describe('instant', () => {
  it.each(syntaxCases('date_time_valid.txt'))('SCH-09 reads %s', (text, utc) => {
    expect(new Date(instant(text) ?? Number.NaN).toISOString()).toBe(utc)
  })

  it.each([...syntaxCases('date_time_invalid.txt'), ['']])('SCH-09 refuses %j', (text) => {
    expect(instant(text)).toBeUndefined()
  })

  it('reads what JavaScript writes', () => {
    const years = {
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }
    fc.assert(fc.property(fc.date(years), (date) => expect(instant(date.toISOString())).toBe(date.getTime())))
  })
})
