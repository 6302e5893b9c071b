import { describe, expect, it } from '@jest/globals'
import { applyPatch } from '../../../src/scim/patch/apply.ts'
import { MOST_CHANGES, readPatch } from '../../../src/scim/patch/read.ts'
import type { Resource } from '../../../src/scim/resource/resource.ts'
import { ENTERPRISE, EXAMPLE, groupType, refusal, userType } from '../support.ts'

const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']
const ada: Resource = {
  userName: 'ada',
  active: true,
  emails: [{ value: 'a', type: 'work' }],
  [EXAMPLE]: { badge: 'B1' },
}

/** What operations on a user are refused with. */
const refused = (Operations: unknown, strict = false) =>
  refusal(() => applyPatch(ada, readPatch({ schemas, Operations }, userType, { strict }), userType))
const refusedOfGroup = (operation: object, strict = false) =>
  refusal(() => readPatch({ schemas, Operations: [operation] }, groupType, { strict }))

const add = (path: string, value: unknown) => ({ op: 'add', path, value })
const replace = (path: string, value: unknown) => ({ op: 'replace', path, value })
const remove = (path: string, value?: unknown) => ({ op: 'remove', path, value })
const roles = (count: number) => Array.from({ length: count }, (_, i) => ({ value: `${i}` }))

describe('what is said of a PATCH that is refused', () => {
  it.each<[unknown, string]>([
    ['x', 'invalidSyntax: an operation must be an object, not `x`'],
    [{}, 'invalidSyntax: `op` must be add, remove or replace, not `null`'],
    [{ op: 'move' }, 'invalidSyntax: `op` must be add, remove or replace, not `move`'],
    [{ op: ['add'] }, 'invalidSyntax: `op` must be add, remove or replace, not `["add"]`'],
    [{ op: 'add', OP: 'add' }, 'invalidSyntax: `op` and `OP` are the same attribute'],
    [{ op: 'add', path: 7, value: 'x' }, 'invalidPath: the path of an operation must be a text, not `7`'],
    [{ op: 'add', path: 'title' }, 'invalidSyntax: the add operation has no value'],
    [{ op: 'replace' }, 'invalidSyntax: the replace operation has no value'],
    [{ op: 'remove' }, 'noTarget: the remove operation has no path'],
    [{ op: 'remove', path: ' ' }, 'noTarget: the remove operation has no path'],
    [{ op: 'add', value: 'x' }, 'invalidValue: a value without a path must be an object, not `x`'],
    [add(ENTERPRISE, 'x'), 'invalidValue: a value without a path must be an object, not `x`'],
    [add('a b', 'x'), 'invalidPath: `a b` is not an attribute path'],
    [add('emails[x', 'x'), 'invalidPath: `emails[x` is not an attribute path'],
    [
      add('title[value eq "x"]', 'x'),
      'invalidPath: `title` has no values to select by the filter in `title[value eq "x"]`',
    ],
    [
      add('emails.type[value eq "x"]', 'x'),
      'invalidPath: `emails.type` has no values to select by the filter in `emails.type[value eq "x"]`',
    ],
    [add('emails[nick eq "x"]', 'x'), 'invalidFilter: `nick` is no sub-attribute of `emails`'],
    [
      { op: 'add', value: { 'emails[type lw "x"].value': 'x' } },
      'invalidFilter: the unknown operator `lw` at position 6 of the filter `type lw "x"`',
    ],
    [replace('id', 'x'), 'mutability: `id` is read-only'],
    [replace('meta.created', 'x'), 'mutability: `meta.created` is read-only'],
    [
      replace(`${ENTERPRISE}:manager.displayName`, 'x'),
      `mutability: \`${ENTERPRISE}:manager.displayName\` is read-only`,
    ],
    [remove('id'), 'mutability: `id` is read-only'],
    [remove(userType.schema.id), `mutability: \`${userType.schema.id}\` cannot be removed`],
    [remove('userName'), 'mutability: `userName` is required and cannot be removed'],
    [replace('userName', null), 'invalidValue: `userName` is required'],
    [replace('userName', ''), 'invalidValue: `userName` is required'],
    [{ op: 'add', value: { userName: ' ' } }, 'invalidValue: `userName` is required'],
    [replace('active', 'maybe'), 'invalidValue: `active` must be a boolean, not `maybe`'],
    [replace('name', 'Ada'), 'invalidValue: `name` must be an object, not `Ada`'],
    [replace('name.givenName', {}), 'invalidValue: `name.givenName` must be a text, not `{}`'],
    [
      { op: 'replace', value: { name: { givenName: [1, 2] } } },
      'invalidValue: `name.givenName` must be a text, not `[1,2]`',
    ],
    [replace('emails.primary', 'maybe'), 'invalidValue: `emails.primary` must be a boolean, not `maybe`'],
    [replace('emails[type pr].value', {}), 'invalidValue: `emails.value` must be a text, not `{}`'],
    [replace('emails[type pr]', true), 'invalidValue: `emails` must be an object, not `true`'],
    [
      replace('roles[type sw "x"].value', 'x'),
      'noTarget: no value of `roles.value` is selected, and the filter does not describe one',
    ],
    [
      add('roles[type eq "x" and not (value eq "y")].display', 'x'),
      'noTarget: no value of `roles.display` is selected, and the filter does not describe one',
    ],
    [
      add('roles[type eq "x" or type eq "y"].value', 'x'),
      'noTarget: no value of `roles.value` is selected, and the filter does not describe one',
    ],
    [replace(`${EXAMPLE}:badge`, 'B2'), `mutability: \`${EXAMPLE}:badge\` cannot be changed once it is set`],
    [remove(`${EXAMPLE}:badge`), `mutability: \`${EXAMPLE}:badge\` cannot be changed once it is set`],
    [add('roles', roles(1001)), 'invalidValue: `roles` has more than 1000 values'],
  ])('for %j', (operation, words) => {
    expect(refused([operation])).toBe(words)
  })

  it.each<[unknown, string]>([
    [{ ...add('title', 'x'), op: 'Add' }, 'invalidSyntax: `op` must be add, remove or replace, not `Add`'],
    [add('colour', 'x'), 'invalidPath: `colour` is no attribute of a User'],
    [add('name.nick', 'x'), 'invalidPath: `name.nick` is no attribute of a User'],
    [add('urn:x:y', 'x'), 'invalidPath: `urn:x:y` is no attribute of a User'],
    [{ op: 'add', value: { colour: 'x' } }, 'invalidPath: `colour` is no attribute of a User'],
    [
      { op: 'add', value: { 'name.givenName': 'x' } },
      'invalidPath: `name.givenName` is no attribute of a User',
    ],
    [{ op: 'add', value: { id: 'x' } }, 'mutability: `id` is read-only'],
    [add('groups', []), 'mutability: `groups` is read-only'],
    [add('name', { nick: 'x' }), 'invalidValue: `name.nick` is no attribute'],
    [add('title', ['x']), 'invalidValue: `title` must be a text, not `["x"]`'],
    [add('title', { value: 'x' }), 'invalidValue: `title` must be a text, not `{"value":"x"}`'],
    [remove('title', 'x'), 'invalidSyntax: a remove operation has no value'],
    [remove('emails', [{ value: 'a' }]), 'invalidSyntax: a remove operation has no value'],
    [replace('emails[type eq "home"].value', 'x'), 'noTarget: no value of `emails.value` is selected'],
    [
      add(`${ENTERPRISE}:manager[value eq "x"].value`, 'x'),
      `invalidPath: \`${ENTERPRISE}:manager\` has no values to select by the filter in ` +
        `\`${ENTERPRISE}:manager[value eq "x"]…\``,
    ],
  ])('to the letter for %j', (operation, words) => {
    expect(refused([operation], true)).toBe(words)
    expect(refused([operation])).toBeUndefined()
  })

  it.each<[string, unknown, string | undefined]>([
    ['a text', 'x', 'invalidSyntax: `Operations` must be a list of one or more operations'],
    ['null', null, 'invalidSyntax: `Operations` must be a list of one or more operations'],
    ['as many values as may be', [add('roles', roles(1000))], undefined],
    [
      'one value more, by two operations',
      [add('roles', roles(1000)), add('roles', { value: 'more' })],
      'invalidValue: `roles` has more than 1000 values',
    ],
    ['as many changes as may be', Array(MOST_CHANGES).fill(add('title', 'x')), undefined],
    [
      'one change more',
      Array(MOST_CHANGES + 1).fill(add('title', 'x')),
      'invalidSyntax: the request makes more than 2000 changes',
    ],
  ])('for its operations: %s', (_, Operations, words) => {
    expect(refused(Operations)).toBe(words)
  })

  it('for the message itself', () => {
    expect(refusal(() => readPatch([], userType))).toBe('invalidSyntax: the body must be a JSON object')
    expect(refusal(() => readPatch({ Operations: [] }, userType, { strict: true }))).toBe(
      'invalidSyntax: `schemas` does not list the PatchOp message',
    )
    const foreign = { schemas: ['urn:x'], Operations: [add('title', 'x')] }
    expect(refusal(() => readPatch(foreign, userType, { strict: true }))).toBe(
      'invalidSyntax: `schemas` does not list the PatchOp message',
    )
    const deep = JSON.parse(`${'['.repeat(32)}${']'.repeat(32)}`) as unknown
    expect(refused([add('title', deep)])).toMatch('nested too deep')
  })
})

describe('what is said of members that are refused', () => {
  it.each<[object, string]>([
    [
      replace('members[value eq "a"].value', 'b'),
      'mutability: `members.value` cannot be changed: add or remove the member',
    ],
    [
      replace('members[value eq "a"]', { value: 'b' }),
      'mutability: `members[…]` cannot be changed: add or remove the member',
    ],
    [
      add('members[type eq "User"]', { value: 'b' }),
      'mutability: `members[…]` cannot be changed: add or remove the member',
    ],
    [
      add('members[value sw "a"]', { value: 'b' }),
      'mutability: `members[…]` cannot be changed: add or remove the member',
    ],
    [
      add('members[value eq "a" or type eq "User"]', { value: 'b' }),
      'mutability: `members[…]` cannot be changed: add or remove the member',
    ],
    [add('members', [1]), 'invalidValue: a member must be an object with `value`, not `1`'],
    [add('members', ['']), 'invalidValue: a member must be an object with `value`, not ``'],
    [add('members', [{}]), 'invalidValue: `members.value` must be the id of a user or group, not `null`'],
    [
      add('members', [{ value: 7 }]),
      'invalidValue: `members.value` must be the id of a user or group, not `7`',
    ],
  ])('for %j', (operation, words) => {
    expect(refusedOfGroup(operation)).toBe(words)
  })

  it.each<[object, string]>([
    [
      remove('members', [{ value: 'a' }]),
      'invalidSyntax: a remove operation has no value: select members by a filter',
    ],
    [
      add('members[value eq "a"]', { value: 'a' }),
      'mutability: `members[…]` cannot be changed: add or remove the member',
    ],
    [add('members', ['a']), 'invalidValue: a member must be an object with `value`, not `a`'],
    [replace('members', 'a'), 'invalidValue: `members` must be an array, not `a`'],
  ])('to the letter for %j', (operation, words) => {
    expect(refusedOfGroup(operation, true)).toBe(words)
    expect(refusedOfGroup(operation)).toBeUndefined()
  })
})
