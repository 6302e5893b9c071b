import { describe, expect, it } from '@jest/globals'
import { readBulk } from '../../src/scim/bulk/read.ts'
import { readPatch } from '../../src/scim/patch/read.ts'
import { readResource } from '../../src/scim/resource/read.ts'
import { readSearchRequest } from '../../src/scim/search-request.ts'
import { listsUrn } from '../../src/scim/urn.ts'
import { groupType, refusal, userType } from './support.ts'

describe('listsUrn', () => {
  it.each([
    [['urn:x:A', 'urn:x:b'], true],
    [['URN:X:B'], true],
    [['urn:x:a', 7, null], false],
    ['urn:x:b', false],
    [{ 0: 'urn:x:b' }, false],
    [undefined, false],
  ])('in %j', (sent, found) => {
    expect(listsUrn(sent, 'urn:x:B')).toBe(found)
  })
})

describe('what cannot become a text', () => {
  const textless = JSON.parse('{"toString":1,"valueOf":1}') as unknown
  const shown = '`{"toString":1,"valueOf":1}`'
  const schemas = [textless]

  it('is no URN of a message', () => {
    const operation = { op: 'add', path: 'title', value: 'x' }
    expect([
      refusal(() => readBulk({ schemas, Operations: [] }, 1)),
      refusal(() => readSearchRequest({ schemas })),
      refusal(() => readPatch({ schemas, Operations: [operation] }, userType, { strict: true })),
    ]).toEqual([
      'invalidSyntax: `schemas` does not list the BulkRequest message',
      'invalidSyntax: `schemas` does not list the SearchRequest message',
      'invalidSyntax: `schemas` does not list the PatchOp message',
    ])
  })

  it('is no URN of a resource', () => {
    const body = { schemas: [userType.schema.id, textless], userName: 'ada' }
    expect(readResource(body, userType).resource).toEqual({ userName: 'ada' })
    expect(refusal(() => readResource(body, userType, { strict: true }))).toBe(
      `invalidSyntax: \`schemas\` lists ${shown}, which a User has not`,
    )
  })

  it('is no type of a member', () => {
    const members = [{ value: 'a', type: textless }]
    expect(readResource({ displayName: 'g', members }, groupType).members).toEqual([{ value: 'a' }])
  })
})
