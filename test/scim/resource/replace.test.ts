import { describe, expect, it } from '@jest/globals'
import { createRegistry, schema } from '../../../schemas/registry.ts'
import { createResource, keepDefaults, replaceResource } from '../../../src/scim/resource/replace.ts'
import { EXAMPLE, refusal, userType } from '../support.ts'

describe('createResource', () => {
  it('CRT-03 supplies the defaults of the schema', () => {
    expect(createResource({ userName: 'a' }, userType)).toEqual({ userName: 'a', active: true })
    expect(createResource({ userName: 'a', active: false }, userType)).toEqual({
      userName: 'a',
      active: false,
    })
  })
})

describe('createResource, of what was read to the letter', () => {
  it('keeps a value that has nothing but a type', () => {
    const fax = { userName: 'a', active: true, phoneNumbers: [{ type: 'fax' }] }
    expect(createResource(fax, userType)).toEqual(fax)
    expect(replaceResource({ userName: 'a', active: true }, fax, userType).resource).toEqual(fax)
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
      refusal(() => replaceResource(badged, { userName: 'a', [EXAMPLE]: { badge: 'b1' } }, userType)),
    ).toBe(`mutability: \`${EXAMPLE}:badge\` cannot be changed once it is set`)
    expect(replaceResource(badged, { userName: 'a' }, userType)).toEqual({ resource: badged, changed: false })
    expect(replaceResource({ userName: 'a', active: true }, badged, userType).resource).toEqual(badged)
  })

  it('keeps what is write-only, because nobody can read it to send it again', () => {
    const before = { userName: 'a', active: true, [EXAMPLE]: { floor: 1, secret: 's' } }
    expect(replaceResource(before, { userName: 'a' }, userType).resource).toEqual({
      userName: 'a',
      active: true,
      [EXAMPLE]: { secret: 's' },
    })
    const sent = { userName: 'a', [EXAMPLE]: { floor: 1, secret: 't' } }
    expect(replaceResource(before, sent, userType).resource).toMatchObject({ [EXAMPLE]: { secret: 't' } })
  })
})

describe('a default in an extension', () => {
  const urn = 'urn:example:params:2.0:Levels'
  const type = createRegistry([
    schema({
      id: urn,
      name: 'Levels',
      description: '',
      attributes: [{ name: 'level', type: 'integer', default: 1 }, { name: 'note' }],
    }),
  ]).resourceType('User')
  const ada = { userName: 'ada', active: true }

  it('does not make the extension', () => {
    expect(createResource({ userName: 'ada' }, type)).toEqual(ada)
    expect(replaceResource(ada, { userName: 'ada' }, type).resource).toEqual(ada)
  })

  it('comes with the first value of it', () => {
    const noted = { ...ada, [urn]: { level: 1, note: 'x' } }
    expect(createResource({ ...ada, [urn]: { note: 'x' } }, type)).toEqual(noted)
    expect(replaceResource(ada, { ...ada, [urn]: { note: 'x' } }, type).resource).toEqual(noted)
    expect(createResource({ ...ada, [urn]: { level: 3 } }, type)).toEqual({ ...ada, [urn]: { level: 3 } })
  })

  it('gives way to the value that was there', () => {
    const stored = { ...ada, [urn]: { level: 5, note: 'x' } }
    expect(replaceResource(stored, { userName: 'ada' }, type).resource).toEqual({
      ...ada,
      [urn]: { level: 5 },
    })
    expect(keepDefaults({ ...ada, [urn]: { note: 'y' } }, stored, type)).toEqual({
      ...ada,
      [urn]: { level: 5, note: 'y' },
    })
  })
})
