import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { ScimError } from '../../../src/scim/error.ts'
import { UNSTORABLE } from '../../../src/scim/resource/read-value.ts'
import { parseFilter } from '../../../src/scim/filter/parse.ts'
import { openLedger } from '../../../src/scim/quirks/ledger.ts'
import { evaluate } from '../../../src/scim/filter/evaluate.ts'
import { failure, groupType, print, syntaxCases, userType } from '../support.ts'

describe('parseFilter', () => {
  it.each([
    ['title pr', '()', 'title pr'],
    ['not (title pr)', 'not (())', 'not (title pr)'],
    ['title ne "x" and members pr', '(() and members pr)', '(title ne "x" and ())'],
    ['title eq null', 'not (())', 'not (title pr)'],
    ['emails[type eq "work"] or id pr', '(() or id pr)', '(emails[type eq "work"] or id pr)'],
  ])('FLT-18 knows attributes of other types, without a value: %s', (text, ofGroup, ofUser) => {
    expect(print(parseFilter(text, groupType, {}, [userType]))).toBe(ofGroup)
    expect(print(parseFilter(text, userType, {}, [groupType]))).toBe(ofUser)
  })

  it('FLT-18 takes `ne` for true where there is no value, and all else for false', () => {
    const group = { displayName: 'x' }
    for (const [text, expected] of [
      ['title ne "x"', true],
      ['title eq "x"', false],
      ['title ne null', false],
      ['title co "x" or title gt "x"', false],
    ] as const) {
      expect(evaluate(parseFilter(text, groupType, {}, [userType]), group)).toBe(expected)
    }
  })

  it.each(['nothing pr', 'title xx 1', 'active gt true', 'emails[nothing pr]', 'password pr'])(
    'FLT-18 refuses what is wrong for every type: %s',
    (text) => {
      expect(failure(() => parseFilter(text, groupType, {}, [userType]))).toBe('invalidFilter')
    },
  )

  it.each(syntaxCases('filter_valid.txt'))(
    'FLT-02 FLT-03 FLT-05 FLT-16 reads %s to the letter',
    (text, canonical) => {
      expect(print(parseFilter(text, userType, { strict: true }))).toBe(canonical)
    },
  )

  it.each(syntaxCases('filter_valid.txt'))('reads %s the same when tolerant', (text, canonical) => {
    const ledger = openLedger()
    expect(print(parseFilter(text, userType, ledger))).toBe(canonical)
    expect(ledger.notices().rewrites).toEqual([])
  })

  it.each(syntaxCases('filter_tolerant.txt'))(
    'takes %s as a client means it',
    (text, canonical, rewrites) => {
      const ledger = openLedger()
      expect(print(parseFilter(text, userType, ledger))).toBe(canonical)
      expect([...ledger.notices().rewrites].sort().join(' ')).toBe(rewrites)
    },
  )

  it.each(syntaxCases('filter_tolerant.txt'))('FLT-04 FLT-23 refuses %s when strict', (text) => {
    expect(failure(() => parseFilter(text, userType, { strict: true }))).toBe('invalidFilter')
  })

  it.each(syntaxCases('filter_strict_invalid.txt'))('refuses %s when strict, too', (text) => {
    expect(failure(() => parseFilter(text, userType, { strict: true }))).toBe('invalidFilter')
    expect(failure(() => parseFilter(text, userType))).toBeUndefined()
  })

  it.each(syntaxCases('filter_invalid.txt').map((columns) => [columns.join('\t')]))(
    'FLT-01 FLT-09 FLT-13 FLT-15 FLT-17 FLT-19 refuses %j',
    (text) => {
      for (const strict of [true, false]) {
        expect(failure(() => parseFilter(text, userType, { strict }))).toBe('invalidFilter')
      }
    },
  )

  it.each(['', ' ', '\t', '\n', '\0'])('FLT-01 refuses a filter of nothing (%j)', (text) => {
    expect(failure(() => parseFilter(text, userType))).toBe('invalidFilter')
  })

  it('FLT-17 names what is wrong and where', () => {
    expect(() => parseFilter('userName lw "x"', userType)).toThrow(
      'the unknown operator `lw` at position 10 of the filter `userName lw "x"`',
    )
    expect(() => parseFilter('titel eq "x"', userType)).toThrow('`titel` is no attribute of a User')
    expect(() => parseFilter('active gt true', userType)).toThrow(
      '`gt` cannot compare `active`, which is of type boolean',
    )
  })

  it('raises nothing but invalidFilter, whatever the tokens', () => {
    fc.assert(
      fc.property(tokenSoup, fc.boolean(), (text, strict) => {
        try {
          parseFilter(text, userType, { strict })
        } catch (error) {
          expect(error).toBeInstanceOf(ScimError)
          expect((error as ScimError).scimType).toBe('invalidFilter')
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('FLT-05 reads back what it prints', () => {
    fc.assert(
      fc.property(filterText, (text) => {
        const printed = print(parseFilter(text, userType, { strict: true }))
        expect(print(parseFilter(printed, userType, { strict: true }))).toBe(printed)
      }),
      { numRuns: 1000 },
    )
  })

  it('FLT-04 keeps every text as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (value) => {
        fc.pre(!UNSTORABLE.test(value))
        expect(parseFilter(`title eq ${JSON.stringify(value)}`, userType)).toMatchObject({ value })
      }),
    )
  })
})

describe('the limits of a filter', () => {
  it('FLT-21 refuses one that is too long, too deep or has too many terms', () => {
    const cases = [
      `title eq "${'x'.repeat(9000)}"`,
      `${'('.repeat(33)}title pr${')'.repeat(33)}`,
      `${'not ('.repeat(33)}title pr${')'.repeat(33)}`,
      Array.from({ length: 257 }, () => 'title pr').join(' and '),
    ]
    for (const text of cases) expect(failure(() => parseFilter(text, userType))).toBe('invalidFilter')
  })

  it('reads one at the limits', () => {
    const deep = `${'('.repeat(32)}title pr${')'.repeat(32)}`
    const wide = Array.from({ length: 256 }, () => 'title pr').join(' or ')
    for (const text of [deep, wide]) expect(failure(() => parseFilter(text, userType))).toBeUndefined()
  })
})

const words = [
  'userName',
  'title',
  'emails',
  'emails.value',
  'active',
  'name',
  'urn:ietf:params:scim:schemas:core:2.0:User:title',
  'eq',
  'ne',
  'co',
  'pr',
  'gt',
  'and',
  'or',
  'not',
  'true',
  'null',
  '"x"',
  '"',
  '\\',
  '5',
  '-1e9',
  '(',
  ')',
  '[',
  ']',
  '].value',
  '.',
  '$',
  '%',
  '__proto__',
  'constructor',
  'meta.created',
  '"2011-05-13T04:42:34Z"',
  '\n',
  'ü',
  "'",
  ',',
]
const tokenSoup = fc
  .array(fc.tuple(fc.constantFrom(...words), fc.constantFrom('', ' ', '  ')), { maxLength: 14 })
  .map((tokens) => tokens.flat().join(''))

const term = fc.oneof(
  fc.constantFrom(
    'title pr',
    'active eq true',
    'emails[type eq "work" and not (value co "x")]',
    'name.givenName ne null',
  ),
  fc
    .tuple(fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'le'), fc.string())
    .map(([op, value]) => `title ${op} ${JSON.stringify(value)}`),
)
const { tree: filterText } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    term,
    fc.tuple(tie('tree'), fc.constantFrom('and', 'or'), tie('tree')).map(([a, op, b]) => `${a} ${op} ${b}`),
    tie('tree').map((inner) => `not (${inner})`),
    tie('tree').map((inner) => `(${inner})`),
  ),
}))
