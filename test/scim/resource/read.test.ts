import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readResource } from '../../../src/scim/resource/read.ts'
import { createRegistry, schema } from '../../../schemas/registry.ts'
import { ENTERPRISE, EXAMPLE, failure, groupType, userType } from '../support.ts'

const USER = userType.schema.id
const read = (body: object) =>
  readResource({ schemas: [USER, ENTERPRISE, EXAMPLE], userName: 'ada', ...body }, userType)
const resource = (body: object) => read(body).resource
const strictly = (body: unknown) => failure(() => readResource(body, userType, { strict: true }))

describe('readResource', () => {
  it('SCH-02 SCH-13 resolves names in any letter case, and puts them in the order of the schema', () => {
    const { resource } = readResource(
      {
        TITLE: 't',
        [ENTERPRISE.toUpperCase()]: { DEPARTMENT: 'd' },
        EMAILS: [{ VALUE: 'e', Type: 'work' }],
        username: 'ada',
      },
      userType,
    )
    expect(JSON.stringify(resource)).toBe(
      JSON.stringify({
        userName: 'ada',
        title: 't',
        emails: [{ value: 'e', type: 'work', primary: true }],
        [ENTERPRISE]: { department: 'd' },
      }),
    )
  })

  it('CRT-02 RES-16 USR-13 USR-21 leaves out what the server owns, without a word', () => {
    const body = { id: 'x', meta: { created: 'never' }, groups: [{ value: 'g' }], [EXAMPLE]: { origin: 'x' } }
    expect(read(body)).toEqual({ resource: { userName: 'ada' }, notices: { ignored: [], rewrites: [] } })
  })

  it('USR-07 USR-08 SCH-23 checks a password and keeps none', () => {
    expect(resource({ password: 'secret' })).toEqual({ userName: 'ada' })
    expect(() => read({ password: ['s3cret', 'x'] })).toThrow(/^`password` must be a text$/)
  })

  it('SCH-20 takes null, an empty list, an empty object and an empty text for nothing', () => {
    const body = {
      title: null,
      nickName: '',
      emails: [],
      roles: [null, {}, ''],
      name: {},
      [ENTERPRISE]: { manager: { value: '' } },
    }
    expect(read(body)).toEqual({ resource: { userName: 'ada' }, notices: { ignored: [], rewrites: ['N17'] } })
  })

  it('drops an element of which only the type is left', () => {
    expect(
      resource({
        phoneNumbers: [
          { type: 'fax', value: '' },
          { type: 'work', value: '1' },
        ],
      }),
    ).toEqual({
      userName: 'ada',
      phoneNumbers: [{ value: '1', type: 'work' }],
    })
  })

  it('SCH-17 USR-03 USR-05 USR-10 keeps texts exactly as they were sent', () => {
    const texts = {
      userName: ' Ada@Example.COM ',
      title: 'e\u0301  x',
      phoneNumbers: [{ value: '+46 (0)70-12' }],
    }
    expect(resource(texts)).toEqual(texts)
  })

  it('RES-08 names unknown attributes of every level', () => {
    const { notices } = read({
      colour: 1,
      name: { nick: 'x', givenName: 'A' },
      [ENTERPRISE]: { floor: 3 },
      'urn:x:y': {},
    })
    expect(notices).toEqual({
      ignored: ['colour', 'name.nick', `${ENTERPRISE}:floor`, 'urn:x:y'],
      rewrites: ['N23'],
    })
  })

  it('SCH-18 stores one pair of type and value once', () => {
    expect(
      resource({ roles: [{ value: 'A' }, { value: 'a', display: 'x' }, { value: 'A', type: 't' }] }),
    ).toMatchObject({
      roles: [
        { value: 'a', display: 'x' },
        { value: 'A', type: 't' },
      ],
    })
  })

  it('makes a single e-mail address the primary one unless it says otherwise', () => {
    expect(resource({ emails: [{ value: 'a' }] })).toMatchObject({ emails: [{ value: 'a', primary: true }] })
    expect(resource({ emails: [{ value: 'a', primary: false }] })).toMatchObject({
      emails: [{ primary: false }],
    })
  })

  it.each([
    ['HTTP-11 no object', [], 'invalidSyntax'],
    ['null', null, 'invalidSyntax'],
    ['a text', 'x', 'invalidSyntax'],
    ['CRT-06 no userName', { title: 'x' }, 'invalidValue'],
    ['USR-01 an empty userName', { userName: '' }, 'invalidValue'],
    ['a userName of null', { userName: null }, 'invalidValue'],
    ['a boolean for a text', { userName: true }, 'invalidValue'],
    ['SCH-03 one attribute in two letter cases', { userName: 'a', USERNAME: 'b' }, 'invalidSyntax'],
    [
      'one sub-attribute in two letter cases',
      { userName: 'a', name: { givenName: 'a', GIVENNAME: 'b' } },
      'invalidSyntax',
    ],
    [
      'one extension in two letter cases',
      { userName: 'a', [ENTERPRISE]: {}, [ENTERPRISE.toLowerCase()]: {} },
      'invalidSyntax',
    ],
    ['a list for an extension', { userName: 'a', [ENTERPRISE]: [1] }, 'invalidValue'],
    [
      'SCH-14 a complex value in a complex value',
      { userName: 'a', name: { givenName: { a: 1, b: 2 } } },
      'invalidValue',
    ],
    ['a text for a complex value without value', { userName: 'a', name: 'Ada' }, 'invalidValue'],
    ['SCH-06 a word for a boolean', { userName: 'a', active: 'yes' }, 'invalidValue'],
    ['a number for a boolean', { userName: 'a', active: 1 }, 'invalidValue'],
    ['SCH-08 a number no double holds', { userName: 'a', [EXAMPLE]: { age: 2 ** 53 } }, 'invalidValue'],
    ['SCH-08 infinity', { userName: 'a', [EXAMPLE]: { age: Number.POSITIVE_INFINITY } }, 'invalidValue'],
    ['SCH-07 a fraction for an integer', { userName: 'a', [EXAMPLE]: { floor: 1.5 } }, 'invalidValue'],
    [
      'SCH-09 an impossible date',
      { userName: 'a', [EXAMPLE]: { since: '2011-02-30T00:00:00Z' } },
      'invalidValue',
    ],
    ['SCH-10 USR-15 no base64', { userName: 'a', x509Certificates: [{ value: '{}' }] }, 'invalidValue'],
    [
      'too many values',
      { userName: 'a', roles: Array.from({ length: 1001 }, (_, i) => ({ value: `${i}` })) },
      'invalidValue',
    ],
  ])('%s: refused', (_, body, scimType) => {
    expect(failure(() => readResource(body, userType))).toBe(scimType)
  })

  it('names the attribute and the value that are wrong', () => {
    expect(() => read({ emails: [{ value: 'a', primary: 'maybe' }] })).toThrow(
      '`emails.primary` must be a boolean, not `maybe`',
    )
    expect(() => read({ [EXAMPLE]: { since: 'now' } })).toThrow(
      `\`${EXAMPLE}:since\` must be a date and time`,
    )
    expect(() => readResource({}, userType)).toThrow('`userName` is required')
  })

  it('refuses a body that is too deep, however deep', () => {
    const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as object
    expect(failure(() => read({ x: nested(31) }))).toBeUndefined()
    expect(failure(() => read({ x: nested(32) }))).toBe('invalidSyntax')
    expect(failure(() => read({ x: nested(3000) }))).toBe('invalidSyntax')
  })

  it('refuses a body of too many values', () => {
    expect(failure(() => read({ x: Array.from({ length: 500_001 }, () => 1) }))).toBe('invalidSyntax')
  })

  it('never makes a key of what only an object inherits', () => {
    const body = JSON.parse(
      '{"userName":"ada","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"name":{"__proto__":{"polluted":1},"toString":"x"}}',
    ) as object
    expect(Object.keys(readResource(body, userType).resource)).toEqual(['userName'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('reads anything or refuses it, and never changes it', () => {
    const names = [
      'userName',
      'USERNAME',
      'name',
      'emails',
      'active',
      'roles',
      'members',
      ENTERPRISE,
      'value',
      'x',
      '__proto__',
    ]
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 'True', '', 'x', 0, 1.5, -1),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 5 }),
      ),
    }))
    fc.assert(
      fc.property(tree, fc.boolean(), fc.constantFrom(userType, groupType), (body, strict, type) => {
        const before = JSON.stringify(body)
        failure(() => readResource(body, type, { strict }))
        expect(JSON.stringify(body)).toBe(before)
      }),
      { numRuns: 2000 },
    )
  })

  it('reads its own result as itself', () => {
    const first = resource({
      emails: [{ value: 'a', type: 'work' }],
      name: { givenName: 'A' },
      [ENTERPRISE]: { manager: 'm' },
    })
    expect(readResource(first, userType).resource).toEqual(first)
  })
})

describe('readResource, to the letter', () => {
  it.each([
    ['RES-01 no schemas', { userName: 'a' }],
    ['RES-02 a foreign schema', { schemas: [USER, 'urn:x:y'], userName: 'a' }],
    [
      'RES-05 an extension that is not listed',
      { schemas: [USER], userName: 'a', [ENTERPRISE]: { department: 'd' } },
    ],
    ['an unknown attribute', { schemas: [USER], userName: 'a', colour: 1 }],
  ])('%s: refused', (_, body) => {
    expect(strictly(body)).toBe('invalidSyntax')
    expect(failure(() => readResource(body, userType))).toBeUndefined()
  })

  it.each([
    ['a boolean as text', { active: 'true' }],
    ['a number for a text', { externalId: 1 }],
    ['an array around a value', { title: ['x'] }],
    ['a bare manager', { [ENTERPRISE]: { manager: 'm' } }],
    [
      'SCH-16 two primary values',
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
    ],
    ['an unknown sub-attribute', { name: { nick: 'x' } }],
  ])('%s: refused', (_, body) => {
    const full = { schemas: [USER, ENTERPRISE], userName: 'a', ...body }
    expect(strictly(full)).toBe('invalidValue')
    expect(failure(() => readResource(full, userType))).toBeUndefined()
  })

  it('RES-03 takes URNs in any letter case', () => {
    expect(strictly({ schemas: [USER.toUpperCase()], userName: 'a' })).toBeUndefined()
  })
})

describe('readResource of a group', () => {
  const group = (body: object) =>
    readResource({ schemas: [groupType.schema.id], displayName: 'G', ...body }, groupType)

  it('takes the members out, each once', () => {
    const members = [
      { value: 'a', display: 'x', $ref: '/Users/a', type: 'user' },
      { value: 'b', type: 'x' },
      { value: 'a' },
    ]
    expect(group({ members })).toEqual({
      resource: { displayName: 'G' },
      members: [{ value: 'a' }, { value: 'b' }],
      notices: { ignored: [], rewrites: [] },
    })
  })

  it('tells nobody from nothing', () => {
    expect(group({}).members).toBeUndefined()
    expect(group({ members: [] }).members).toEqual([])
    expect(group({ members: null }).members).toEqual([])
  })

  it('takes a bare id (N8)', () => {
    expect(group({ members: ['a'] })).toMatchObject({
      members: [{ value: 'a' }],
      notices: { rewrites: ['N8'] },
    })
  })

  it.each([
    [[{}]],
    [[{ value: '' }]],
    [[{ value: 1 }]],
    [[null]],
    [[{ value: 'a\0' }]],
    [[{ value: 'x'.repeat(257) }]],
  ])('refuses the members %j', (members) => {
    expect(failure(() => group({ members }))).toBe('invalidValue')
  })

  it('USR-17 needs a name', () => {
    expect(failure(() => readResource({ members: [] }, groupType))).toBe('invalidValue')
  })
})

describe('what an extension requires', () => {
  const urn = 'urn:example:params:2.0:Required'
  const type = createRegistry([
    schema({
      id: urn,
      name: 'Required',
      description: '',
      attributes: [
        { name: 'badge', required: true },
        {
          name: 'keys',
          type: 'complex',
          multiValued: true,
          subAttributes: [{ name: 'value', required: true }, { name: 'door' }],
        },
      ],
    }),
  ]).resourceType('User')
  const read = (extension: object | undefined) => () =>
    readResource({ userName: 'a', [urn]: extension }, type)

  it('RES-06 is asked for only where the extension has a value', () => {
    expect(failure(read(undefined))).toBeUndefined()
    expect(failure(read({}))).toBeUndefined()
    expect(read({ keys: [{ value: '1' }] })).toThrow(`\`${urn}:badge\` is required`)
  })

  it('CRT-06 is asked of each element', () => {
    expect(read({ badge: 'b', keys: [{ value: '1' }, { door: 'x' }] })).toThrow(
      `\`${urn}:keys.value\` is required`,
    )
    expect(failure(read({ badge: 'b', keys: [{ value: '1', door: 'x' }] }))).toBeUndefined()
  })
})
