import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { bodyShape, textShape } from '../../../src/scim/quirks/request-shape.ts'

describe('the shape of a filter or path', () => {
  it.each([
    ['userName', 'userName'],
    ['userName eq "ada"', 'userName eq …'],
    ['userName eq ada@example.com', 'userName eq …'],
    ['displayName eq Tour Guides and active eq True', 'displayName eq … and active eq …'],
    ['emails[type eq "work"].value', 'emails[type eq …].value'],
    [
      'emails[type eq "work" and primary eq true].value sw "ada"',
      'emails[type eq … and primary eq …].value sw …',
    ],
    ['not (nickName pr) or name.givenName co "a \\" b"', 'not (nickName pr) or name.givenName co …'],
    [
      'urn:ietf:params:scim:schemas:core:2.0:User:userName Eq "x"',
      'urn:ietf:params:scim:schemas:core:2.0:User:userName Eq …',
    ],
    ['alice@example.com', '…'],
    ['userName eq "half a quote', 'userName eq …'],
    ['', ''],
    ['"ada"', '…'],
    ['ada lovelace', '…'],
    ['ada  king lovelace', '…'],
    ['ada .lovelace', '…'],
    ['title freq x', '…'],
    ['title equals x', '…'],
    ['userName eq "half (a quote)', 'userName eq …'],
    ['name/givenName', '…'],
    ['name.givenName', 'name.givenName'],
    ['(userName pr)', '(userName pr)'],
    ['NOT (userName PR) OR title Ne null', 'NOT (userName PR) OR title Ne …'],
    ['userName eq "two\nlines" and title pr', 'userName eq … and title pr'],
    ['userName eq "a" "b"', 'userName eq …'],
    ['emails[type eq "work"]ada', 'emails[type eq …]…'],
    ['emails[type eq "work"].a/b', 'emails[type eq …]…'],
    ['emails[type pr]', 'emails[type pr]'],
    ['members[value eq "1" or value eq "2"]', 'members[value eq … or value eq …]'],
    ['userName eq [x]', 'userName eq […]'],
    [`${'a'.repeat(1000)}b`, 'a'.repeat(1000)],
  ])('of `%s` is `%s`', (text, shape) => {
    expect(textShape(text)).toBe(shape)
  })
})

describe('the shape of a body', () => {
  it('has names, paths, verbs and types, and no value', () => {
    const body = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp', 'not a urn'],
      Operations: [
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'ada@example.com' },
        { op: 'Remove', path: 'title' },
      ],
      'emails[type eq "home"].value': null,
      count: 7,
      active: true,
      empty: '',
    }
    expect(JSON.parse(bodyShape(body))).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp', 'text'],
      Operations: [{ op: 'Replace', path: 'emails[type eq …].value', value: 'text' }, '…'],
      'emails[type eq …].value': null,
      count: 'number',
      active: 'boolean',
      empty: '',
    })
  })

  it.each<[unknown, string]>([
    [null, 'null'],
    ['ada', '"text"'],
    ['', '""'],
    [7, '"number"'],
    [undefined, '"undefined"'],
    [[], '[]'],
    [['ada'], '["text"]'],
    [['ada', 7], '["text","…"]'],
    [{}, '{}'],
    [{ a: { b: [[true]] } }, '{"a":{"b":[["boolean"]]}}'],
    [{ OP: 'REPLACE', Path: 'Title' }, '{"OP":"REPLACE","Path":"Title"}'],
    [{ op: 'add' }, '{"op":"add"}'],
    [{ op: 'remove' }, '{"op":"remove"}'],
    [{ op: 'readd' }, '{"op":"text"}'],
    [{ op: 'address' }, '{"op":"text"}'],
    [{ op: 7, path: [''] }, '{"op":"number","path":[""]}'],
    [{ path: 7 }, '{"path":"number"}'],
    [{ value: 'add', paths: 'title' }, '{"value":"text","paths":"text"}'],
    [{ 'ada@example.com': 1 }, '{"…":"number"}'],
    [
      { schemas: ['urn:a:B-c_1.0', 'HTTPS://x/y', 'http://x', 'ftp://x', 'xurn:a', 'urn:a b', 7, null] },
      '{"schemas":["urn:a:B-c_1.0","HTTPS://x/y","http://x","text","text","text","number",null]}',
    ],
    [
      { Schemas: [`urn:${'a'.repeat(196)}`, `urn:${'a'.repeat(197)}`] },
      `{"Schemas":["urn:${'a'.repeat(196)}","text"]}`,
    ],
    [{ schemas: Array(11).fill('urn:a') }, `{"schemas":[${Array(10).fill('"urn:a"').join(',')}]}`],
    [{ schemas: 'urn:a' }, '{"schemas":"text"}'],
  ])('of %j is %s', (body, shape) => {
    expect(bodyShape(body)).toBe(shape)
  })

  it('has sixty names at most, wherever they stand', () => {
    const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, 1]))
    expect(bodyShape(names(60))).not.toContain('…')
    expect(Object.keys(JSON.parse(bodyShape(names(61))) as object)).toEqual([...Object.keys(names(60)), '…'])
    expect(bodyShape({ b: names(58), c: 1 })).not.toContain('…')
    expect(bodyShape({ b: names(59), c: 1 })).toMatch(/"…":"…"}$/)
  })

  it('is cut after a thousand characters', () => {
    const long = bodyShape({
      [`urn:${'a'.repeat(300)}`]: 1,
      [`urn:${'b'.repeat(300)}`]: 1,
      ['c'.repeat(400)]: 1,
    })
    expect(long).toHaveLength(1001)
    expect(long).toMatch(/c…$/)
    expect(bodyShape({ ['c'.repeat(987)]: 1 })).toBe(`{"${'c'.repeat(987)}":"number"}`)
  })

  it('stays short, however long the body is', () => {
    const body = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`attribute${i}`, [{ value: i }]]))
    expect(bodyShape(body).length).toBeLessThanOrEqual(1001)
  })

  it('never shows a text of a value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const secret = 'hunter2'
        const marked = JSON.parse(
          JSON.stringify({ value, path: secret + '@x', op: secret, other: [secret] }),
        ) as object
        expect(bodyShape(marked)).not.toContain(secret)
      }),
    )
  })
})
