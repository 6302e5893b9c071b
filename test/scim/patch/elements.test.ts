import { describe, expect, it } from '@jest/globals'
import { applyPatch } from '../../../src/scim/patch/apply.ts'
import { readPatch } from '../../../src/scim/patch/read.ts'
import type { Resource } from '../../../src/scim/resource/resource.ts'
import { ENTERPRISE, EXAMPLE, userType } from '../support.ts'

const home = { value: 'h@x.org', type: 'home' }
const work = { value: 'w@x.org', type: 'work', primary: true }

interface Step {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path?: string
  readonly value?: unknown
}

/** What becomes of a user with these attributes by an operation; undefined: nothing is changed. */
const CASES: readonly (readonly [string, Resource, Step, Resource | undefined])[] = [
  [
    'two new values that are one are added as one',
    {},
    { op: 'add', path: 'emails', value: [{ value: 'n' }, { value: 'N', type: 'work' }] },
    { emails: [{ value: 'N', type: 'work' }] },
  ],
  [
    'a value that is there gains what is new of it',
    { emails: [home, work] },
    { op: 'add', path: 'emails', value: { value: 'H@x.org', display: 'at home' } },
    { emails: [{ ...home, value: 'H@x.org', display: 'at home' }, work] },
  ],
  [
    'the same value of another type is another one',
    { emails: [home] },
    { op: 'add', path: 'emails', value: { ...home, type: 'other' } },
    { emails: [home, { ...home, type: 'other' }] },
  ],
  [
    'an address is another one when any part of it differs',
    { addresses: [{ formatted: 'A', type: 'work' }] },
    { op: 'add', path: 'addresses', value: [{ formatted: 'B', type: 'work' }] },
    {
      addresses: [
        { formatted: 'A', type: 'work' },
        { formatted: 'B', type: 'work' },
      ],
    },
  ],
  [
    'an address is the same one whether it is primary or not',
    { addresses: [{ formatted: 'A' }] },
    { op: 'add', path: 'addresses', value: [{ formatted: 'a', primary: true }] },
    { addresses: [{ formatted: 'a', primary: true }] },
  ],
  [
    'parts of addresses do not run into each other',
    { addresses: [{ locality: 'ab', region: 'c' }] },
    { op: 'add', path: 'addresses', value: [{ locality: 'a', region: 'bc' }] },
    {
      addresses: [
        { locality: 'ab', region: 'c' },
        { locality: 'a', region: 'bc' },
      ],
    },
  ],
  [
    'adding no values changes nothing',
    { emails: [home] },
    { op: 'add', path: 'emails', value: [] },
    undefined,
  ],
  [
    'adding null to values changes nothing',
    { emails: [home] },
    { op: 'add', path: 'emails', value: null },
    undefined,
  ],
  ['adding nothing to one value clears it', { title: 't' }, { op: 'add', path: 'title', value: '' }, {}],
  [
    'replacing values by nothing clears them',
    { emails: [home] },
    { op: 'replace', path: 'emails', value: [] },
    {},
  ],
  [
    'a new primary value ends the primacy of one that stands behind it',
    { emails: [home, work] },
    { op: 'replace', path: 'emails[type eq "home"].primary', value: true },
    {
      emails: [
        { ...home, primary: true },
        { ...work, primary: false },
      ],
    },
  ],
  [
    'a new primary value ends the primacy of one that stands before it',
    { emails: [work, home] },
    { op: 'add', path: 'emails[type eq "home"]', value: { primary: true } },
    {
      emails: [
        { ...work, primary: false },
        { ...home, primary: true },
      ],
    },
  ],
  [
    'a part of every value is replaced',
    { emails: [home, work] },
    { op: 'replace', path: 'emails.display', value: 'x' },
    {
      emails: [
        { ...home, display: 'x' },
        { ...work, display: 'x' },
      ],
    },
  ],
  [
    'a part of no value makes one of it',
    {},
    { op: 'add', path: 'roles.display', value: 'x' },
    { roles: [{ display: 'x' }] },
  ],
  [
    'a filter of several parts describes a new value',
    {},
    { op: 'add', path: 'roles[type eq "t" and value eq "v"].display', value: 'x' },
    { roles: [{ value: 'v', display: 'x', type: 't' }] },
  ],
  [
    'a selected value gains parts by add',
    { emails: [home] },
    { op: 'add', path: 'emails[type eq "home"]', value: { display: 'x' } },
    { emails: [{ ...home, display: 'x' }] },
  ],
  [
    'a selected value gives way by replace',
    { emails: [home, work] },
    { op: 'replace', path: 'emails[type eq "home"]', value: { value: 'n' } },
    { emails: [{ value: 'n' }, work] },
  ],
  [
    'a selected value that is removed goes whatever value is sent along',
    { emails: [home, work] },
    { op: 'remove', path: 'emails[type eq "home"]', value: [{ value: 'w@x.org' }] },
    { emails: [work] },
  ],
  [
    'every value of a list to remove goes, and no other',
    { emails: [home, work, { value: 'o' }] },
    { op: 'remove', path: 'emails', value: [{ value: 'O' }, { value: 'h@x.org' }] },
    { emails: [work] },
  ],
  [
    'a value that is cleared goes, though it was the only one',
    { emails: [home] },
    { op: 'replace', path: 'emails[type eq "home"].value', value: '' },
    {},
  ],
  [
    'a value that is cleared goes, though it was the primary one',
    { emails: [work, home] },
    { op: 'replace', path: 'emails[type eq "work"].value', value: null },
    { emails: [home] },
  ],
  [
    'removing with an empty text removes all',
    { emails: [home] },
    { op: 'remove', path: 'emails', value: '' },
    {},
  ],
  ['removing one value with an empty text', { title: 't' }, { op: 'remove', path: 'title', value: '' }, {}],
  ['removing one value by what it is', { title: 't' }, { op: 'remove', path: 'title', value: 'T' }, {}],
  [
    'removing one value by what it is not',
    { title: 't' },
    { op: 'remove', path: 'title', value: 'x' },
    undefined,
  ],
  ['removing what is not there', {}, { op: 'remove', path: `${ENTERPRISE}:department` }, undefined],
  [
    'removing a part by what it is, where not every value has it',
    { emails: [{ value: 'a', display: 'x' }, home] },
    { op: 'remove', path: 'emails.display', value: 'X' },
    { emails: [{ value: 'a' }, home] },
  ],
  ['removing a part of what is not there', {}, { op: 'remove', path: 'name.givenName' }, undefined],
  ['removing a password', {}, { op: 'remove', path: 'password' }, undefined],
  [
    'a filter that fits a single complex value selects it',
    { [ENTERPRISE]: { manager: { value: 'm' } } },
    { op: 'replace', path: `${ENTERPRISE}:manager[value eq "m"].value`, value: 'n' },
    { [ENTERPRISE]: { manager: { value: 'n' } } },
  ],
  [
    'a filter that does not fit a single complex value makes no second one',
    { [ENTERPRISE]: { manager: { value: 'm' } } },
    { op: 'replace', path: `${ENTERPRISE}:manager[value eq "x"].value`, value: 'n' },
    undefined,
  ],
  [
    'a complex value keeps what is not named',
    { name: { givenName: 'A', familyName: 'B' } },
    { op: 'replace', path: 'name', value: { GIVENNAME: 'C', familyName: null } },
    { name: { givenName: 'C' } },
  ],
  [
    'null for a complex value in a value without path clears it',
    { name: { givenName: 'A' } },
    { op: 'replace', value: { name: null } },
    {},
  ],
  [
    'what the server owns in a complex value is left out',
    {},
    { op: 'replace', path: `${ENTERPRISE}:manager`, value: { value: 'm', displayName: 'x' } },
    { [ENTERPRISE]: { manager: { value: 'm' } } },
  ],
  [
    'the base schema as a path names its attributes',
    { title: 't', nickName: 'n' },
    { op: 'replace', path: userType.schema.id, value: { title: 'u' } },
    { title: 'u', nickName: 'n' },
  ],
  [
    'an extension as a path, with blanks around it, names its attributes',
    { [ENTERPRISE]: { department: 'd', costCenter: '1' } },
    { op: 'add', path: ` ${ENTERPRISE.toUpperCase()} `, value: { Department: 'e' } },
    { [ENTERPRISE]: { department: 'e', costCenter: '1' } },
  ],
  [
    'an extension is removed with all it has, but for what the server owns',
    { [EXAMPLE]: { floor: 1, tags: ['a'] } },
    { op: 'remove', path: EXAMPLE },
    {},
  ],
  [
    'null clears an extension',
    { [EXAMPLE]: { tags: ['a'] } },
    { op: 'replace', path: EXAMPLE, value: null },
    {},
  ],
  [
    'an empty text clears an extension',
    { [EXAMPLE]: { floor: 1 } },
    { op: 'add', path: EXAMPLE, value: '' },
    {},
  ],
]

describe('a PATCH', () => {
  it.each(CASES)('%s', (_, given, operation, result) => {
    const stored = { userName: 'ada', active: true, ...given }
    const patched = applyPatch(stored, readPatch({ Operations: [operation] }, userType), userType)
    expect(patched.resource).toEqual(result ? { userName: 'ada', active: true, ...result } : stored)
    expect(patched.changed).toBe(result !== undefined)
  })
})
