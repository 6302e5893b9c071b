import { describe, expect, it } from '@jest/globals'
import { parseConfig } from '../../schemas/config.ts'
import { createRegistry } from '../../schemas/registry.ts'
import { userExtensions } from '../../schemas/user-extensions.ts'

const USER_ATTRIBUTE = 'urn:signalbox:params:scim:schemas:2.0:UserAttribute'

describe('userExtensions', () => {
  it('makes no schema of a configuration that says nothing', () => {
    expect(extensionsOf({})).toEqual([])
  })

  it('makes a schema of each declared extension, with the defaults of RFC 7643 §2.2', () => {
    const [extension] = extensionsOf({
      extensions: [
        {
          urn: 'urn:acme:User',
          name: 'Acme',
          attributes: [
            { name: 'dbRole', multiValued: true },
            { name: 'badge', type: 'reference', multiValued: true },
          ],
        },
      ],
    })
    expect(extension).toMatchObject({ id: 'urn:acme:User', name: 'Acme', description: '' })
    expect(extension?.attributes).toMatchObject([
      { name: 'dbRole', type: 'string', caseExact: false, mutability: 'readWrite', multiValued: true },
      { name: 'badge', type: 'reference', multiValued: true, caseExact: true },
    ])
  })

  it('has an index over what is matching or unique', () => {
    const attributes = [{ name: 'a', matching: true }, { name: 'b', uniqueness: 'server' }, { name: 'c' }]
    const [declared, offered] = extensionsOf({
      extensions: [{ urn: 'urn:acme:User', attributes }],
      userAttributes: [{ reference: 'd', matching: true }, { reference: 'e' }],
    })
    const indexed = [declared, offered].flatMap((each) => each?.attributes.filter((one) => one.indexed))
    expect(indexed.map((each) => each?.name)).toEqual(['a', 'b', 'd'])
    expect(JSON.stringify(declared)).not.toContain('matching')
  })

  it('offers every user attribute by its reference, and the same under each alias', () => {
    const schemas = extensionsOf({
      userAttributes: [
        { reference: 'db_role', label: 'Database role' },
        { reference: 'level', type: 'number', multiple: true },
      ],
      userAttributeAliases: ['urn:omni:params:1.0:UserAttribute'],
    })
    expect(schemas.map(({ id }) => id)).toEqual([USER_ATTRIBUTE, 'urn:omni:params:1.0:UserAttribute'])
    expect(schemas[0]?.attributes).toMatchObject([
      { name: 'db_role', type: 'string', multiValued: false, caseExact: true, description: 'Database role' },
      { name: 'level', type: 'decimal', multiValued: true },
    ])
    expect(schemas[1]?.attributes).toEqual(schemas[0]?.attributes)
  })

  it('makes schemas that the registry accepts', () => {
    const extensions = extensionsOf({
      extensions: [{ urn: 'urn:acme:User', attributes: [{ name: 'dbRole' }] }],
      userAttributes: [{ reference: 'db_role' }],
    })
    expect(
      createRegistry(extensions)
        .resourceType('User')
        .extensions.map(({ id }) => id),
    ).toEqual(expect.arrayContaining(['urn:acme:User', USER_ATTRIBUTE]))
  })
})

function extensionsOf(document: unknown) {
  const parsed = parseConfig(document)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  return userExtensions(parsed.config)
}
