import { describe, expect, it } from '@jest/globals'
import { createRegistry, schema } from '../../schemas/registry.ts'
import { findAttribute } from '../../src/scim/attribute.ts'
import { readPatch } from '../../src/scim/patch/read.ts'
import { readResource } from '../../src/scim/resource/read.ts'
import { refusal } from './support.ts'

const URN = 'urn:acme:User'
const attributes = [{ name: 'role', alsoKnownAs: ['db_role', 'warehouse_role'] }, { name: 'team' }]
const type = createRegistry([schema({ id: URN, name: 'Acme', description: '', attributes })]).resourceType(
  'User',
)
const extension = type.extensions.find(({ id }) => id === URN)

describe('an attribute of several names', () => {
  it.each(['role', 'db_role', 'Warehouse_Role'])('is found as %s', (name) => {
    expect(findAttribute(extension?.attributes ?? [], name)?.name).toBe('role')
  })

  it.each(['db', 'constructor', 'db_role '])('is not found as %j', (name) => {
    expect(findAttribute(extension?.attributes ?? [], name)).toBeUndefined()
  })

  const put = (values: object) => readResource({ userName: 'ada', [URN]: values }, type).resource[URN]
  const patch = (values: object) =>
    readPatch({ Operations: [{ op: 'add', value: { [URN]: values } }] }, type).operations

  it('is read under any of them, and kept under the first', () => {
    expect(put({ warehouse_role: 'a' })).toEqual({ role: 'a' })
    expect(put({ db_role: 'a', team: 'b', ROLE: 'a' })).toEqual({ role: 'a', team: 'b' })
    expect(patch({ db_role: 'a', role: 'a' })).toHaveLength(2)
  })

  it('is refused where two of them say different things', () => {
    for (const read of [put, patch]) {
      expect(refusal(() => read({ db_role: 'a', warehouse_role: 'b' }))).toMatch(/^invalidSyntax/)
    }
  })

  it('has no name that another one has', () => {
    const twice = [{ name: 'role', alsoKnownAs: ['Team'] }, { name: 'team' }]
    expect(() =>
      createRegistry([schema({ id: URN, name: 'A', description: '', attributes: twice })]),
    ).toThrow('is defined twice')
  })
})
