import { describe, expect, it } from '@jest/globals'
import { readSearchRequest } from '../../src/scim/search-request.ts'
import { refusal } from './support.ts'

const schemas = ['URN:ietf:params:scim:api:messages:2.0:SearchRequest']

describe('readSearchRequest', () => {
  it('reads what an address may hold too', () => {
    const body = {
      schemas,
      attributes: ['userName', 'name.givenName'],
      excludedAttributes: [],
      FILTER: 'userName pr',
      sortBy: 'userName',
      sortOrder: 'descending',
      startIndex: -3,
      count: 0,
      cursor: '',
    }
    expect(readSearchRequest(body)).toEqual({
      attributes: 'userName,name.givenName',
      excludedAttributes: '',
      filter: 'userName pr',
      sortBy: 'userName',
      sortOrder: 'descending',
      startIndex: -3,
      count: 0,
      cursor: '',
    })
  })

  it('takes null for what is absent', () => {
    const none = readSearchRequest({ schemas })
    expect(Object.values(none).every((value) => value === undefined)).toBe(true)
    const names = Object.keys(none)
    expect(names).toHaveLength(8)
    expect(readSearchRequest({ schemas, ...Object.fromEntries(names.map((name) => [name, null])) })).toEqual(
      none,
    )
  })

  it.each([
    ['text', 'invalidSyntax: the body must be a JSON object'],
    [{}, 'invalidSyntax: `schemas` does not list the SearchRequest message'],
    [{ schemas: schemas[0] }, 'invalidSyntax: `schemas` does not list the SearchRequest message'],
    [{ schemas: [] }, 'invalidSyntax: `schemas` does not list the SearchRequest message'],
    [
      { schemas, attributes: 'id' },
      'invalidSyntax: `attributes` must be an array of attribute names, not `id`',
    ],
    [
      { schemas, excludedAttributes: ['id', 7] },
      'invalidSyntax: `excludedAttributes` must be an array of attribute names, not `["id",7]`',
    ],
    [{ schemas, filter: true }, 'invalidValue: `filter` must be a text, not `true`'],
    [{ schemas, sortBy: [] }, 'invalidValue: `sortBy` must be a text, not `[]`'],
    [{ schemas, sortOrder: 1 }, 'invalidValue: `sortOrder` must be a text, not `1`'],
    [{ schemas, cursor: 7 }, 'invalidValue: `cursor` must be a text, not `7`'],
    [{ schemas, count: 1.5 }, 'invalidValue: `count` must be a whole number, not `1.5`'],
    [{ schemas, startIndex: '1' }, 'invalidValue: `startIndex` must be a whole number, not `1`'],
    [{ schemas, startIndex: 1e300 }, 'invalidValue: `startIndex` must be a whole number, not `1e+300`'],
    [{ schemas, filter: 'a', FILTER: 'b' }, 'invalidSyntax: `filter` and `FILTER` are the same attribute'],
  ])('refuses %j', (body, words) => {
    expect(refusal(() => readSearchRequest(body))).toBe(words)
  })

  it('takes its message among others', () => {
    expect(readSearchRequest({ schemas: ['urn:x', ...schemas], count: 1 }).count).toBe(1)
  })

  it('refuses a body that is nested too deep, in what it does not read too', () => {
    const deep = JSON.parse(`${'['.repeat(32)}${']'.repeat(32)}`) as unknown
    expect(refusal(() => readSearchRequest({ schemas, other: deep }))).toMatch('nested too deep')
  })
})
