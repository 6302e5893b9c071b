import { describe, expect, it } from '@jest/globals'
import { parseFilter } from '../../../src/scim/filter/parse.ts'
import { filterText, whyNotMatched } from '../../../src/scim/filter/why.ts'
import { userType } from '../support.ts'

describe('the text of a filter', () => {
  it.each([
    'userType eq "Employee"',
    'title pr and not (active eq true)',
    'title pr or userType ne "x" and active eq false',
    '(title pr or userType ne "x") and active eq false',
    'emails[type eq "work" and (value co "@acme" or primary eq true)]',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department sw "Fin\\"ance"',
    'meta.created gt "2026-01-01T00:00:00.000Z"',
  ])('means what it was read from: %s', (text) => {
    const filter = parseFilter(text, userType)
    expect(parseFilter(filterText(filter), userType)).toEqual(filter)
    expect(filterText(filter)).toBe(text)
  })
})

describe('why a filter does not match', () => {
  const user = {
    userName: 'ada',
    userType: 'Contractor',
    emails: [
      { value: 'ada@acme.example', type: 'home' },
      { value: 'a@b.example', type: 'home' },
    ],
  }

  it.each<[string, string | undefined]>([
    ['userType eq "contractor"', undefined],
    ['userType eq "Employee"', '`userType eq "Employee"` does not match: `userType` is `"Contractor"`'],
    ['title pr', '`title pr` does not match: `title` has no value'],
    ['userType pr and title eq "x"', '`title eq "x"` does not match: `title` has no value'],
    ['title pr or userType eq "x"', 'nothing of `title pr or userType eq "x"` matches'],
    ['not (userType pr)', '`userType pr` matches, and must not'],
    ['emails.type eq "work"', '`emails.type eq "work"` does not match: `emails.type` is `"home"`, `"home"`'],
  ])('%s', (text, why) => {
    expect(whyNotMatched(parseFilter(text, userType), user)).toBe(why)
  })
})
