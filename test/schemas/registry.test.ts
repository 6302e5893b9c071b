import { describe, expect, it } from '@jest/globals'
import { attribute, createRegistry, schema, type AttributeSpec } from '../../schemas/registry.ts'

const extension = (attributes: readonly AttributeSpec[], id = 'urn:example:2.0:User') =>
  schema({ id, name: 'Example', description: '', attributes })

describe('attribute', () => {
  it('SCH-04 fills in the defaults of RFC 7643 §2.2', () => {
    expect(attribute({ name: 'x' })).toEqual({
      name: 'x',
      type: 'string',
      description: '',
      multiValued: false,
      required: false,
      caseExact: false,
      mutability: 'readWrite',
      returned: 'default',
      uniqueness: 'none',
      indexed: false,
      private: false,
    })
  })

  it('SCH-10 SCH-11 makes references and binary values case-exact', () => {
    expect(attribute({ name: 'x', type: 'reference' }).caseExact).toBe(true)
    expect(attribute({ name: 'x', type: 'binary', caseExact: false }).caseExact).toBe(false)
  })
})

describe('createRegistry', () => {
  it('gives the extensions to the user alone', () => {
    const registry = createRegistry([extension([{ name: 'x' }])])
    expect(registry.resourceType('User').extensions.map(({ name }) => name)).toEqual([
      'EnterpriseUser',
      'Example',
    ])
    expect(registry.resourceType('Group').extensions).toEqual([])
    expect(registry.schemas.map(({ name }) => name)).toContain('Example')
  })

  it('SCH-15 gives the parts of a value that have a standard name their standard type', () => {
    const types = {
      type: 'string',
      primary: 'boolean',
      display: 'string',
      value: expect.stringMatching(/string|reference|binary/),
      $ref: 'reference',
    }
    for (const { attributes } of createRegistry([]).schemas.slice(0, 3))
      for (const { name, subAttributes = [] } of attributes)
        for (const sub of subAttributes.filter((each) => each.name in types))
          expect([name, sub.name, sub.type]).toEqual([name, sub.name, types[sub.name as keyof typeof types]])
  })

  it('DSC-12 gives each type the endpoint of its plural', () => {
    for (const { name, endpoint } of createRegistry([]).resourceTypes) expect(endpoint).toBe(`/${name}s`)
  })

  it('DSC-10 USR-17 requires what RFC 7643 and its errata require', () => {
    const registry = createRegistry([])
    const required = (name: 'User' | 'Group') =>
      registry
        .resourceType(name)
        .schema.attributes.filter((each) => each.required)
        .map((each) => each.name)
    expect(required('User')).toEqual(['userName'])
    expect(required('Group')).toEqual(['displayName'])
  })

  it.each([
    ['a URN that is none', [extension([], 'example')]],
    ['a URN that is taken', [extension([], 'URN:ietf:params:scim:schemas:core:2.0:user')]],
    ['a URN twice', [extension([]), extension([])]],
    ['SCH-01 a name that is none', [extension([{ name: '1st' }])]],
    ['SCH-01 a name with a dot', [extension([{ name: 'a.b' }])]],
    ['a name that every object inherits', [extension([{ name: 'constructor' }])]],
    ['__proto__', [extension([{ name: '__proto__' }])]],
    ['one name in two letter cases', [extension([{ name: 'a' }, { name: 'A' }])]],
    ['SCH-29 a complex attribute without sub-attributes', [extension([{ name: 'a', type: 'complex' }])]],
    ['sub-attributes of a text', [extension([{ name: 'a', subAttributes: [{ name: 'b' }] }])]],
    [
      'SCH-14 a complex attribute in a complex one',
      [
        extension([
          { name: 'a', type: 'complex', subAttributes: [{ name: 'b', type: 'complex', subAttributes: [] }] },
        ]),
      ],
    ],
  ])('%s: refused', (_, extensions) => {
    expect(() => createRegistry(extensions)).toThrow(/`.+`/)
  })
})
