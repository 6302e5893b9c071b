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
