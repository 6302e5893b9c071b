import { describe } from '@jest/globals'
import { check, onEachEngine } from './stage.ts'
import type { WrongRequest } from './stage.ts'

onEachEngine(() => {
  describe('a filter that is not understood', () => {
    const refuse = (filter: string, scimType = 'invalidFilter', endpoint = '/Users'): WrongRequest => ({
      send: `GET ${endpoint}?filter=${encodeURIComponent(filter)}`,
      status: 400,
      scimType,
    })
    const short = String.raw`
    userName
    userName eq
    userName xx "a"
    userName eq "a
    userName eq "a" and
    userName eq "\c"
    userName eq "a\u0000"
    emails[value eq "a\u0000"]
    (userName pr
    userName pr)
    userName pr userName pr
    userName pr andr active pr
    not userName pr
    nosuch eq "x"
    userName.nosuch eq "x"
    name eq "x"
    name. pr
    active gt true
    active co "t"
    active eq 7
    meta.created gt "yesterday"
    userName[
    emails[]
    emails[type eq "work"
    emails[type eq "work"].
    emails[emails[type eq "x"]]
    ["x"]
    password eq "x"
    __proto__ eq "x"
    constructor pr
    toString.x pr
    name.__proto__ pr
  `
    const filters = [
      ...short.trim().split(/\n\s*/),
      '',
      ' ',
      `${'('.repeat(2000)}userName pr${')'.repeat(2000)}`,
      `${'not ('.repeat(500)}userName pr${')'.repeat(500)}`,
      Array.from({ length: 900 }, () => 'id pr').join(' or '),
      `${'a.'.repeat(5000)}b pr`,
      `${'emails['.repeat(200)}x`,
      `displayName eq "${'å'.repeat(9000)}"`,
    ]
    check(
      Object.fromEntries(
        filters.map((filter, index) => [`${index}: ${filter.slice(0, 60)}`, refuse(filter)]),
      ),
    )
    check({
      'U+0000 as it is': { ...refuse('userName eq "a\0"'), scimType: 'invalidValue' },
      'over groups': refuse('displayName xx "a"', 'invalidFilter', '/Groups'),
      'of members': refuse('members[value eq', 'invalidFilter', '/Groups'),
      'HTTP-15 given twice': {
        send: 'GET /Users?filter=userName%20pr&filter=active%20pr',
        status: 400,
        scimType: 'invalidValue',
        says: ['filter'],
      },
      'PAG-07 beside a startIndex that is a word': {
        send: 'GET /Users?startIndex=abc',
        status: 400,
        scimType: 'invalidValue',
        says: ['startIndex'],
      },
      'PAG-07 beside a count with a fraction': {
        send: 'GET /Users?count=1.5',
        status: 400,
        scimType: 'invalidValue',
        says: ['count'],
      },
      'GET-04 beside both projections': {
        send: 'GET /Users?attributes=userName&excludedAttributes=emails',
        status: 400,
        scimType: 'invalidValue',
        says: ['excludedAttributes'],
      },
    })
  })
})
