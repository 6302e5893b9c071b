import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { GroupFact } from '../../src/mapping/facts.ts'
import { reach, wayTo } from '../../src/mapping/reach.ts'

const group = (id: string, ...members: string[]): GroupFact => ({
  id,
  displayName: id.toUpperCase(),
  members,
})

describe('reach', () => {
  it('finds the groups of the user, directly and through other groups', () => {
    expect(waysOf([group('a', 'ada'), group('b', 'a'), group('c', 'b'), group('d', 'bob')])).toEqual({
      a: [],
      b: ['A'],
      c: ['A', 'B'],
    })
  })

  it('ends on a cycle', () => {
    expect(waysOf([group('a', 'ada', 'c'), group('b', 'a'), group('c', 'b')])).toEqual({
      a: [],
      b: ['A'],
      c: ['A', 'B'],
    })
  })

  it('takes the shortest way, and of several the first by name', () => {
    expect(
      waysOf([group('b', 'ada'), group('a', 'ada'), group('c', 'a'), group('d', 'c', 'b', 'a')]),
    ).toEqual({
      a: [],
      b: [],
      c: ['A'],
      d: ['A'],
    })
  })

  it('follows a way of any length, and names its ends', () => {
    const chain = Array.from({ length: 12_000 }, (_, i) => group(`g${i}`, i === 0 ? 'ada' : `g${i - 1}`))
    const last = reach('ada', chain).get('g11999')
    expect(last && wayTo(last)).toEqual([
      'G0',
      'G1',
      'G2',
      'G3',
      '… 11991 more …',
      'G11995',
      'G11996',
      'G11997',
      'G11998',
    ])
  })

  it('does not depend on the order of the facts', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    const groups = fc.tuple(
      ...ids.map((id) => fc.subarray(['ada', ...ids]).map((members) => group(id, ...members))),
    )
    const shuffled = groups.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    )
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        expect(waysOf(other)).toEqual(waysOf(list))
      }),
    )
  })
})

function waysOf(groups: readonly GroupFact[]): Record<string, string[]> {
  return Object.fromEntries([...reach('ada', groups)].map(([id, reached]) => [id, wayTo(reached)]))
}
