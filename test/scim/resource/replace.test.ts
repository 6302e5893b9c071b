import { describe, expect, it } from '@jest/globals'
import { createResource, replaceResource } from '../../../src/scim/resource/replace.ts'
import { EXAMPLE, failure, userType } from '../support.ts'

describe('createResource', () => {
  it('CRT-03 supplies the defaults of the schema', () => {
    expect(createResource({ userName: 'a' }, userType)).toEqual({ userName: 'a', active: true })
    expect(createResource({ userName: 'a', active: false }, userType)).toEqual({
      userName: 'a',
      active: false,
    })
  })
})

describe('replaceResource', () => {
  const stored = { userName: 'a', title: 't', active: false, emails: [{ value: '1' }, { value: '2' }] }

  it('PUT-04 PUT-03 clears what was not sent', () => {
    expect(replaceResource(stored, { userName: 'b', active: true }, userType)).toEqual({
      resource: { userName: 'b', active: true },
      changed: true,
    })
  })

  it('PUT-04 leaves a deactivated user deactivated when `active` was not sent', () => {
    expect(replaceResource(stored, { userName: 'a' }, userType).resource).toEqual({
      userName: 'a',
      active: false,
    })
  })

  it('PUT-09 says that nothing changed, whatever the order', () => {
    const sent = { emails: [{ value: '2' }, { value: '1' }], userName: 'a', title: 't' }
    const { resource, changed } = replaceResource(stored, sent, userType)
    expect(changed).toBe(false)
    expect(resource).toBe(stored)
  })

  it('sees a change of letter case', () => {
    expect(replaceResource(stored, { ...stored, userName: 'A' }, userType).changed).toBe(true)
  })

  it('PUT-05 honours immutable values', () => {
    const badged = { userName: 'a', active: true, [EXAMPLE]: { badge: 'B1' } }
    expect(
      failure(() => replaceResource(badged, { userName: 'a', [EXAMPLE]: { badge: 'b1' } }, userType)),
    ).toBe('mutability')
    expect(replaceResource(badged, { userName: 'a' }, userType)).toEqual({ resource: badged, changed: false })
    expect(replaceResource({ userName: 'a', active: true }, badged, userType).resource).toEqual(badged)
  })
})
