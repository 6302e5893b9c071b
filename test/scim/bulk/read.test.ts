import { describe, expect, it } from '@jest/globals'
import { readBulk, type BulkOperation } from '../../../src/scim/bulk/read.ts'
import { failure } from '../support.ts'

const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest']
const read = (...Operations: unknown[]): readonly BulkOperation[] =>
  readBulk({ schemas, Operations }, 100).operations
const scimTypeOf = (operation: BulkOperation | undefined): string | undefined =>
  operation && 'scimType' in operation.task ? operation.task.scimType : undefined

describe('readBulk', () => {
  it('reads operations, whatever the letter case of their names', () => {
    const [post, put] = read(
      { METHOD: 'post', Path: '/Users', BulkId: 'a', DATA: { userName: 'ada' } },
      { method: 'PUT', path: '/Groups/a%20b', version: 'W/"3"', data: {}, bulkId: 'kept' },
    )
    expect(post).toEqual({
      method: 'POST',
      bulkId: 'a',
      path: '/Users',
      task: { method: 'POST', type: 'User', id: '', version: undefined, data: { userName: 'ada' } },
    })
    expect(put).toEqual({
      method: 'PUT',
      bulkId: 'kept',
      path: '/Groups/a%20b',
      task: { method: 'PUT', type: 'Group', id: 'a b', version: 'W/"3"', data: {} },
    })
  })

  it('takes null for what is absent', () => {
    const [operation] = read({ method: 'DELETE', path: '/Users/1', version: null, bulkId: null, data: null })
    expect(operation?.task).toEqual({
      method: 'DELETE',
      type: 'User',
      id: '1',
      version: undefined,
      data: undefined,
    })
    expect(readBulk({ schemas, Operations: [], failOnErrors: null }, 1).failOnErrors).toBeUndefined()
    expect(readBulk({ schemas, Operations: [], failOnErrors: 1 }, 1).failOnErrors).toBe(1)
  })

  it('lets an operation fail alone', () => {
    const operations = read(
      null,
      { method: 'DELETE', path: '/Users/1', PATH: '/Users/2' },
      { method: 7 },
      { method: 'DELETE', path: '/Users/1' },
    )
    expect(operations.map(scimTypeOf)).toEqual(['invalidSyntax', 'invalidSyntax', 'invalidValue', undefined])
  })

  it('counts a bulkId once it belongs to a creation', () => {
    const data = {}
    const operations = read(
      { method: 'PUT', path: '/Users/1', bulkId: 'a', data },
      { method: 'POST', path: '/Users/1', bulkId: 'a', data },
      { method: 'POST', path: '/Users', bulkId: 'a', data },
      { method: 'POST', path: '/Groups', bulkId: 'a', data },
    )
    expect(operations.map(scimTypeOf)).toEqual([undefined, 'invalidPath', undefined, 'invalidValue'])
  })

  it('refuses more operations than there may be, before it looks at them', () => {
    const Operations = Array.from({ length: 3 }, () => null)
    expect(() => readBulk({ schemas, Operations }, 2)).toThrow(
      expect.objectContaining({ status: 413, message: expect.stringContaining('`maxOperations` is 2') }),
    )
    expect(readBulk({ schemas, Operations }, 3).operations).toHaveLength(3)
  })

  it.each([
    [null, 'invalidSyntax'],
    [[], 'invalidSyntax'],
    [{ Operations: [] }, 'invalidSyntax'],
    [{ schemas: [], Operations: [] }, 'invalidSyntax'],
    [{ schemas, operations: {} }, 'invalidSyntax'],
    [{ schemas, Operations: [], failOnErrors: 0 }, 'invalidValue'],
    [{ schemas, Operations: [], failOnErrors: '2' }, 'invalidValue'],
    [{ schemas, Operations: [], operations: [] }, 'invalidSyntax'],
  ])('refuses %j', (body, scimType) => {
    expect(failure(() => readBulk(body, 100))).toBe(scimType)
  })
})
