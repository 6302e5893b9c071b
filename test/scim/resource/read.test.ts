import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readResource } from '../../../src/scim/resource/read.ts'
import { createRegistry, schema } from '../../../schemas/registry.ts'
import { ENTERPRISE, EXAMPLE, failure, groupType, refusal, userType } from '../support.ts'

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
      phoneNumbers: null,
      [EXAMPLE]: null,
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

  it('drops an extension of which nothing else is left', () => {
    expect(resource({ [EXAMPLE]: { doors: [{ type: 'front', value: '' }] } })).toEqual({ userName: 'ada' })
  })

  it('N4 says that the list of schemas was not gone by', () => {
    for (const schemas of [undefined, null, USER, [USER, 'urn:x:y'], []])
      expect(read({ schemas }).notices.rewrites).toEqual(['N4'])
    expect(read({}).notices.rewrites).toEqual([])
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

  it.each([
    [{ [EXAMPLE]: { tags: ['Red', 'blue', 'red'] } }, { [EXAMPLE]: { tags: ['red', 'blue'] } }],
    [
      { addresses: [{ formatted: 'A' }, { formatted: 'a', country: 'SE' }, { formatted: 'a' }] },
      { addresses: [{ formatted: 'a' }, { formatted: 'a', country: 'SE' }] },
    ],
    [
      {
        emails: [
          { value: 'a', type: 'Work', primary: true },
          { value: 'A', type: 'work' },
        ],
      },
      { emails: [{ value: 'A', type: 'work' }] },
    ],
  ])('SCH-18 keeps the last of those that say the same: %j', (sent, stored) => {
    expect(resource(sent)).toEqual({ userName: 'ada', ...stored })
  })

  it('N22 takes the last of several primary values for the primary one', () => {
    const { resource, notices } = read({
      roles: [{ value: 'a', primary: true }, { value: 'b', primary: true }, { value: 'c' }],
    })
    expect(resource['roles']).toEqual([
      { value: 'a', primary: false },
      { value: 'b', primary: true },
      { value: 'c' },
    ])
    expect(notices.rewrites).toEqual(['N22'])
  })

  it.each([
    ['the largest numbers', { [EXAMPLE]: { age: Number.MAX_SAFE_INTEGER, floor: Number.MAX_SAFE_INTEGER } }],
    ['the smallest numbers', { [EXAMPLE]: { age: Number.MIN_SAFE_INTEGER, floor: Number.MIN_SAFE_INTEGER } }],
    ['a fraction', { [EXAMPLE]: { age: -0.5 } }],
    ['a date with an offset', { [EXAMPLE]: { since: '2011-05-13T04:42:34+02:00' } }],
    ['false', { active: false }],
    ['a reference', { profileUrl: 'https://example.com/~ada' }],
    [
      'any base64',
      { x509Certificates: ['MIIC', 'AA==', 'AAA=', '-_+/', ' MII\r\nC= \n'].map((value) => ({ value })) },
    ],
    ['a thousand values', { roles: Array.from({ length: 1000 }, (_, i) => ({ value: `${i}` })) }],
  ])('keeps %s as it was sent', (_, sent) => {
    expect(resource(sent)).toEqual({ userName: 'ada', ...sent })
  })

  it('leaves out what the server owns inside a value', () => {
    expect(resource({ [ENTERPRISE]: { manager: { value: 'm', displayName: 'x' } } })).toEqual({
      userName: 'ada',
      [ENTERPRISE]: { manager: { value: 'm' } },
    })
  })

  it('makes a single e-mail address the primary one unless it says otherwise', () => {
    expect(resource({ emails: [{ value: 'a' }] })).toMatchObject({ emails: [{ value: 'a', primary: true }] })
    expect(resource({ emails: [{ value: 'a', primary: false }] })).toMatchObject({
      emails: [{ primary: false }],
    })
    const two = [{ value: 'a' }, { value: 'b' }]
    expect(resource({ emails: two })['emails']).toEqual(two)
  })

  it.each([
    ['HTTP-11 no object', [], 'invalidSyntax: the body must be a JSON object'],
    ['null', null, 'invalidSyntax: the body must be a JSON object'],
    ['a text', 'x', 'invalidSyntax: the body must be a JSON object'],
    ['CRT-06 no userName', { title: 'x' }, 'invalidValue: `userName` is required'],
    ['USR-01 an empty userName', { userName: '' }, 'invalidValue: `userName` is required'],
    ['a blank userName', { userName: ' \t' }, 'invalidValue: `userName` is required'],
    ['a userName of null', { userName: null }, 'invalidValue: `userName` is required'],
    ['a boolean for a text', { userName: true }, 'invalidValue: `userName` must be a text, not `true`'],
    [
      'half a character',
      { userName: 'a\ud800' },
      'invalidValue: `userName` must be text of valid characters, not `a\ud800`',
    ],
    [
      'SCH-03 one attribute in two letter cases',
      { userName: 'a', USERNAME: 'b' },
      'invalidSyntax: `userName` and `USERNAME` are the same attribute',
    ],
    [
      'one sub-attribute in two letter cases',
      { userName: 'a', name: { givenName: 'a', GIVENNAME: 'b' } },
      'invalidSyntax: `givenName` and `GIVENNAME` are the same attribute',
    ],
    [
      'one extension in two letter cases',
      { userName: 'a', [ENTERPRISE]: {}, [ENTERPRISE.toLowerCase()]: {} },
      `invalidSyntax: \`${ENTERPRISE}\` and \`${ENTERPRISE.toLowerCase()}\` are the same attribute`,
    ],
    [
      'a list for an extension',
      { userName: 'a', [ENTERPRISE]: [1] },
      `invalidValue: \`${ENTERPRISE}\` must be an object, not \`[1]\``,
    ],
    [
      'a text for a number in an extension',
      { userName: 'a', [EXAMPLE]: { floor: 'high' } },
      `invalidValue: \`${EXAMPLE}:floor\` must be an integer, not \`high\``,
    ],
    [
      'SCH-14 a complex value in a complex value',
      { userName: 'a', name: { givenName: { a: 1, b: 2 } } },
      'invalidValue: `name.givenName` must be a text, not `{"a":1,"b":2}`',
    ],
    [
      'a text for a complex value without value',
      { userName: 'a', name: 'Ada' },
      'invalidValue: `name` must be an object, not `Ada`',
    ],
    [
      'SCH-06 a word for a boolean',
      { userName: 'a', active: 'yes' },
      'invalidValue: `active` must be a boolean, not `yes`',
    ],
    [
      'a number for a boolean',
      { userName: 'a', active: 1 },
      'invalidValue: `active` must be a boolean, not `1`',
    ],
    [
      'SCH-08 a number no double holds',
      { userName: 'a', [EXAMPLE]: { age: 2 ** 53 } },
      `invalidValue: \`${EXAMPLE}:age\` must be a number, not \`9007199254740992\``,
    ],
    [
      'SCH-08 infinity',
      { userName: 'a', [EXAMPLE]: { age: Number.POSITIVE_INFINITY } },
      `invalidValue: \`${EXAMPLE}:age\` must be a number, not \`null\``,
    ],
    [
      'a word for a number',
      { userName: 'a', [EXAMPLE]: { age: 'old' } },
      `invalidValue: \`${EXAMPLE}:age\` must be a number, not \`old\``,
    ],
    [
      'SCH-07 a fraction for an integer',
      { userName: 'a', [EXAMPLE]: { floor: 1.5 } },
      `invalidValue: \`${EXAMPLE}:floor\` must be an integer, not \`1.5\``,
    ],
    [
      'SCH-09 an impossible date',
      { userName: 'a', [EXAMPLE]: { since: '2011-02-30T00:00:00Z' } },
      `invalidValue: \`${EXAMPLE}:since\` must be a date and time such as \`2026-01-31T12:00:00Z\`, not \`2011-02-30T00:00:00Z\``,
    ],
    [
      'SCH-10 USR-15 no base64',
      { userName: 'a', x509Certificates: [{ value: '{}' }] },
      'invalidValue: `x509Certificates.value` must be base64, not `{}`',
    ],
    ...['MII===', 'M=II', 'MÄ'].map((value): [string, object, string] => [
      `${value} for base64`,
      { userName: 'a', x509Certificates: [{ value }] },
      `invalidValue: \`x509Certificates.value\` must be base64, not \`${value}\``,
    ]),
    [
      'a number below what a double holds',
      { userName: 'a', [EXAMPLE]: { age: -(2 ** 53) } },
      `invalidValue: \`${EXAMPLE}:age\` must be a number, not \`-9007199254740992\``,
    ],
    [
      'an integer no double holds',
      { userName: 'a', [EXAMPLE]: { floor: 2 ** 53 } },
      `invalidValue: \`${EXAMPLE}:floor\` must be an integer, not \`9007199254740992\``,
    ],
    [
      'a boolean for a reference',
      { userName: 'a', profileUrl: true },
      'invalidValue: `profileUrl` must be a text, not `true`',
    ],
    [
      'a number for base64',
      { userName: 'a', x509Certificates: [{ value: 7 }] },
      'invalidValue: `x509Certificates.value` must be base64, not `7`',
    ],
    [
      'too many values',
      { userName: 'a', roles: Array.from({ length: 1001 }, (_, i) => ({ value: `${i}` })) },
      'invalidValue: `roles` has more than 1000 values',
    ],
    [
      'a password that is none',
      { userName: 'a', password: ['s3cret', 'x'] },
      'invalidValue: `password` must be a text',
    ],
    [
      'a secret of an extension that is none',
      { userName: 'a', [EXAMPLE]: { secret: ['s3cret', 'x'] } },
      `invalidValue: \`${EXAMPLE}:secret\` must be a text`,
    ],
  ])('%s: refused', (_, body, words) => {
    expect(refusal(() => readResource(body, userType))).toBe(words)
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
    ['RES-01 no schemas', { userName: 'a' }, `\`schemas\` does not list \`${USER}\``],
    ['a schema that is no list', { schemas: USER, userName: 'a' }, `\`schemas\` does not list \`${USER}\``],
    [
      'RES-02 a foreign schema',
      { schemas: [USER, 'urn:X:y'], userName: 'a' },
      '`schemas` lists `urn:X:y`, which a User has not',
    ],
    [
      'RES-05 an extension that is not listed',
      { schemas: [USER], userName: 'a', [ENTERPRISE]: { department: 'd' } },
      `\`schemas\` does not list \`${ENTERPRISE}\``,
    ],
    [
      'an unknown attribute',
      { schemas: [USER], userName: 'a', colour: 1 },
      '`colour` is no attribute of a User',
    ],
    [
      'an unknown attribute of an extension',
      { schemas: [USER, ENTERPRISE], userName: 'a', [ENTERPRISE]: { floor: 3 } },
      `\`${ENTERPRISE}:floor\` is no attribute`,
    ],
  ])('%s: refused', (_, body, words) => {
    expect(refusal(() => readResource(body, userType, { strict: true }))).toBe(`invalidSyntax: ${words}`)
    expect(refusal(() => readResource(body, userType))).toBeUndefined()
  })

  it.each([
    ['a boolean as text', { active: 'true' }, '`active` must be a boolean, not `true`'],
    ['a number for a text', { externalId: 1 }, '`externalId` must be a text, not `1`'],
    ['an array around a value', { title: ['x'] }, '`title` must be a text, not `["x"]`'],
    ['one value for several', { emails: { value: 'a' } }, '`emails` must be an array, not `{"value":"a"}`'],
    [
      'a bare manager',
      { [ENTERPRISE]: { manager: 'm' } },
      `\`${ENTERPRISE}:manager\` must be an object, not \`m\``,
    ],
    [
      'SCH-16 two primary values',
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      },
      '`emails` has more than one primary value',
    ],
    ['an unknown sub-attribute', { name: { nick: 'x' } }, '`name.nick` is no attribute'],
  ])('%s: refused', (_, body, words) => {
    const full = { schemas: [USER, ENTERPRISE], userName: 'a', ...body }
    expect(refusal(() => readResource(full, userType, { strict: true }))).toBe(`invalidValue: ${words}`)
    expect(refusal(() => readResource(full, userType))).toBeUndefined()
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
    [[{}], '`members.value` must be the id of a user or group, not `null`'],
    [[{ value: '' }], '`members.value` must be the id of a user or group, not ``'],
    [[{ value: 1 }], '`members.value` must be the id of a user or group, not `1`'],
    [[{ value: 'a\0' }], '`members.value` must be the id of a user or group, not `a\0`'],
    [
      [{ value: 'x'.repeat(257) }],
      `\`members.value\` must be the id of a user or group, not \`${'x'.repeat(80)}…\``,
    ],
    [[null], 'a member must be an object with `value`, not `null`'],
    [[['a']], 'a member must be an object with `value`, not `["a"]`'],
  ])('refuses the members %j', (members, words) => {
    expect(refusal(() => group({ members }))).toBe(`invalidValue: ${words}`)
  })

  it('takes a long id, a member without a list around it, and nothing for nobody', () => {
    const value = 'x'.repeat(256)
    expect(group({ members: [{ value }] }).members).toEqual([{ value }])
    expect(group({ members: { value: 'a', type: 'GROUP' } })).toMatchObject({
      members: [{ value: 'a', type: 'Group' }],
      notices: { rewrites: ['N7'] },
    })
    expect(group({ members: '' }).members).toEqual([])
  })

  it('USR-17 needs a name', () => {
    expect(refusal(() => readResource({ members: [] }, groupType))).toBe(
      'invalidValue: `displayName` is required',
    )
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
