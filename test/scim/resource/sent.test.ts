import { expect, it } from '@jest/globals'
import { readPatch } from '../../../src/scim/patch/read.ts'
import { patchedAttributes, sentAttributes } from '../../../src/scim/resource/sent.ts'
import { ENTERPRISE, EXAMPLE, groupType, userType } from '../support.ts'

const USER = userType.schema.id

it('names the attributes of a body by URN and name, those of extensions one by one', () => {
  const resource = {
    userName: 'ada',
    emails: [],
    name: { givenName: 'A' },
    [ENTERPRISE]: { department: 'd', manager: {} },
    [EXAMPLE]: {},
  }
  expect(sentAttributes(resource, userType)).toEqual([
    `${USER}:userName`,
    `${USER}:emails`,
    `${USER}:name`,
    `${ENTERPRISE}:department`,
    `${ENTERPRISE}:manager`,
  ])
})

it('names the attributes of a PATCH, but for members', () => {
  const Operations = [
    { op: 'add', path: 'displayName', value: 'G' },
    { op: 'add', path: 'members', value: [{ value: 'a' }] },
  ]
  expect(patchedAttributes(readPatch({ Operations }, groupType))).toEqual([
    `${groupType.schema.id}:displayName`,
  ])
  const value = { 'emails[type eq "work"].value': 'e', [ENTERPRISE]: { department: 'd' } }
  expect(patchedAttributes(readPatch({ Operations: [{ op: 'add', value }] }, userType))).toEqual([
    `${USER}:emails`,
    `${ENTERPRISE}:department`,
  ])
})
