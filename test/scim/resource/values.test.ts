import { describe, expect, it } from '@jest/globals'
import { parseAttrPath } from '../../../src/scim/path/parse.ts'
import type { Resource } from '../../../src/scim/resource/resource.ts'
import { isPresent, listOf, schemasOf, valuesAt } from '../../../src/scim/resource/values.ts'
import { ENTERPRISE, EXAMPLE, userType } from '../support.ts'

describe('isPresent', () => {
  it.each([[undefined], [null], [''], [[]], [{}], [['', null]], [{ a: '' }], [[{ a: [] }, {}]]])(
    'takes %j for nothing',
    (value) => {
      expect(isPresent(value)).toBe(false)
    },
  )

  it.each([[0], [false], [' '], [['', 'a']], [{ a: '', b: 0 }], [[{}, { a: [false] }]]])(
    'takes %j for something',
    (value) => {
      expect(isPresent(value)).toBe(true)
    },
  )
})

describe('listOf', () => {
  it.each([
    [undefined, []],
    [null, []],
    ['', ['']],
    [0, [0]],
    [{ a: 1 }, [{ a: 1 }]],
    [
      [1, 2],
      [1, 2],
    ],
  ])('makes of %j the list %j', (value, list) => {
    expect(listOf(value)).toEqual(list)
  })
})

describe('schemasOf', () => {
  it('lists the base schema and the extensions that are there', () => {
    const resource = { userName: 'ada', [ENTERPRISE]: { department: 'd' } }
    expect(schemasOf(resource, userType.schema.id)).toEqual([userType.schema.id, ENTERPRISE])
  })
})

describe('valuesAt, where an attribute has been defined anew since', () => {
  it.each<[string, Resource]>([
    ['title', { title: ['a', 'b'] }],
    [`${ENTERPRISE}:department`, { [ENTERPRISE]: ['d'] }],
    [`${ENTERPRISE}:department`, { [ENTERPRISE]: 'd' }],
    [`${ENTERPRISE}:manager.value`, { [ENTERPRISE]: { manager: 'm' } }],
    ['emails.value', { emails: ['a', null] }],
  ])('finds nothing at %s in %j', (name, resource) => {
    expect(valuesAt(resource, parseAttrPath(name, userType))).toEqual([])
  })

  it.each<[string, Resource]>([
    [`${EXAMPLE}:tags`, { [EXAMPLE]: { tags: 'x' } }],
    ['emails.value', { emails: { value: 'x' } }],
    ['schemas', { schemas: ['x'] }],
  ])('finds the one value at %s in %j', (name, resource) => {
    expect(valuesAt(resource, parseAttrPath(name, userType))).toEqual(['x'])
  })
})
