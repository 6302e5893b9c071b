import { describe, expect, it } from '@jest/globals'
import { createRegistry, schema } from '../../../schemas/registry.ts'
import { applyPatch } from '../../../src/scim/patch/apply.ts'
import { readPatch } from '../../../src/scim/patch/read.ts'
import { readResource } from '../../../src/scim/resource/read.ts'
import { createResource, replaceResource } from '../../../src/scim/resource/replace.ts'
import type { Resource } from '../../../src/scim/resource/resource.ts'
import { unknownOf } from '../../../src/scim/resource/unknown.ts'

const GONE = 'urn:example:gone:2.0:User'
const HALF = 'urn:example:half:2.0:User'
const declared = (id: string, ...names: string[]) =>
  schema({ id, name: id, description: '', attributes: names.map((name) => ({ name })) })
const before = createRegistry([declared(GONE, 'team'), declared(HALF, 'stays', 'goes')]).resourceType('User')
const after = createRegistry([declared(HALF, 'stays')]).resourceType('User')

const body = { userName: 'ada', [GONE]: { team: 'red' }, [HALF]: { stays: 'x', goes: 'y' } }
const stored = () => createResource(readResource(body, before).resource, before)
const put = (sent: object, type = after) => replaceResource(stored(), readResource(sent, type).resource, type)
const patch = (operation: object, type = after) =>
  applyPatch(stored(), readPatch({ Operations: [operation] }, type), type)

describe('what no schema knows any more', () => {
  it('is no change when it is sent back as it was read', () => {
    expect(put(stored())).toEqual({ resource: stored(), changed: false })
  })

  it('stays when the rest is replaced', () => {
    expect(put({ userName: 'ida' }).resource).toEqual({
      userName: 'ida',
      active: true,
      [GONE]: { team: 'red' },
      [HALF]: { goes: 'y' },
    })
  })

  it.each<[object, Resource]>([
    [{ op: 'replace', path: 'title', value: 't' }, { title: 't' }],
    [{ op: 'replace', path: `${HALF}:stays`, value: 'z' }, { [HALF]: { stays: 'z', goes: 'y' } }],
    [{ op: 'remove', path: HALF }, { [HALF]: { goes: 'y' } }],
    [{ op: 'replace', value: { active: false, [GONE]: { team: 'blue' } } }, { active: false }],
  ])('stays through the PATCH %j', (operation, changed) => {
    expect(patch(operation).resource).toEqual({ ...stored(), ...changed })
  })

  it('does not come from a client', () => {
    expect(readResource(body, after).resource).toEqual({ userName: 'ada', [HALF]: { stays: 'x' } })
  })

  it('can be changed when it is declared again', () => {
    expect(put({ userName: 'ada' }, before).resource).toEqual({ userName: 'ada', active: true })
  })
})

describe('unknownOf', () => {
  it('finds attributes of the resource, and of its extensions, in another letter case too', () => {
    const resource = { userName: 'a', legacy: 'x', USERNAME: 'b', [HALF]: { stays: 'x', goes: 'y' } }
    expect(unknownOf(resource, after)).toEqual({ legacy: 'x', USERNAME: 'b', [HALF]: { goes: 'y' } })
    expect(unknownOf({ [HALF]: 'x' }, after)).toEqual({})
  })
})

describe('what has another form than its attribute has now', () => {
  it('stays when something else is changed', () => {
    const older: Resource = {
      userName: 'ada',
      title: ['a', 'b'],
      nickName: { value: 'x' },
      emails: { value: 'x' },
      active: true,
    }
    const change = readPatch({ Operations: [{ op: 'replace', path: 'active', value: false }] }, after)
    expect(applyPatch(older, change, after).resource).toEqual({ ...older, active: false })
  })
})

describe('an attribute of an extension with the name `members`', () => {
  it('is no membership', () => {
    const type = createRegistry([declared(HALF, 'members')]).resourceType('User')
    const change = readPatch({ Operations: [{ op: 'add', path: `${HALF}:members`, value: 'x' }] }, type)
    expect(applyPatch({ userName: 'ada' }, change, type).resource).toMatchObject({ [HALF]: { members: 'x' } })
  })
})
