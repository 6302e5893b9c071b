import { describe, expect, it } from '@jest/globals'
import { readBulk, type BulkOperation } from '../../../src/scim/bulk/read.ts'
import { ScimError } from '../../../src/scim/error.ts'
import { refusal } from '../support.ts'

const schemas = ['urn:ietf:params:scim:api:messages:2.0:BulkRequest']
const read = (...Operations: unknown[]): readonly BulkOperation[] =>
  readBulk({ schemas, Operations }, 100).operations
const scimTypeOf = ({ task }: BulkOperation): string | undefined =>
  task instanceof ScimError ? task.scimType : undefined

/** Where all but a creation go. */
const ONE = '`/Users/{id}` or `/Groups/{id}`'

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
    expect(operations[3]?.task).toMatchObject({ message: 'the `bulkId` `a` stands in the request twice' })
  })

  it('refuses more operations than there may be, before it looks at them', () => {
    const Operations = Array.from({ length: 3 }, () => null)
    expect(() => readBulk({ schemas, Operations }, 2)).toThrow(
      expect.objectContaining({
        status: 413,
        message: 'the request has 3 operations, and `maxOperations` is 2; send them in several requests',
      }),
    )
    expect(readBulk({ schemas, Operations }, 3).operations).toHaveLength(3)
  })

  it.each([
    [null, 'invalidSyntax: an operation must be an object, not `null`'],
    [{ method: 7 }, 'invalidValue: `method` must be a text, not `7`'],
    [{ path: '/Users' }, 'invalidValue: `method` must be POST, PUT, PATCH or DELETE'],
    [{ method: 'GET', path: '/Users/1' }, 'invalidValue: `method` must be POST, PUT, PATCH or DELETE'],
    [{ method: 'POST', path: '/Users', data: {} }, 'invalidValue: a POST needs a `bulkId`'],
    [{ method: 'POST', path: '/Users', bulkId: '', data: {} }, 'invalidValue: a POST needs a `bulkId`'],
    [{ method: 'POST', path: '/Users', bulkId: 'a' }, 'invalidSyntax: a POST needs `data`, an object'],
    [{ method: 'PATCH', path: '/Users/1', data: [] }, 'invalidSyntax: a PATCH needs `data`, an object'],
    [{ method: 'PUT' }, `invalidPath: \`\` is no path for a PUT, which goes to ${ONE}`],
    ...[
      '/Users',
      '/Users/',
      'Users/1',
      '//Users/1',
      '/users/1',
      '/Roles/1',
      '/Users/1/x',
      '/Users/1?attributes=id',
      '/Users/1#x',
      '/Users/.',
      '/Users/..',
      '/Users/%2e%2e',
      '/Users/.search',
      '/Users/a%2Fb',
      '/Users/a%5Cb',
      '/Users/%00',
      '/Users/%',
      'https://example.com/scim/v2/Users/1',
    ].map((path): [object, string] => [
      { method: 'DELETE', path },
      `invalidPath: \`${path}\` is no path for a DELETE, which goes to ${ONE}`,
    ]),
    ...['/Users/1', '/Users/', '/', '/Users?x', '/Me'].map((path): [object, string] => [
      { method: 'POST', path, bulkId: 'a', data: {} },
      `invalidPath: \`${path}\` is no path for a POST, which goes to \`/Users\` or \`/Groups\``,
    ]),
  ])('fails the operation %j alone', (operation, words) => {
    const [failed, next] = read(operation, { method: 'DELETE', path: '/Users/1' })
    expect(refusal(() => thrown(failed?.task))).toBe(words)
    expect(next?.task).toMatchObject({ id: '1' })
  })

  it('tells of an operation that failed what could be read of it', () => {
    expect(read({ method: 'put', path: '/x', bulkId: 'b' })).toMatchObject([
      { method: 'PUT', path: '/x', bulkId: 'b' },
    ])
    expect(read({ method: 'put', path: 7 }, 'x')).toMatchObject(
      Array(2).fill({ method: undefined, path: undefined, bulkId: undefined }),
    )
  })

  it.each(['a', '...', '.searches', 'x.search', 'a.', 'ü', 'bulkId:a'])('takes %s for an id', (id) => {
    const path = `/Groups/${encodeURIComponent(id)}`
    expect(read({ method: 'DELETE', path })[0]?.task).toMatchObject({ type: 'Group', id })
  })

  it.each([
    [null, 'invalidSyntax: the body must be a JSON object'],
    [[], 'invalidSyntax: the body must be a JSON object'],
    [{ Operations: [] }, 'invalidSyntax: `schemas` does not list the BulkRequest message'],
    [
      { schemas: schemas[0], Operations: [] },
      'invalidSyntax: `schemas` does not list the BulkRequest message',
    ],
    [
      { schemas: ['urn:x'], Operations: [] },
      'invalidSyntax: `schemas` does not list the BulkRequest message',
    ],
    [{ schemas: [], Operations: [] }, 'invalidSyntax: `schemas` does not list the BulkRequest message'],
    [{ schemas }, 'invalidSyntax: `Operations` must be a list of operations'],
    [{ schemas, operations: {} }, 'invalidSyntax: `Operations` must be a list of operations'],
    [
      { schemas, Operations: [], failOnErrors: 0 },
      'invalidValue: `failOnErrors` must be a whole number from 1, not `0`',
    ],
    [
      { schemas, Operations: [], failOnErrors: '2' },
      'invalidValue: `failOnErrors` must be a whole number from 1, not `2`',
    ],
    [
      { schemas, Operations: [], failOnErrors: 1.5 },
      'invalidValue: `failOnErrors` must be a whole number from 1, not `1.5`',
    ],
    [
      { schemas, Operations: [], operations: [] },
      'invalidSyntax: `Operations` and `operations` are the same attribute',
    ],
  ])('refuses %j', (body, words) => {
    expect(refusal(() => readBulk(body, 100))).toBe(words)
  })

  it('takes its message among others, and in any letter case', () => {
    const listed = ['urn:x', ...schemas.map((urn) => urn.toUpperCase())]
    expect(readBulk({ schemas: listed, Operations: [] }, 1).operations).toEqual([])
  })

  it('refuses a request that is nested too deep', () => {
    const data = JSON.parse(`${'{"a":'.repeat(32)}1${'}'.repeat(32)}`) as unknown
    expect(refusal(() => read({ method: 'PUT', path: '/Users/1', data }))).toMatch('nested too deep')
  })
})

/** The task, or the error that is in its place. */
function thrown(task: BulkOperation['task'] | undefined): unknown {
  if (task instanceof ScimError) throw task
  return task
}
