import { describe, expect, it } from '@jest/globals'
import { parseFilter } from '../../src/scim/filter/parse.ts'
import { applyPatch } from '../../src/scim/patch/apply.ts'
import { readPatch } from '../../src/scim/patch/read.ts'
import { checkTextShape } from '../../src/scim/resource/shape.ts'
import { failure, userType } from './support.ts'

/** How long the work takes, in milliseconds, whether it fails or not. */
function cost(work: () => unknown): number {
  const start = performance.now()
  failure(work)
  return performance.now() - start
}

const many = (count: number, name: (i: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), 'x']))

describe('what a request may cost', () => {
  it.each([
    ['an unfinished string of line ends', `title eq "${'\n'.repeat(8000)}`],
    ['blanks', `title eq${' '.repeat(8100)}x`],
    ['blanks between bare words', `title eq x${' x'.repeat(4000)}`],
    ['quotes and backslashes', `title eq ${'"\\'.repeat(4000)}`],
    ['operators', `title${' eq'.repeat(2700)}`],
    ['open brackets', '['.repeat(8192)],
    ['closed brackets', `emails[type pr]${'].x'.repeat(2700)}`],
    ['digits', `title eq ${'1'.repeat(8000)}e`],
    ['dots', 'a.'.repeat(4096)],
    ['colons', 'urn:'.repeat(2048)],
  ])('is no more for a filter of %s', (_, text) => {
    expect(cost(() => parseFilter(text, userType))).toBeLessThan(250)
  })

  it.each([
    ['one value-path key after another', { value: many(20_000, (i) => `roles[value eq "${i}"].display`) }],
    ['many values', { path: 'roles', value: Array.from({ length: 50_000 }, (_, i) => ({ value: `${i}` })) }],
    ['many unknown names', { value: many(100_000, (i) => `x${i}`) }],
  ])('is bounded for a PATCH of %s', (_, operation) => {
    const patch = () => readPatch({ Operations: [{ op: 'add', ...operation }] }, userType)
    expect(cost(() => applyPatch({ userName: 'ada' }, patch(), userType))).toBeLessThan(2000)
  })

  it.each([
    ['brackets', '['.repeat(16e6), 'invalidSyntax'],
    ['values', '[1,'.repeat(5e6), 'invalidSyntax'],
    ['backslashes', `"${'\\'.repeat(16e6)}`, undefined],
    ['quotes', `["${'\\"'.repeat(8e6)}`, undefined],
  ])('is known at once for a body of %s that no parser should see', (_, text, scimType) => {
    expect(failure(() => checkTextShape(text))).toBe(scimType)
    expect(cost(() => checkTextShape(text))).toBeLessThan(1000)
  })
})
