import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { ScimError } from '../../../src/scim/error.ts'
import { UNSTORABLE } from '../../../src/scim/resource/read-value.ts'
import { parseElementFilter, parseFilter } from '../../../src/scim/filter/parse.ts'
import { parseAttrPath } from '../../../src/scim/path/parse.ts'
import { openLedger } from '../../../src/scim/quirks/ledger.ts'
import { evaluate } from '../../../src/scim/filter/evaluate.ts'
import { EXAMPLE, failure, groupType, print, refusal, syntaxCases, userType } from '../support.ts'

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

  it.each([
    ['', 'no expression', 1],
    ['title', 'an end too early', 6],
    ['title eq', 'an end too early', 9],
    ['title pr and', 'an end too early', 13],
    ['(title pr', 'an end too early', 10],
    ['title pr)', 'unexpected `)`', 9],
    ['(title pr]', 'unexpected `]`', 10],
    ['emails[type pr)', 'unexpected `)`', 15],
    ['(title eq)', 'unexpected `)`', 10],
    ['[title pr]', 'unexpected `[`', 1],
    ['title (pr)', 'unexpected `(`', 7],
    ['title eq (1)', 'unexpected `(`', 10],
    ['title pr (nickName pr)', 'unexpected `(`', 10],
    ['emails[emails[type pr]]', 'brackets inside brackets', 14],
    ['emails[(emails[type pr])]', 'brackets inside brackets', 15],
    [`${'('.repeat(33)}title pr`, 'more than 32 open brackets', 33],
    [`${'title pr or '.repeat(256)}title pr`, 'more than 256 terms', 3073],
    ['title eq "x"and title pr', 'a space is missing before `and`', 13],
    ['title pr and"x"', 'unexpected `"x"`', 13],
    ['title eq"x"', 'a space is missing before `"x"`', 9],
    ['"x" eq title', 'unexpected `"x"`', 1],
    ['title "x"', 'unexpected `"x"`', 7],
    ['title pr 5', 'unexpected `5`', 10],
    ['title lw "8"', 'the unknown operator `lw`', 7],
    ['title constructor "8"', 'the unknown operator `constructor`', 7],
    ['title eq ada', '`ada` without quotes', 10],
    ['title eq TRUE', '`TRUE` without quotes', 10],
    ['title pr nickName pr', '`nickName` where `and` or `or` is expected', 10],
    ['not title pr', '`not` without a parenthesis', 5],
    ["title eq 'x'", "unexpected `'`", 10],
    ['title eq "x', 'unexpected `"`', 10],
    ['title eq "\\c"', 'a string that is not JSON', 10],
    ['title eq "\n"', 'a string that is not JSON', 10],
    ['title eq 01', 'a number that is not JSON', 10],
  ])('FLT-17 names what is wrong and where: %j', (text, what, position) => {
    const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text
    expect(refusal(() => parseFilter(text, userType, { strict: true }))).toBe(
      `invalidFilter: ${what} at position ${position} of the filter \`${shown}\``,
    )
  })

  it.each([
    ['titel eq "x"', '`titel` is no attribute of a User'],
    ['name.nick eq "x"', '`name.nick` is no attribute of a User'],
    ['title. pr', '`title.` is not an attribute path'],
    ['emails[nick eq "x"]', '`nick` is no sub-attribute of `emails`'],
    ['title[value eq "x"]', '`title` has no sub-attributes for a filter in brackets'],
    ['emails.value[value eq "x"]', '`emails.value` has no sub-attributes for a filter in brackets'],
    ['name eq "x"', '`name` is complex: name one of its sub-attributes'],
    ['addresses eq "x"', '`addresses` is complex: name one of its sub-attributes'],
    ['password pr', '`password` cannot be used in a filter'],
    [`${EXAMPLE}:vault.value pr`, `\`${EXAMPLE}:vault.value\` cannot be used in a filter`],
    [`${EXAMPLE}:vault[value pr]`, `\`${EXAMPLE}:vault\` cannot be used in a filter`],
    [`${EXAMPLE}:doors.code pr`, `\`${EXAMPLE}:doors.code\` cannot be used in a filter`],
    [`${EXAMPLE}:doors[code eq "1"]`, `\`${EXAMPLE}:doors.code\` cannot be used in a filter`],
    ['active gt true', '`gt` cannot compare `active`, which is of type boolean'],
    ['meta.created co "2011"', '`co` cannot compare `meta.created`, which is of type dateTime'],
    ['title lt null', '`lt` cannot compare with null'],
    ['active eq "maybe"', '`active` is of type boolean and cannot be compared with `maybe`'],
    ['title eq true', '`title` is of type string and cannot be compared with `true`'],
    ['title eq "\\ud800"', '`title` is of type string and cannot be compared with `\ud800`'],
    ['meta.created eq 5', '`meta.created` is of type dateTime and cannot be compared with `5`'],
    ['x'.repeat(8193), 'the filter is longer than 8192 characters'],
  ])('FLT-17 names what cannot be asked: %j', (text, words) => {
    expect(refusal(() => parseFilter(text, userType))).toBe(`invalidFilter: ${words}`)
  })

  it('FLT-17 says that a filter is too long where it is between brackets, too', () => {
    const emails = parseAttrPath('emails', userType)
    expect(refusal(() => parseElementFilter('x'.repeat(8193), emails))).toBe(
      'invalidFilter: the filter is longer than 8192 characters',
    )
    expect(refusal(() => parseElementFilter('type eq "work"', parseAttrPath('emails.type', userType)))).toBe(
      'invalidFilter: `emails.type` has no sub-attributes for a filter in brackets',
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
    const long = `title eq "${'x'.repeat(8192 - 11)}"`
    for (const text of [deep, wide, long]) expect(failure(() => parseFilter(text, userType))).toBeUndefined()
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
