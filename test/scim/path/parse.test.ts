import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRegistry } from '../../../schemas/registry.ts'
import { parseAttrPath, resolvePath } from '../../../src/scim/path/parse.ts'
import { pathName } from '../../../src/scim/path/path.ts'
import { splitValuePath } from '../../../src/scim/path/value-path.ts'
import { EXAMPLE, failure, refusal, syntaxCases, userType } from '../support.ts'

describe('parseAttrPath', () => {
  it.each(syntaxCases('path_valid.txt'))('GET-06 PAT-05 reads %s', (text, canonical) => {
    expect(pathName(parseAttrPath(text, userType))).toBe(canonical)
  })

  it.each(syntaxCases('path_valid.txt'))('reads the canonical form of %s as itself', (_, canonical) => {
    expect(pathName(parseAttrPath(canonical as string, userType))).toBe(canonical)
  })

  it.each([...syntaxCases('path_invalid.txt'), [''], [' '], ['userName\n']])('PAT-04 refuses %j', (text) => {
    expect(failure(() => parseAttrPath(text, userType))).toBe('invalidPath')
  })

  it('GET-06 knows the schema and whether it is an extension', () => {
    const path = parseAttrPath('urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:MANAGER', userType)
    expect(path).toMatchObject({
      schema: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
      extension: true,
      attribute: { name: 'manager', type: 'complex' },
    })
    expect(parseAttrPath('externalId', userType)).toMatchObject({
      extension: false,
      schema: userType.schema.id,
    })
  })

  it('takes the longest URN that fits, whichever is declared first', () => {
    const { extensions } = userType
    for (const declared of [extensions, extensions.toReversed()]) {
      const type = createRegistry(declared.filter(({ id }) => id.startsWith(EXAMPLE))).resourceType('User')
      expect(parseAttrPath(`${EXAMPLE}:Deep:age`, type).schema).toBe(`${EXAMPLE}:Deep`)
      expect(parseAttrPath(`${EXAMPLE}:age`, type).schema).toBe(EXAMPLE)
    }
  })

  it('says what is wrong with it', () => {
    const said = (text: string) => refusal(() => parseAttrPath(text, userType))
    expect(said('titel')).toBe('invalidPath: `titel` is no attribute of a User')
    expect(said('a b')).toBe('invalidPath: `a b` is not an attribute path')
  })

  it.each(['urn:x:y', 'URN:x:Y.z', 'urn:ietf:params:scim:schemas:core:2.0:User:urn:x'])(
    'tells %s, which nobody knows, from what is no path at all',
    (urn) => {
      expect(resolvePath(urn, userType)).toBeUndefined()
      expect(failure(() => resolvePath(`${urn} `, userType))).toBe('invalidPath')
      expect(failure(() => resolvePath(`a ${urn}`, userType))).toBe('invalidPath')
    },
  )

  it('raises nothing but invalidPath, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['invalidPath', undefined]).toContain(failure(() => parseAttrPath(text, userType)))
      }),
    )
  })
})

describe('splitValuePath', () => {
  it.each([
    ['emails', { attribute: 'emails' }],
    [' emails ', { attribute: 'emails' }],
    ['emails[type eq "work"]', { attribute: 'emails', filter: 'type eq "work"' }],
    ['emails[type eq "work"].value', { attribute: 'emails', filter: 'type eq "work"', sub: 'value' }],
    [
      'emails[value eq "a].b[\\"]"].$ref',
      { attribute: 'emails', filter: 'value eq "a].b[\\"]"', sub: '$ref' },
    ],
  ])('takes %s apart', (text, parts) => {
    expect(splitValuePath(text)).toEqual(parts)
  })

  it.each([
    'emails[',
    'e[',
    'e[.b',
    'emails[type eq "work"',
    'emails[a].b.c',
    'emails[a]b',
    'emails[a].',
    'emails[a][b]',
    'emails["]',
  ])('refuses %s', (text) => {
    expect(refusal(() => splitValuePath(text))).toBe(`invalidPath: \`${text}\` is not an attribute path`)
  })
})
