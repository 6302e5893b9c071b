import { describe, expect, it } from '@jest/globals'
import { readSearchRequest } from '../../src/scim/search-request.ts'
import { failure } from './support.ts'

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
    ['text', 'invalidSyntax'],
    [{}, 'invalidSyntax'],
    [{ schemas: schemas[0] }, 'invalidSyntax'],
    [{ schemas: [] }, 'invalidSyntax'],
    [{ schemas, attributes: 'id' }, 'invalidSyntax'],
    [{ schemas, attributes: ['id', 7] }, 'invalidSyntax'],
    [{ schemas, filter: true }, 'invalidValue'],
    [{ schemas, cursor: 7 }, 'invalidValue'],
    [{ schemas, count: 1.5 }, 'invalidValue'],
    [{ schemas, startIndex: '1' }, 'invalidValue'],
    [{ schemas, startIndex: 1e300 }, 'invalidValue'],
  ])('refuses %j', (body, scimType) => {
    expect(failure(() => readSearchRequest(body))).toBe(scimType)
  })
})
