import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { applyPatch } from '../../../src/scim/patch/apply.ts'
import { MOST_CHANGES, readPatch } from '../../../src/scim/patch/read.ts'
import { createRegistry, schema } from '../../../schemas/registry.ts'
import { ScimError } from '../../../src/scim/error.ts'
import type { Resource } from '../../../src/scim/resource/resource.ts'
import { ENTERPRISE, EXAMPLE, failure, groupType, userType } from '../support.ts'

const ada: Resource = {
  userName: 'ada',
  name: { givenName: 'Ada' },
  active: true,
  emails: [
    { value: 'a', type: 'work', primary: true },
    { value: 'b', type: 'home' },
  ],
  [ENTERPRISE]: { manager: { value: 'm' } },
}

const paths = [
  'userName',
  'title',
  'TITLE',
  'active',
  'name',
  'name.givenName',
  'emails',
  'emails.type',
  'emails[type eq "work"]',
  'emails[type eq "work"].value',
  'emails[type eq "other"].value',
  'emails[primary eq "True"].primary',
  'emails[value pr].primary',
  'roles',
  'id',
  'groups',
  'meta.created',
  '__proto__',
  'constructor.prototype.x',
  'urn:x:y',
  ENTERPRISE,
  `${ENTERPRISE}:manager`,
  `${ENTERPRISE}:manager[value eq "m"]`,
  `${EXAMPLE}:tags`,
  `${EXAMPLE}:badge`,
  'password',
  'emails[',
  '',
]
const values = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    'x',
    'True',
    'false',
    true,
    5,
    [],
    ['x'],
    [{ value: 'a' }],
    {},
    { value: 'c', primary: true },
  ),
  fc.constantFrom<unknown>(
    [
      { value: 'p', primary: true },
      { value: 'q', primary: 'True', type: 'home' },
    ],
    { title: 'T', 'name.givenName': 'G', 'emails[type eq "home"].value': 'h', id: '1', __proto__: { x: 1 } },
    { [ENTERPRISE]: { manager: 'n', department: null }, [`${EXAMPLE}:tags`]: ['t'] },
    JSON.parse('{"__proto__":{"polluted":1},"name":{"__proto__":{"polluted":1}}}'),
  ),
)
const operations = fc.array(
  fc.record(
    { op: fc.constantFrom('add', 'Replace', 'remove'), path: fc.constantFrom(...paths), value: values },
    { requiredKeys: ['op'] },
  ),
  { maxLength: 5 },
)

const run = (body: unknown, strict = false, stored = ada) =>
  applyPatch(stored, readPatch(body, userType, { strict }), userType)

/** The result, or undefined where the request is refused as SCIM refuses. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    expect(error).toBeInstanceOf(ScimError)
    return undefined
  }
}

describe('a PATCH of anything', () => {
  it('PAT-28 PAT-07 is done or refused, changes no argument, and touches no prototype', () => {
    fc.assert(
      fc.property(operations, fc.boolean(), (Operations, strict) => {
        const before = JSON.stringify([ada, Operations])
        attempt(() => run({ schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }, strict))
        expect(JSON.stringify([ada, Operations])).toBe(before)
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
      }),
      { numRuns: 3000 },
    )
  })

  it('PAT-07 leaves a resource that holds together', () => {
    fc.assert(
      fc.property(operations, (Operations) => {
        const result = attempt(() => run({ Operations }))
        if (!result) return
        const { resource, changed } = result
        expect(resource['userName']).toBeTruthy()
        expect(typeof resource['active']).toBe('boolean')
        const emails = (resource['emails'] ?? []) as Resource[]
        expect(emails.filter((email) => email['primary'] === true).length).toBeLessThanOrEqual(1)
        expect(new Set(emails.map((email) => JSON.stringify([email['type'], email['value']]))).size).toBe(
          emails.length,
        )
        expect(changed).toBe(JSON.stringify(resource) !== JSON.stringify(ada))
        expect(JSON.stringify(resource)).not.toMatch(/null|\[\]|\{\}|polluted/)
      }),
      { numRuns: 3000 },
    )
  })

  it('PAT-27 changes nothing when a replacement is made a second time', () => {
    // A selected element that is replaced as a whole may no longer be one that the filter selects.
    const replacement = operations.map((all) =>
      all
        .filter(({ path }) => !path?.endsWith(']'))
        .slice(0, 1)
        .map((each) => ({ ...each, op: 'replace' })),
    )
    fc.assert(
      fc.property(replacement, (Operations) => {
        const first = attempt(() => run({ Operations }))
        if (first) expect(run({ Operations }, false, first.resource).changed).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('PAT-06 does the same in one request as in one request each', () => {
    fc.assert(
      fc.property(operations, (Operations) => {
        const together = attempt(() => run({ Operations }))
        const apart = attempt(() =>
          Operations.reduce(
            (stored, operation) => run({ Operations: [operation] }, false, stored).resource,
            ada,
          ),
        )
        if (together && apart && !Operations.some(({ path }) => /type|primary/.test(path ?? ''))) {
          expect(together.resource).toEqual(apart)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the envelope of a PATCH', () => {
  const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
  const operation = { op: 'replace', path: 'title', value: 'x' }

  it.each([
    ['N2', { schemas: [PATCH_OP], operations: [operation] }],
    ['N2', { schemas: [PATCH_OP], Operations: operation }],
    ['N3', { Operations: [operation] }],
    ['N3', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:PatchOp'], Operations: [operation] }],
  ])('%s: %j', (id, body) => {
    expect(run(body)).toMatchObject({ resource: { title: 'x' }, notices: { rewrites: [id] } })
  })

  it('N2: no operations change nothing', () => {
    expect(run({ schemas: [PATCH_OP], Operations: [] })).toMatchObject({
      changed: false,
      notices: { rewrites: ['N2'] },
    })
  })

  it.each([
    [{ Operations: [operation] }],
    [{ schemas: [PATCH_OP], Operations: [] }],
    [{ schemas: [PATCH_OP], Operations: operation }],
  ])('refuses %j to the letter', (body) => {
    expect(failure(() => run(body, true))).toBe('invalidSyntax')
  })

  it.each([[null], [[]], ['x'], [{}], [{ Operations: 'x' }], [{ Operations: null }]])(
    'refuses %j',
    (body) => {
      expect(failure(() => run(body))).toBe('invalidSyntax')
    },
  )

  it('refuses too many changes', () => {
    const Operations = Array.from({ length: MOST_CHANGES + 1 }, () => operation)
    expect(failure(() => run({ Operations }))).toBe('invalidSyntax')
  })

  it('passes over what it does to members', () => {
    const Operations = [
      { op: 'add', path: 'members', value: [{ value: 'a' }] },
      { op: 'replace', path: 'displayName', value: 'H' },
    ]
    const patch = readPatch({ schemas: [PATCH_OP], Operations }, groupType)
    expect(applyPatch({ displayName: 'G' }, patch, groupType)).toMatchObject({
      resource: { displayName: 'H' },
      changed: true,
    })
  })

  it('takes any number of members in one list', () => {
    const value = Array.from({ length: 50_000 }, (_, i) => ({ value: `${i}` }))
    const patch = readPatch({ Operations: [{ op: 'add', path: 'members', value }] }, groupType)
    expect(patch.operations).toHaveLength(1)
  })
})

describe('what became required after a resource was stored', () => {
  const urn = 'urn:example:params:2.0:Required'
  const type = createRegistry([
    schema({
      id: urn,
      name: 'Required',
      description: '',
      attributes: [
        { name: 'badge', required: true },
        { name: 'door' },
        {
          name: 'keys',
          type: 'complex',
          multiValued: true,
          subAttributes: [{ name: 'value', required: true }, { name: 'room' }],
        },
      ],
    }),
  ]).resourceType('User')
  const stored: Resource = { userName: 'ada', active: true, [urn]: { door: 'x', keys: [{ room: '1' }] } }
  const patched = (before: Resource, operation: object) =>
    applyPatch(before, readPatch({ Operations: [operation] }, type), type).resource

  it('keeps nobody from being deactivated or changed in another place', () => {
    expect(patched(stored, { op: 'replace', value: { active: 'False' } })).toEqual({
      ...stored,
      active: false,
    })
    expect(patched(stored, { op: 'replace', path: `${urn}:door`, value: 'y' })).toMatchObject({
      [urn]: { door: 'y' },
    })
  })

  it('cannot be taken away once it is there, and is asked of what is new', () => {
    const whole: Resource = { ...stored, [urn]: { badge: 'b', door: 'x' } }
    for (const operation of [
      { op: 'remove', path: `${urn}:badge` },
      { op: 'replace', path: `${urn}:badge`, value: '' },
      { op: 'add', path: `${urn}:keys`, value: [{ room: '2' }] },
    ]) {
      expect(() => patched(whole, operation)).toThrow('required')
    }
  })
})
