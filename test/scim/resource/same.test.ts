import { describe, expect, it } from '@jest/globals'
import { sameValue } from '../../../src/scim/resource/same.ts'

describe('sameValue', () => {
  it.each([
    [1, 1],
    [undefined, undefined],
    [[], []],
    [
      [1, 2],
      [2, 1],
    ],
    [{}, {}],
    [
      { a: 1, b: { c: 'x' } },
      { b: { c: 'x' }, a: 1 },
    ],
    [{ a: [{ x: 1 }, { y: [true] }] }, { a: [{ y: [true] }, { x: 1 }] }],
  ])('takes %j and %j for the same', (a, b) => {
    expect([sameValue(a, b), sameValue(b, a)]).toEqual([true, true])
  })

  it.each([
    [1, '1'],
    [null, {}],
    [undefined, null],
    [[1], undefined],
    [[], ''],
    [{}, []],
    [[1], 1],
    [[1], [1, 1]],
    [
      [1, 1],
      [1, 2],
    ],
    [
      [1, 23],
      [12, 3],
    ],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [
      { a: 1, b: 2 },
      { a: 1, c: 2 },
    ],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [{ a: [1, 2] }, { a: [1, 3] }],
  ])('tells %j from %j', (a, b) => {
    expect([sameValue(a, b), sameValue(b, a)]).toEqual([false, false])
  })
})
