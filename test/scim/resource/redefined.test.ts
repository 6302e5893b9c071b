import { describe, expect, it } from '@jest/globals'
import type { AttributeSpec } from '../../../schemas/registry.ts'
import { pathName } from '../../../src/scim/path/path.ts'
import { redefined } from '../../../src/scim/resource/redefined.ts'
import { typeWith } from '../support.ts'

const URN = 'urn:example:redefined:2.0:User'

/** What becomes of one attribute, by the names of what it is part of. */
function becomes(before: Partial<AttributeSpec> | undefined, after: Partial<AttributeSpec> | undefined) {
  const typeOf = (spec: Partial<AttributeSpec> | undefined) =>
    typeWith(URN, [{ name: 'other', indexed: true }, ...(spec ? [{ name: 'x', ...spec }] : [])])
  const found = redefined(typeOf(before), typeOf(after))
  const parts = (['compared', 'lookedUp', 'forgotten'] as const).filter((part) => found[part].length > 0)
  const named = [...found.compared, ...found.lookedUp].map(pathName).concat(found.forgotten)
  for (const name of named) expect(name).toMatch(/^urn:example:redefined:2\.0:User:x\b/)
  return parts
}

const matching = { indexed: true }
const unique = { indexed: true, uniqueness: 'server' } as const

describe('redefined', () => {
  it.each<[string, Partial<AttributeSpec> | undefined, Partial<AttributeSpec> | undefined, string[]]>([
    ['the same', matching, matching, []],
    ['a new description', {}, { description: 'new', required: true, returned: 'request' }, []],
    ['a new attribute', undefined, {}, ['compared']],
    ['one that is gone', {}, undefined, []],
    ['another type', { type: 'string' }, { type: 'integer' }, ['compared']],
    ['another letter case', { caseExact: true }, { caseExact: false }, ['compared']],
    ['several values', {}, { multiValued: true }, []],
    ['a new matching attribute', undefined, matching, ['compared', 'lookedUp']],
    ['one that becomes matching', {}, matching, ['lookedUp']],
    ['one that is matching no longer', matching, {}, ['forgotten']],
    ['a matching one that is gone', matching, undefined, ['forgotten']],
    ['one that becomes unique', matching, unique, ['lookedUp', 'forgotten']],
    ['one that is unique no longer', unique, matching, ['lookedUp', 'forgotten']],
    [
      'a matching one of another type',
      matching,
      { ...matching, type: 'integer' },
      ['compared', 'lookedUp', 'forgotten'],
    ],
    [
      'a matching one of several values',
      matching,
      { ...matching, multiValued: true },
      ['lookedUp', 'forgotten'],
    ],
  ])('of %s', (_what, before, after, parts) => {
    expect(becomes(before, after)).toEqual(parts)
  })
})
