import { describe, expect, it } from '@jest/globals'
import { createRegistry } from '../../schemas/registry.ts'
import { valuesAt } from '../../src/mapping/values-at.ts'
import { parseTarget } from '../../src/scim/patch/target.ts'

const userType = createRegistry([]).resourceType('User')
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const resource = {
  userName: 'ada@acme.example',
  active: true,
  name: { familyName: 'Byron' },
  emails: [{ value: 'ada@acme.example', primary: true }, { type: 'home' }, { value: 'ada@home.example' }],
  addresses: [
    { type: 'home', country: 'SE' },
    { type: 'Work', country: 'DE', primary: true },
    { type: 'work', locality: 'Berlin' },
    { type: 'work', country: 'FR' },
  ],
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
    ['addresses[type eq "work"].country', ['DE', 'FR']],
    ['addresses[primary eq true].country', ['DE']],
    ['addresses[type eq "work" and not (country eq "fr")].country', ['DE']],
    ['addresses[type eq "other"].country', []],
    ['phoneNumbers[type eq "work"].value', []],
  ])('reads %s', (path, values) => {
    expect(valuesAt(parseTarget(path, userType), resource)).toEqual(values)
  })

  it.each([
    ['active', { active: 'true' }],
    ['title', { title: 3 }],
    ['title', { title: ['a', 'b'] }],
    ['emails.value', { emails: [{ value: 3 }] }],
    ['emails.primary', { emails: [{ primary: 'true' }] }],
    ['emails[type eq "work"].value', { emails: [{ type: 'work', value: 3 }, 'work', null] }],
    ['emails[type eq "work"].value', { emails: 'work' }],
  ])('passes over values of another type than %s has', (path, stored) => {
    expect(valuesAt(parseTarget(path, userType), stored)).toEqual([])
  })

  it('finds nothing in an extension that is absent', () => {
    expect(valuesAt(parseTarget(`${ENTERPRISE}:department`, userType), {})).toEqual([])
  })
})
