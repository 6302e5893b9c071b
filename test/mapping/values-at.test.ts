import { describe, expect, it } from '@jest/globals'
import { createRegistry } from '../../schemas/registry.ts'
import { valuesAt } from '../../src/mapping/values-at.ts'
import { parseAttrPath } from '../../src/scim/path/parse.ts'

const userType = createRegistry([]).resourceType('User')
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const resource = {
  userName: 'ada@acme.example',
  active: true,
  name: { familyName: 'Byron' },
  emails: [{ value: 'ada@acme.example', primary: true }, { type: 'home' }, { value: 'ada@home.example' }],
  [ENTERPRISE]: { department: 'Finance', manager: { value: '7' } },
}

describe('valuesAt', () => {
  it.each([
    ['userName', ['ada@acme.example']],
    ['ACTIVE', [true]],
    ['name.familyName', ['Byron']],
    ['name.givenName', []],
    ['title', []],
    ['emails.value', ['ada@acme.example', 'ada@home.example']],
    ['phoneNumbers.value', []],
    [`${ENTERPRISE}:department`, ['Finance']],
    [`${ENTERPRISE}:manager.value`, ['7']],
    [`${ENTERPRISE}:costCenter`, []],
  ])('reads %s', (path, values) => {
    expect(valuesAt(parseAttrPath(path, userType), resource)).toEqual(values)
  })

  it.each([
    ['active', { active: 'true' }],
    ['title', { title: 3 }],
    ['title', { title: ['a', 'b'] }],
    ['emails.value', { emails: [{ value: 3 }] }],
    ['emails.primary', { emails: [{ primary: 'true' }] }],
  ])('passes over values of another type than %s has', (path, stored) => {
    expect(valuesAt(parseAttrPath(path, userType), stored)).toEqual([])
  })

  it('finds nothing in an extension that is absent', () => {
    expect(valuesAt(parseAttrPath(`${ENTERPRISE}:department`, userType), {})).toEqual([])
  })
})
