import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { evaluate } from '../../../src/scim/filter/evaluate.ts'
import { parseFilter } from '../../../src/scim/filter/parse.ts'
import { compareText } from '../../../src/scim/resource/prepare.ts'
import type { Resource } from '../../../src/scim/resource/resource.ts'
import { ENTERPRISE, EXAMPLE, userType } from '../support.ts'

const ada: Resource = {
  id: 'aB1',
  externalId: 'Ext',
  userName: 'Ada@Example.com',
  name: { givenName: 'Ada' },
  title: '100% _x\\',
  active: false,
  emails: [
    { value: 'ada@example.com', type: 'work', primary: true },
    { value: 'ada@home.example', type: 'home' },
  ],
  meta: { created: '2011-05-13T04:42:34Z' },
  x509Certificates: [{ value: 'MIIC' }],
  [ENTERPRISE]: { department: 'Research', manager: { value: 'cleo' } },
  [EXAMPLE]: { age: 0, tags: ['Red', 'blue'], since: '2011-05-13T06:42:34.000+02:00' },
}

const matches = (text: string, resource = ada) => evaluate(parseFilter(text, userType), resource)

describe('evaluate', () => {
  it.each([
    'userName eq "ADA@example.COM"',
    'userName sw "ada@"',
    'userName co "@EXAMPLE"',
    'userName ew ".com"',
    'externalId eq "Ext"',
    'id eq "aB1"',
    'title sw "100%"',
    'title co "_X"',
    'title ew "\\\\"',
    'active eq false',
    'active pr',
    'active ne true',
    `${EXAMPLE}:age pr`,
    `${EXAMPLE}:age eq 0`,
    `${EXAMPLE}:age lt 0.5`,
    `${EXAMPLE}:age ge 0`,
    `${EXAMPLE}:tags eq "RED"`,
    'x509Certificates co "IIC"',
    'x509Certificates.value sw "MII" and x509Certificates pr',
    `${EXAMPLE}:tags ne "red"`,
    `${EXAMPLE}:since eq "2011-05-13T04:42:34Z"`,
    'meta.created lt "2011-05-13T04:42:34.001Z"',
    'meta.created ge "2011-05-13T06:42:34+02:00"',
    'emails eq "ada@home.example"',
    'emails.type eq "work" and emails.value ew "home.example"',
    'emails[type eq "home" and value ew "home.example"]',
    'emails[type eq "home" and not (primary eq true)]',
    'emails[primary ne true]',
    'emails pr and name pr and emails.primary pr',
    `${ENTERPRISE}:manager[value eq "cleo"]`,
    `${ENTERPRISE}:department eq "research"`,
    `schemas eq "${ENTERPRISE}"`,
    `schemas eq "${userType.schema.id}"`,
    'nickName ne "x"',
    'nickName eq null',
    'title ne null',
    'emails ne "ada@example.com"',
    'roles ne "x"',
    'userName gt "a" and userName lt "b"',
    'not (nickName pr)',
    'title pr or nickName pr and locale pr',
  ])('FLT-06 FLT-07 FLT-08 FLT-10 FLT-12 FLT-14 FLT-24 finds %s', (text) => {
    expect(matches(text)).toBe(true)
  })

  it.each([
    'externalId eq "ext"',
    'id eq "ab1"',
    'externalId sw "e"',
    'title eq "100"',
    'title co "%%"',
    'active eq true',
    'nickName eq "x"',
    'nickName eq ""',
    'nickName pr',
    'nickName lt "x"',
    'emails[type eq "work" and value ew "home.example"]',
    'emails[type eq "other"]',
    'emails[value pr and display pr]',
    `${ENTERPRISE}:manager[value eq "Cleo"]`,
    `${EXAMPLE}:age gt 0`,
    `${EXAMPLE}:tags eq "green"`,
    'x509Certificates co "iic"',
    'schemas eq "urn:x"',
    'groups.value eq "x"',
    '(title pr or nickName pr) and locale pr',
    'userName ne "ada@example.com"',
    'not (userName eq "ada@example.com")',
  ])('FLT-06 FLT-11 FLT-14 does not find %s', (text) => {
    expect(matches(text)).toBe(false)
  })

  it.each([
    [`${EXAMPLE}:age`, { [EXAMPLE]: { age: 10 } }, ['9', '10', '11']],
    [`${EXAMPLE}:floor`, { [EXAMPLE]: { floor: -2 } }, ['-10', '-2', '0']],
    ['title', { title: 'M' }, ['"l"', '"m"', '"N"']],
    ['title', { title: '10' }, ['"1"', '"10"', '"9"']],
    [
      'meta.created',
      { meta: { created: '2011-05-13T04:00:00+04:00' } },
      ['"2011-05-12T23:59:59Z"', '"2011-05-13T00:00:00Z"', '"2011-05-13T00:00:01Z"'],
    ],
  ])('FLT-06 FLT-08 puts %s of %j in order', (name, resource, literals) => {
    const found = literals.map((literal) =>
      ['gt', 'ge', 'eq', 'le', 'lt'].filter((op) => matches(`${name} ${op} ${literal}`, resource)).join(' '),
    )
    expect(found).toEqual(['gt ge', 'ge eq le', 'le lt'])
  })

  it.each([
    ['title', { title: 3 }, '"3"'],
    ['title', { title: { value: 'x' } }, '"x"'],
    ['active', { active: 'true' }, 'true'],
    [`${EXAMPLE}:age`, { [EXAMPLE]: { age: '3' } }, '3'],
    [`${EXAMPLE}:since`, { [EXAMPLE]: { since: 'yesterday' } }, '"2011-05-13T04:42:34Z"'],
    ['emails.value', { emails: [{ value: 3 }] }, '"3"'],
    ['emails', { emails: ['a'] }, '"a"'],
  ])('concludes nothing from a %s of another type: %j', (name, resource, literal) => {
    expect(matches(`${name} pr`, resource as Resource)).toBe(false)
    expect(matches(`${name} eq ${literal}`, resource as Resource)).toBe(false)
    expect(matches(`${name} ne ${literal}`, resource as Resource)).toBe(true)
  })

  it.each([
    ['emails.primary eq false', true],
    ['emails[type eq "home" and primary eq false]', true],
    ['emails[type eq "home" and primary ne false]', false],
    ['emails[type eq "home" and primary pr]', false],
    ['roles.primary eq false', false],
    ['roles.primary ne false', true],
  ])('SCH-16 takes a value for no primary one that does not say so: %s is %s', (text, expected) => {
    expect(matches(text)).toBe(expected)
  })

  it('FLT-24 says of every filter either it or its contrary', () => {
    const texts = [
      'nickName eq "x"',
      'nickName ne "x"',
      'emails[type eq "work"]',
      'emails ne "x"',
      'title co "1"',
      'roles pr',
    ]
    const resources = fc.constantFrom(
      ada,
      { userName: 'x' },
      { userName: 'x', nickName: 'X', emails: [{ type: 'work' }] },
    )
    fc.assert(
      fc.property(fc.constantFrom(...texts), resources, (text, resource) => {
        expect(matches(`not (${text})`, resource)).toBe(!matches(text, resource))
      }),
    )
  })

  it('FLT-05 follows De Morgan', () => {
    const terms = fc.constantFrom(
      'nickName pr',
      'active eq false',
      'emails co "home"',
      'title lt "2"',
      'roles ne "x"',
    )
    fc.assert(
      fc.property(terms, terms, (a, b) => {
        expect(matches(`not (${a} and ${b})`)).toBe(matches(`not (${a}) or not (${b})`))
        expect(matches(`${a} or ${b} and ${a}`)).toBe(matches(`${a} or (${b} and ${a})`))
      }),
    )
  })
})

describe('compareText', () => {
  it('orders texts by code point, also where UTF-16 has another order', () => {
    const ordered = [
      '',
      'a',
      'ab',
      'b',
      '\ud7ff',
      '\ue000',
      '\uffff',
      '\u{10000}',
      '\u{103fe}',
      '\u{103ff}',
      '\u{10ffff}',
    ]
    for (const [i, a] of ordered.entries())
      for (const [j, b] of ordered.entries()) expect(Math.sign(compareText(a, b))).toBe(Math.sign(i - j))
  })

  it('orders texts as the bytes of their UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      { numRuns: 5000 },
    )
  })
})
