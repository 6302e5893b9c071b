import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { putAside, referencesIn, resolveReferences } from '../../../src/scim/bulk/references.ts'

const ids = new Map([
  ['a', '1'],
  ['b', '2'],
  ['ada', '3'],
])
const urn = 'urn:example:2.0:User'

/** What holds references, which, and what becomes of it. */
const CASES: readonly (readonly [unknown, readonly string[], unknown])[] = [
  ['bulkId:a', ['a'], '1'],
  ['bulkId:ada', ['ada'], '3'],
  ['../Users/bulkId:ada', ['ada'], '../Users/3'],
  ['bulkId:a\n', ['a\n'], 'bulkId:a\n'],
  ['bulkId:unknown', ['unknown'], 'bulkId:unknown'],
  ['bulkId:with blanks / and more', ['with blanks / and more'], 'bulkId:with blanks / and more'],
  ['bulkId:', [''], 'bulkId:'],
  ['../Users/bulkId:b', ['b'], '../Users/2'],
  ['https://x/Users/bulkId:a?x#y', ['a'], 'https://x/Users/1?x#y'],
  [
    'members[value eq "bulkId:a" or value eq "bulkId:b"]',
    ['a', 'b'],
    'members[value eq "1" or value eq "2"]',
  ],
  ['see bulkId:a', [], 'see bulkId:a'],
  ['BULKID:a', [], 'BULKID:a'],
  [
    { deep: [{ er: { value: 'bulkId:a' } }, 7, null, true] },
    ['a'],
    { deep: [{ er: { value: '1' } }, 7, null, true] },
  ],
  [{ 'members[value eq "bulkId:b"]': 'bulkId:a' }, ['b', 'a'], { 'members[value eq "2"]': '1' }],
  [JSON.parse('{"__proto__":{"x":"bulkId:a"}}'), ['a'], JSON.parse('{"__proto__":{"x":"1"}}')],
  [undefined, [], undefined],
]

describe('references by bulkId', () => {
  it.each(CASES)('are found in %j, and replaced', (value, references, resolved) => {
    expect([...referencesIn(value)]).toEqual(references)
    expect(resolveReferences(value, ids)).toEqual(resolved)
  })

  it('leave everything else as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(resolveReferences(value, ids)).toEqual(value)
      }),
    )
  })
})

describe('putAside', () => {
  const part = (data: object) => putAside(data, new Set(['a']))

  it('keeps what refers to nothing that is missing', () => {
    const data = { displayName: 'x', members: [{ value: 'bulkId:b' }], [urn]: { manager: 'bulkId:b' } }
    expect(part(data)).toEqual({ data, aside: [] })
  })

  it('takes elements out of a list, and attributes out of the resource and its extensions', () => {
    const { data, aside } = part({
      members: [{ value: 'bulkId:a' }, { value: 'bulkId:b' }],
      manager: { value: 'bulkId:a' },
      [urn]: { level: 1, buddy: 'bulkId:a', friends: ['bulkId:a', 'x'] },
    })
    expect(data).toEqual({ members: [{ value: 'bulkId:b' }], [urn]: { level: 1, friends: ['x'] } })
    expect(aside).toEqual([
      { path: 'members', value: [{ value: 'bulkId:a' }] },
      { path: 'manager', value: { value: 'bulkId:a' } },
      { path: `${urn}:buddy`, value: 'bulkId:a' },
      { path: `${urn}:friends`, value: ['bulkId:a'] },
    ])
  })
})
