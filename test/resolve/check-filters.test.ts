import { describe, expect, it } from '@jest/globals'
import { type Config, parseConfig } from '../../schemas/config.ts'
import { createRegistry } from '../../schemas/registry.ts'
import { userExtensions } from '../../schemas/user-extensions.ts'
import { checkFilters } from '../../src/resolve/check-filters.ts'

const ACME = 'urn:ietf:params:scim:schemas:extension:Acme:2.0:User'

describe('checkFilters', () => {
  it.each([
    'userType eq "Employee"',
    `${ACME}:dbRole eq "finance" and not (title pr)`,
    'emails[type eq "work" and value ew "@acme.example"]',
    'urn:signalbox:params:scim:schemas:2.0:UserAttribute:team eq "a"',
  ])('accepts the filter %s', (when) => {
    expect(errorsOf({ when })).toEqual([])
  })

  it.each([
    'userType',
    'title',
    `${ACME}:dbRole`,
    'emails.value',
    'name.familyName',
    'externalId',
    'emails[type eq "work"].value',
    'addresses[type eq "work" and primary eq true].country',
    `urn:ietf:params:scim:schemas:core:2.0:User:phoneNumbers[type eq "mobile"].value`,
  ])('accepts the path %s', (from) => {
    expect(errorsOf({ from })).toEqual([])
  })

  it.each([
    ['emails[type eq "work"', 'is not an attribute path'],
    ['emails[colour eq "red"].value', 'colour'],
    ['emails[type eq].value', 'type eq'],
    ['emails[type eq "work"].colour', 'is no attribute of a User'],
    ['emails[type eq "work"]', 'one of `emails[type eq "work"].value`'],
    ['name[familyName eq "x"].givenName', 'has no values to select'],
    ['userName[value eq "x"]', 'has no values to select'],
    ['groups[type eq "direct"].value', 'a rule has `group` for it'],
  ])('says what is wrong with the path %s', (from, says) => {
    expect(errorsOf({ from })).toEqual([
      { path: 'userAttributes[0].from', message: expect.stringContaining(says) },
    ])
  })

  it.each([
    'userType eq',
    'colour eq "red"',
    'userType eq "Employee" or colour pr',
    `${ACME}:unknown eq "x"`,
  ])('names the place of the filter %s', (when) => {
    expect(errorsOf({ when })).toEqual([{ path: 'rules[0].when', message: expect.any(String) }])
  })

  it('refuses a filter over what is not known where users are mapped', () => {
    expect(errorsOf({ when: 'title pr and not (groups.display eq "Admins")' })).toEqual([
      {
        path: 'rules[0].when',
        message:
          'should not use `groups.display`, which is not known where users are mapped: a rule has `group` for it',
      },
    ])
  })

  it.each(['id eq "1"', 'meta.created gt "2026-01-01T00:00:00Z"'])('refuses the filter %s', (when) => {
    expect(errorsOf({ when })).toHaveLength(1)
  })

  it('names the place of a path that does not exist', () => {
    expect(errorsOf({ from: 'colour' })).toEqual([
      { path: 'userAttributes[0].from', message: expect.stringContaining('colour') },
    ])
  })

  it('asks for one of the sub-attributes of a complex attribute', () => {
    expect(errorsOf({ from: 'name' })[0]?.message).toContain('`name.familyName`')
  })

  it.each(['groups.value', 'id', 'meta.created'])('refuses the path %s', (from) => {
    expect(errorsOf({ from })).toHaveLength(1)
  })
})

function errorsOf({ from, when }: { from?: string; when?: string }) {
  const config = configOf({
    extensions: [{ urn: ACME, attributes: [{ name: 'dbRole' }] }],
    userAttributes: [{ reference: 'team', ...(from && { from }) }],
    rules: [{ name: 'rule', group: 'G', set: { team: 'a' }, ...(when && { when }) }],
  })
  return checkFilters(config, createRegistry(userExtensions(config)).resourceType('User'))
}

function configOf(document: unknown): Config {
  const parsed = parseConfig(document)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  return parsed.config
}
