import { describe, expect, it } from '@jest/globals'
import { createRegistry, schema } from '../../../schemas/registry.ts'
import { readResource } from '../../../src/scim/resource/read.ts'
import { ENTERPRISE, EXAMPLE, failure, userType } from '../support.ts'

const USER = userType.schema.id

/** What a client sends of a user, what it means, and the rewrites that say so. */
const CASES: readonly (readonly [string, object, object, readonly string[]])[] = [
  ['text for true', { active: 'TRUE' }, { active: true }, ['N5']],
  ['text for false', { active: 'False' }, { active: false }, ['N5']],
  ['digits for an integer', { [EXAMPLE]: { floor: '42' } }, { [EXAMPLE]: { floor: 42 } }, ['N6']],
  ['digits for a number', { [EXAMPLE]: { age: '-1.25e+2' } }, { [EXAMPLE]: { age: -125 } }, ['N6']],
  ['more digits for a number', { [EXAMPLE]: { age: '10.50' } }, { [EXAMPLE]: { age: 10.5 } }, ['N6']],
  ['a power for a number', { [EXAMPLE]: { age: '2E3' } }, { [EXAMPLE]: { age: 2000 } }, ['N6']],
  ['a higher power for a number', { [EXAMPLE]: { age: '1e12' } }, { [EXAMPLE]: { age: 1e12 } }, ['N6']],
  ['a number for a text', { title: 1.5 }, { title: '1.5' }, ['N6']],
  ['a number for a reference', { profileUrl: 5 }, { profileUrl: '5' }, ['N6']],
  ['a list around one value', { title: ['x'] }, { title: 'x' }, ['N7']],
  ['lists around one value', { title: [['x']] }, { title: 'x' }, ['N7']],
  ['a list of nothing for one value', { title: [] }, {}, ['N7']],
  ['an object around one value', { title: { $ref: 'r', VALUE: 'x' } }, { title: 'x' }, ['N7']],
  ['an object in a list around one value', { title: [{ value: 'x' }] }, { title: 'x' }, ['N7']],
  [
    'a list around a complex value',
    { [ENTERPRISE]: { manager: [{ value: 'm' }] } },
    { [ENTERPRISE]: { manager: { value: 'm' } } },
    ['N7'],
  ],
  ['one value for several', { [EXAMPLE]: { tags: 'a' } }, { [EXAMPLE]: { tags: ['a'] } }, ['N7']],
  [
    'a text for a complex value',
    { [ENTERPRISE]: { manager: 'm' } },
    { [ENTERPRISE]: { manager: { value: 'm' } } },
    ['N8'],
  ],
  [
    'a number for a complex value',
    { [ENTERPRISE]: { manager: 7 } },
    { [ENTERPRISE]: { manager: { value: '7' } } },
    ['N8', 'N6'],
  ],
  ['texts for complex values', { roles: ['a', 'b'] }, { roles: [{ value: 'a' }, { value: 'b' }] }, ['N8']],
  ['an empty text', { title: '' }, {}, ['N17']],
  ['an empty text for several values', { emails: '' }, {}, ['N17']],
  [
    'an empty text among several',
    { [EXAMPLE]: { tags: ['', 'a'] } },
    { [EXAMPLE]: { tags: ['a'] } },
    ['N17'],
  ],
  [
    'a role as a text of JSON',
    { roles: [{ value: ' {"id":"1","value":"25","displayName":"Reader"}' }] },
    { roles: [{ value: '25', display: 'Reader' }] },
    ['N20', 'N21'],
  ],
  [
    'a role as a text of JSON beside what is known of it',
    { roles: [{ VALUE: '{"value":"25"}', type: 't' }] },
    { roles: [{ value: '25', type: 't' }] },
    ['N20'],
  ],
  [
    'a role as a text of JSON behind what is known of it',
    { roles: [{ type: 't', value: '{"value":"25"}' }] },
    { roles: [{ value: '25', type: 't' }] },
    ['N20'],
  ],
  [
    'a role without a value',
    { roles: [{ type: 't', display: 'x' }] },
    { roles: [{ display: 'x', type: 't' }] },
    [],
  ],
  [
    'a bare text of JSON for a role',
    { roles: ['{"value":"25"}'] },
    { roles: [{ value: '25' }] },
    ['N8', 'N20'],
  ],
  ['a text for a role that begins like JSON', { roles: [{ value: '{x' }] }, { roles: [{ value: '{x' }] }, []],
  [
    'a text of JSON for a role that has no value',
    { roles: [{ value: '{"id":"1"}' }] },
    { roles: [{ value: '{"id":"1"}' }] },
    [],
  ],
  [
    'a text of JSON that inherits its value alone',
    { roles: [{ value: '{"__proto__":{"value":"1"}}' }] },
    { roles: [{ value: '{"__proto__":{"value":"1"}}' }] },
    [],
  ],
  [
    'a text of JSON for something else',
    { entitlements: [{ value: '{"value":"25"}' }] },
    { entitlements: [{ value: '{"value":"25"}' }] },
    [],
  ],
  [
    'displayName for display',
    { roles: [{ value: 'a', DisplayName: 'A' }] },
    { roles: [{ value: 'a', display: 'A' }] },
    ['N21'],
  ],
  [
    'displayName beside a display of null',
    { roles: [{ value: 'a', display: null, displayName: 'A' }] },
    { roles: [{ value: 'a', display: 'A' }] },
    ['N21'],
  ],
  [
    'displayName beside a display of null in capitals',
    { roles: [{ value: 'a', DISPLAY: null, displayName: 'A' }] },
    { roles: [{ value: 'a', display: 'A' }] },
    ['N21'],
  ],
  [
    'displayName beside another display',
    { roles: [{ value: 'a', DISPLAY: 'B', displayName: 'A' }] },
    { roles: [{ value: 'a', display: 'B' }] },
    ['N21'],
  ],
]

const read = (sent: object, strict: boolean) =>
  readResource({ schemas: [USER, ENTERPRISE, EXAMPLE], userName: 'ada', ...sent }, userType, { strict })

describe('the habits of clients in the values of a user', () => {
  it.each(CASES)('%s', (_, sent, meant, rewrites) => {
    expect(read(sent, false)).toEqual({
      resource: { userName: 'ada', ...meant },
      notices: { ignored: [], rewrites },
    })
  })

  it.each(CASES.filter(([, , , rewrites]) => rewrites.length > 0))(
    'are no habits to the letter: %s',
    (_, sent, meant) => {
      const scimType = failure(() =>
        expect(read(sent, true).resource).not.toEqual({ userName: 'ada', ...meant }),
      )
      expect([undefined, 'invalidValue']).toContain(scimType)
    },
  )

  it.each([
    { active: 'truely' },
    { active: 'untrue' },
    { [EXAMPLE]: { age: '0x10' } },
    { [EXAMPLE]: { age: ' 5' } },
    { [EXAMPLE]: { age: '5 ' } },
    { [EXAMPLE]: { age: '05' } },
    { [EXAMPLE]: { age: '1e400' } },
    { [EXAMPLE]: { age: true } },
    { [EXAMPLE]: { floor: '1.5' } },
    { [EXAMPLE]: { since: 5 } },
    { title: true },
    { title: Number.POSITIVE_INFINITY },
    { title: ['a', 'b'] },
    { title: { display: 'x' } },
    { name: ['a', 'b'] },
    { name: 7 },
    { emails: [['a']] },
  ])('do not make sense of %j', (sent) => {
    expect(failure(() => read(sent, false))).toBe('invalidValue')
  })

  it('have no part in an attribute that has display and displayName', () => {
    const urn = 'urn:example:params:2.0:Cards'
    const subAttributes = [{ name: 'display' }, { name: 'displayName' }]
    const type = createRegistry([
      schema({
        id: urn,
        name: 'Cards',
        description: '',
        attributes: [{ name: 'card', type: 'complex', subAttributes }],
      }),
    ]).resourceType('User')
    const body = { schemas: [USER, urn], userName: 'ada', [urn]: { card: { displayName: 'A' } } }
    expect(readResource(body, type)).toEqual({
      resource: { userName: 'ada', [urn]: { card: { displayName: 'A' } } },
      notices: { ignored: [], rewrites: [] },
    })
  })
})
