import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseAttrPath } from '../../../src/scim/path/parse.ts'
import { definitionAt } from '../../../src/scim/path/path.ts'
import { prepare } from '../../../src/scim/resource/prepare.ts'
import { indexedValues, searchDocument } from '../../../src/scim/resource/search.ts'
import type { Resource } from '../../../src/scim/resource/resource.ts'
import { valuesAt } from '../../../src/scim/resource/values.ts'
import { ENTERPRISE, EXAMPLE, typeWith, userType } from '../support.ts'

const ada = {
  userName: 'Ada@Example.com',
  externalId: 'Ext',
  active: false,
  emails: [{ value: 'Ada@Example.com', type: 'Work' }, { value: 'ada@example.com' }, { value: 'B@x.org' }],
  nickName: '',
  [ENTERPRISE]: { manager: { value: 'Cleo' } },
  [EXAMPLE]: { age: 1.5, since: '2011-05-13T06:42:34+02:00', badge: 'B', tags: ['Red'] },
}

describe('searchDocument', () => {
  it('SCH-25 holds every value in the form in which it is compared', () => {
    expect(searchDocument(ada, userType)).toEqual({
      schemas: [userType.schema.id, ENTERPRISE, EXAMPLE].map((urn) => urn.toLowerCase()),
      externalId: 'Ext',
      userName: 'ada@example.com',
      active: false,
      emails: [
        { value: 'ada@example.com', type: 'work' },
        { value: 'ada@example.com' },
        { value: 'b@x.org' },
      ],
      [ENTERPRISE]: { manager: { value: 'Cleo' } },
      [EXAMPLE]: { age: 1.5, since: '2011-05-13T04:42:34.000Z', badge: 'B', tags: ['red'] },
    })
  })
})

describe('searchDocument, of what is nothing', () => {
  it('has no key for it, at any depth', () => {
    const nothing = {
      userName: '',
      title: null,
      name: { givenName: '', familyName: null },
      emails: [{ value: '' }, null, {}, { value: 'A', display: '' }],
      roles: [],
      [EXAMPLE]: { tags: ['', 'Red'], floor: null },
      gone: 'x',
    } as unknown as Resource
    expect(searchDocument(nothing, userType)).toEqual({
      schemas: [userType.schema.id, EXAMPLE].map((urn) => urn.toLowerCase()),
      emails: [{ value: 'a' }],
      [EXAMPLE]: { tags: ['red'] },
    })
  })

  it('passes over an extension that is no object', () => {
    expect(searchDocument({ userName: 'a', [EXAMPLE]: 'x' }, userType)).not.toHaveProperty([EXAMPLE])
  })
})

describe('indexedValues', () => {
  it('lists each prepared value of an indexed attribute once', () => {
    expect(indexedValues(ada, userType)).toEqual([
      { attribute: 'emails.value', value: 'ada@example.com', unique: false },
      { attribute: 'emails.value', value: 'b@x.org', unique: false },
      { attribute: `${ENTERPRISE}:manager.value`, value: 'Cleo', unique: false },
    ])
  })

  it('lists numbers as texts, what is unique as such, and nothing of another type', () => {
    const urn = 'urn:example:looked-up:2.0:User'
    const type = typeWith(urn, [
      { name: 'badge', uniqueness: 'server', indexed: true },
      { name: 'levels', type: 'decimal', multiValued: true, indexed: true },
      { name: 'desk', type: 'integer', indexed: true },
      { name: 'room', indexed: true },
    ])
    const values = { badge: 'B-1', levels: [1.5, 2, 'much', 1.5], desk: 'none', room: ['a', 'b'] }
    expect(indexedValues({ userName: 'ada', [urn]: values }, type)).toEqual([
      { attribute: `${urn}:badge unique`, value: 'b-1', unique: true },
      { attribute: `${urn}:levels decimal several`, value: '1.5', unique: false },
      { attribute: `${urn}:levels decimal several`, value: '2', unique: false },
    ])
  })

  it('has none for a text of nothing', () => {
    expect(indexedValues({ emails: [{ value: '' }, { type: 'work' }] }, userType)).toEqual([])
  })
})

describe('prepare', () => {
  it('changes nothing the second time', () => {
    const names = ['userName', 'externalId', `${EXAMPLE}:since`, `${EXAMPLE}:age`, 'active']
    const definitions = names.map((name) => definitionAt(parseAttrPath(name, userType)))
    const values = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constant('2011-05-13T06:42:34+02:00'),
      fc.double(),
      fc.boolean(),
    )
    fc.assert(
      fc.property(fc.constantFrom(...definitions), values, (definition, value) => {
        const once = prepare(value, definition)
        expect(prepare(once, definition)).toBe(once)
      }),
    )
  })
})

describe('valuesAt', () => {
  it.each([
    ['userName', ['Ada@Example.com']],
    ['emails.type', ['Work']],
    ['emails.value', ['Ada@Example.com', 'ada@example.com', 'B@x.org']],
    ['title', []],
    ['name.givenName', []],
    [`${ENTERPRISE}:manager.value`, ['Cleo']],
    [`${EXAMPLE}:tags`, ['Red']],
    [`${EXAMPLE}:Deep:age`, []],
    ['schemas', [userType.schema.id, ENTERPRISE, EXAMPLE]],
  ])('finds the values at %s', (name, values) => {
    expect(valuesAt(ada, parseAttrPath(name, userType))).toEqual(values)
  })
})
