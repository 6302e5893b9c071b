import { describe, expect, it } from '@jest/globals'
import {
  invalidFilter,
  invalidPath,
  invalidSyntax,
  invalidValue,
  mutability,
  noTarget,
  quote,
  ScimError,
  tooMany,
  uniqueness,
} from '../../src/scim/error.ts'

describe('a ScimError', () => {
  it.each([
    ['invalidFilter', 400, invalidFilter],
    ['invalidPath', 400, invalidPath],
    ['invalidSyntax', 400, invalidSyntax],
    ['invalidValue', 400, invalidValue],
    ['mutability', 400, mutability],
    ['noTarget', 400, noTarget],
    ['tooMany', 400, tooMany],
    ['uniqueness', 409, uniqueness],
  ] as const)('of scimType %s has the status %d', (scimType, status, make) => {
    const error = make('why')
    expect(error).toBeInstanceOf(ScimError)
    expect(error).toMatchObject({ name: 'ScimError', message: 'why', scimType, status })
  })
})

describe('quote', () => {
  it.each([
    ['ada', '`ada`'],
    ['', '``'],
    [7, '`7`'],
    [null, '`null`'],
    [undefined, '`undefined`'],
    [{ value: ['a'] }, '`{"value":["a"]}`'],
    ['x'.repeat(80), `\`${'x'.repeat(80)}\``],
    ['x'.repeat(81), `\`${'x'.repeat(80)}…\``],
    [['x'.repeat(80)], `\`["${'x'.repeat(78)}…\``],
  ])('shows %j as %s', (input, text) => {
    expect(quote(input)).toBe(text)
  })
})
