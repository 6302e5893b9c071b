import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseAttrPath } from '../../../src/scim/path/parse.ts'
import { pathName } from '../../../src/scim/path/path.ts'
import { splitValuePath } from '../../../src/scim/path/value-path.ts'
import { failure, syntaxCases, userType } from '../support.ts'

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
    'emails[type eq "work"',
    'emails[a].b.c',
    'emails[a]b',
    'emails[a].',
    'emails[a][b]',
    'emails["]',
  ])('refuses %s', (text) => {
    expect(failure(() => splitValuePath(text))).toBe('invalidPath')
  })
})
