import { beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../../support/admin.ts'
import {
  BULK_REQUEST,
  expectError,
  onEachEngine,
  PATCH_OP,
  query,
  USER,
  type Answer,
  type Body,
  type Client,
} from './stage.ts'

const URN = 'urn:example:matrix:2.0:User'

const VALUES = {
  string: ['Value A', 'Value B'],
  boolean: [true, false],
  decimal: [1.5, -2],
  integer: [7, 8],
  dateTime: ['2026-01-31T12:00:00Z', '2026-02-01T00:00:00+02:00'],
  binary: ['QQ==', 'Qg=='],
  reference: ['https://a.example/X', '../Users/y'],
} as const
type Type = keyof typeof VALUES
const TYPES = Object.keys(VALUES) as Type[]

/** What is not a value of the type, however tolerant the reading. */
const WRONG: Readonly<Record<Type, unknown>> = {
  string: { a: 1, b: 2 },
  boolean: 'perhaps',
  decimal: 'much',
  integer: 1.5,
  dateTime: '2026-01-31',
  binary: '{}',
  reference: [1, 2],
}

type Mutability = 'readWrite' | 'immutable' | 'readOnly' | 'writeOnly'
type Returned = 'always' | 'default' | 'request' | 'never'
type Combination = readonly [mutability: Mutability, returned: Returned]

/** Every pair that a configuration may declare. */
const COMBINATIONS: readonly Combination[] = [
  ['readWrite', 'always'],
  ['readWrite', 'default'],
  ['readWrite', 'request'],
  ['readWrite', 'never'],
  ['immutable', 'always'],
  ['immutable', 'default'],
  ['immutable', 'request'],
  ['readOnly', 'always'],
  ['readOnly', 'default'],
  ['readOnly', 'request'],
  ['readOnly', 'never'],
  ['writeOnly', 'never'],
]

const nameOf = ([mutability, returned]: Combination, type: Type, many: boolean): string =>
  [mutability, returned, type, many ? 'many' : 'one'].join('-')

/** One attribute for each combination of mutability, returned, type and number. */
const attributes = COMBINATIONS.flatMap((combination) =>
  TYPES.flatMap((type) =>
    [false, true].map((multiValued) => ({
      name: nameOf(combination, type, multiValued),
      type,
      multiValued,
      mutability: combination[0],
      // Said of one that is write-only, it says nothing new.
      ...(combination[0] !== 'writeOnly' && { returned: combination[1] }),
    })),
  ),
)

/** A value for each attribute of a combination: the first, or the second. */
const valuesOf = (combination: Combination, which: 0 | 1): Record<string, unknown> =>
  Object.fromEntries(
    TYPES.flatMap((type) => [
      [nameOf(combination, type, false), VALUES[type][which]],
      [nameOf(combination, type, true), [VALUES[type][which]]],
    ]),
  )

const isKept = ([mutability, returned]: Combination): boolean =>
  (mutability === 'readWrite' || mutability === 'immutable') && returned !== 'never'
/** Whether a read shows it that names nothing. */
const isShown = (combination: Combination): boolean => isKept(combination) && combination[1] !== 'request'

const extensionIn = (answer: Answer): unknown => answer.json[URN]

onEachEngine((stage) => {
  let client: Client
  let users = 0

  beforeAll(async () => {
    client = await stage().open()
    const configuration = { extensions: [{ urn: URN, attributes }] }
    await administer(stage().server, 'POST', '/apply', configuration)
  })

  const create = async (combination: Combination | undefined): Promise<Answer> => {
    const userName = `user ${(users += 1)}`
    const body = {
      schemas: [USER, URN],
      userName,
      ...(combination && { [URN]: valuesOf(combination, 0) }),
    }
    const answer = await client('POST /Users', { body })
    expect(answer.status).toBe(201)
    return answer
  }
  const get = (id: string, parameters: Record<string, string> = {}) =>
    client(`GET /Users/${id}${query(parameters)}`)
  const put = (user: Answer, values: object | undefined) => {
    const { id, userName } = user.json
    return client(`PUT /Users/${id}`, {
      body: { schemas: [USER, URN], userName, ...(values && { [URN]: values }) },
    })
  }
  const patch = (id: string, operations: readonly object[]) =>
    client(`PATCH /Users/${id}`, { body: { schemas: [PATCH_OP], Operations: operations } })
  const operations = (op: string, values: Record<string, unknown>) =>
    Object.entries(values).map(([name, value]) => ({
      op,
      path: `${URN}:${name}`,
      ...(op !== 'remove' && { value }),
    }))
  /** Everything that is kept, the values on request too. */
  const kept = async (id: string) => extensionIn(await get(id, { attributes: URN }))

  describe.each(COMBINATIONS)(
    'an attribute that is %s and returned %s',
    (...combination: [Mutability, Returned]) => {
      const [mutability, returned] = combination
      const first = valuesOf(combination, 0)
      const second = valuesOf(combination, 1)
      const names = Object.keys(first)

      it('SCH-21 SCH-24 CRT-02 in a POST', async () => {
        const answer = await create(combination)
        expect(extensionIn(answer)).toEqual(isKept(combination) ? first : undefined)
        expect(await kept(answer.json.id)).toEqual(isKept(combination) ? first : undefined)
      })

      it('SCH-22 SCH-23 SCH-24 GET-01 in a GET and in a list', async () => {
        const { id, userName } = (await create(combination)).json
        const shown = isShown(combination) ? first : undefined
        expect(extensionIn(await get(id))).toEqual(shown)
        const list = await client(`GET /Users${query({ filter: `userName eq "${String(userName)}"` })}`)
        expect(list.json.Resources.map((user) => user[URN])).toEqual([shown])
      })

      it('SCH-22 GET-02 GET-03 GET-05 in a projection', async () => {
        const { id } = (await create(combination)).json
        const paths = names.map((name) => `${URN}:${name}`).join(',')
        expect(extensionIn(await get(id, { attributes: paths }))).toEqual(
          isKept(combination) ? first : undefined,
        )
        const isAlways = isKept(combination) && returned === 'always'
        expect(extensionIn(await get(id, { attributes: 'userName' }))).toEqual(isAlways ? first : undefined)
        expect(extensionIn(await get(id, { excludedAttributes: paths }))).toEqual(
          isAlways ? first : undefined,
        )
        expect(extensionIn(await get(id, { excludedAttributes: URN }))).toEqual(isAlways ? first : undefined)
      })

      it('SCH-23 SCH-25 FLT-16 in a filter', async () => {
        const { id } = (await create(combination)).json
        for (const [name, value] of Object.entries(first)) {
          const literal = JSON.stringify(Array.isArray(value) ? (value[0] as unknown) : value)
          const filter = `id eq "${id}" and ${URN}:${name} eq ${literal}`
          const answer = await client(`GET /Users${query({ filter })}`)
          if (returned === 'never') expectError(answer, 400, 'invalidFilter')
          else expect([name, answer.json.totalResults]).toEqual([name, isKept(combination) ? 1 : 0])
        }
      })

      it('SCH-21 PUT-03 PUT-05 PUT-06 in a PUT', async () => {
        const user = await create(combination)
        const { id } = user.json
        const same = await put(user, first)
        expect(same.json.meta.version).toBe(user.json.meta.version)
        expect(extensionIn(same)).toEqual(isKept(combination) ? first : undefined)
        const other = await put(user, second)
        if (mutability === 'immutable') expectError(other, 400, 'mutability')
        else expect(other.status).toBe(200)
        const left = mutability === 'immutable' ? first : second
        expect(await kept(id)).toEqual(isKept(combination) ? left : undefined)
        expect((await put(user, undefined)).status).toBe(200)
        expect(await kept(id)).toEqual(mutability === 'immutable' ? first : undefined)
      })

      it('PUT-05 in a PUT of a user who has no value', async () => {
        const user = await create(undefined)
        const answer = await put(user, first)
        expect(answer.status).toBe(200)
        expect(extensionIn(answer)).toEqual(isKept(combination) ? first : undefined)
      })

      it.each(['add', 'replace'])('SCH-21 PAT-08 PAT-11 PAT-24 in a PATCH that says %s', async (op) => {
        const { id } = (await create(undefined)).json
        const set = await patch(id, operations(op, first))
        if (mutability === 'readOnly') {
          expectError(set, 400, 'mutability')
          return
        }
        expect(set.status).toBe(200)
        expect(extensionIn(set)).toEqual(isKept(combination) ? first : undefined)
        expect(set.json['schemas']).toEqual(isKept(combination) ? [USER, URN] : [USER])
        const again = await patch(id, operations(op, first))
        expect(again.json.meta.version).toBe(set.json.meta.version)
        const changed = await patch(id, operations(op, second))
        if (mutability === 'immutable') expectError(changed, 400, 'mutability')
        else expect(changed.status).toBe(200)
        const both = Object.fromEntries(
          names.map((name) => {
            const before = first[name]
            const after = second[name]
            return [name, op === 'add' && Array.isArray(before) ? before.concat(after) : after]
          }),
        )
        const expected = mutability === 'immutable' ? first : both
        expect(await kept(id)).toEqual(isKept(combination) ? expected : undefined)
      })

      it('SCH-21 PAT-08 PAT-19 in a PATCH that says remove', async () => {
        const { id } = (await create(combination)).json
        const answer = await patch(id, operations('remove', first))
        if (mutability === 'immutable' || mutability === 'readOnly') expectError(answer, 400, 'mutability')
        else expect(answer.status).toBe(200)
        expect(await kept(id)).toEqual(mutability === 'immutable' ? first : undefined)
      })

      it('SCH-06 PAT-09 with a value of another type', async () => {
        const user = await create(undefined)
        for (const type of TYPES) {
          const name = nameOf(combination, type, false)
          const body = { schemas: [USER, URN], userName: `never ${name}`, [URN]: { [name]: WRONG[type] } }
          const posted = await client('POST /Users', { body })
          const replaced = await put(user, { [name]: WRONG[type] })
          const patched = await patch(user.json.id, operations('replace', { [name]: WRONG[type] }))
          if (mutability === 'readOnly') {
            expect([name, posted.status, replaced.status]).toEqual([name, 201, 200])
            expectError(patched, 400, 'mutability')
            continue
          }
          for (const answer of [posted, replaced, patched]) expectError(answer, 400, 'invalidValue')
          if (returned === 'never') expect(patched.json.detail).not.toContain(JSON.stringify(WRONG[type]))
        }
        expect((await get(user.json.id)).json.meta.version).toBe(user.json.meta.version)
      })
    },
  )

  describe('an extension that says more', () => {
    const MORE = 'urn:example:more:2.0:User'
    beforeAll(async () => {
      const more = [
        { name: 'badge', required: true },
        { name: 'exact', caseExact: true },
        { name: 'loose', caseExact: false },
        { name: 'exactMany', caseExact: true, multiValued: true },
        { name: 'looseMany', caseExact: false, multiValued: true },
        { name: 'colour', canonicalValues: ['red', 'green'] },
        { name: 'owner', type: 'reference', referenceTypes: ['User', 'external'] },
      ]
      await administer(stage().server, 'POST', '/apply', {
        extensions: [
          { urn: URN, attributes },
          { urn: MORE, attributes: more },
        ],
      })
    })

    const more = (values: object, userName = `user ${(users += 1)}`) =>
      client('POST /Users', { body: { schemas: [USER, MORE], userName, [MORE]: values } })

    it('CRT-06 RES-06 PUT-07 PAT-20 asks for what is required where it has a value', async () => {
      expectError(await more({ exact: 'x' }), 400, 'invalidValue')
      const user = await more({ badge: 'b', exact: 'x' })
      const { id, userName } = user.json
      const body = { schemas: [USER, MORE], userName, [MORE]: { exact: 'y' } }
      expectError(await client(`PUT /Users/${id}`, { body }), 400, 'invalidValue')
      expectError(await patch(id, [{ op: 'remove', path: `${MORE}:badge` }]), 400, 'mutability')
      expectError(
        await patch(id, [{ op: 'replace', path: `${MORE}:badge`, value: null }]),
        400,
        'invalidValue',
      )
      expectError(await patch(id, [{ op: 'replace', path: `${MORE}:badge`, value: '' }]), 400, 'invalidValue')
      const other = await create(undefined)
      const lacking = [{ op: 'add', path: `${MORE}:exact`, value: 'x' }]
      expectError(await patch(other.json.id, lacking), 400, 'invalidValue')
      const enough = [...lacking, { op: 'add', path: `${MORE}:badge`, value: 'b' }]
      expect((await patch(other.json.id, enough)).json[MORE]).toEqual({ badge: 'b', exact: 'x' })
    })

    it('SCH-25 FLT-11 compares by caseExact in filters and in operations', async () => {
      const values = { badge: 'b', exact: 'Ünï', loose: 'Ünï', exactMany: ['Ünï'], looseMany: ['Ünï'] }
      const { id } = (await more(values)).json
      const found = async (name: string, op: string, value: string) => {
        const filter = `id eq "${id}" and ${MORE}:${name} ${op} "${value}"`
        return (await client(`GET /Users${query({ filter })}`)).json.totalResults
      }
      for (const name of ['exact', 'exactMany']) {
        expect([await found(name, 'eq', 'Ünï'), await found(name, 'eq', 'üNÏ')]).toEqual([1, 0])
        expect([await found(name, 'sw', 'Ü'), await found(name, 'sw', 'ü')]).toEqual([1, 0])
      }
      for (const name of ['loose', 'looseMany']) {
        expect([await found(name, 'eq', 'Ünï'), await found(name, 'eq', 'üNÏ')]).toEqual([1, 1])
        expect([await found(name, 'sw', 'Ü'), await found(name, 'co', 'nÏ')]).toEqual([1, 1])
      }
      const added = await patch(id, [
        { op: 'add', path: `${MORE}:exactMany`, value: ['ÜNÏ'] },
        { op: 'add', path: `${MORE}:looseMany`, value: ['ÜNÏ'] },
      ])
      expect(added.json[MORE]).toMatchObject({ exactMany: ['Ünï', 'ÜNÏ'], looseMany: ['Ünï'] })
      const replaced = await patch(id, [{ op: 'replace', path: `${MORE}:loose`, value: 'ÜNÏ' }])
      expect(replaced.json[MORE]).toMatchObject({ loose: 'ÜNÏ' })
    })

    it('SCH-27 takes canonical values for suggestions, in every verb', async () => {
      const user = await more({ badge: 'b', colour: 'mauve' })
      expect(user.json[MORE]).toMatchObject({ colour: 'mauve' })
      const changed = await patch(user.json.id, [{ op: 'replace', path: `${MORE}:colour`, value: 'Red' }])
      expect(changed.json[MORE]).toMatchObject({ colour: 'Red' })
    })

    it('SCH-11 SCH-28 keeps references as they were sent, and says what they may lead to', async () => {
      const user = await more({ badge: 'b', owner: 'https://A.example/%7Ex' })
      expect(user.json[MORE]).toMatchObject({ owner: 'https://A.example/%7Ex' })
      const schema = await client(`GET /Schemas/${MORE}`)
      expect(schema.json['attributes']).toContainEqual(
        expect.objectContaining({ name: 'owner', caseExact: true, referenceTypes: ['User', 'external'] }),
      )
      expect(schema.json['attributes']).toContainEqual(
        expect.objectContaining({ name: 'colour', canonicalValues: ['red', 'green'] }),
      )
    })

    it('SCH-23 no longer shows a value when a new configuration says never', async () => {
      const { id } = (await more({ badge: 'b', loose: 'kept before' })).json
      await administer(stage().server, 'POST', '/apply', {
        extensions: [
          { urn: URN, attributes },
          { urn: MORE, attributes: [{ name: 'badge' }, { name: 'loose', returned: 'never' }] },
        ],
      })
      for (const parameters of [
        {},
        { attributes: `${MORE}:loose` },
        { attributes: MORE },
        { excludedAttributes: 'name' },
      ])
        expect((await get(id, parameters)).text).not.toContain('kept before')
      expect((await client('GET /Users')).text).not.toContain('kept before')
      const patched = await patch(id, [{ op: 'replace', path: `${MORE}:badge`, value: 'c' }])
      expect(patched.json[MORE]).toEqual({ badge: 'c' })
    })
  })

  describe('an attribute that is unique', () => {
    const UNIQUE = 'urn:example:unique:2.0:User'
    /** Per kind of value one, the same in another form, and another one; different for each number. */
    const KINDS = {
      folded: (n: number) => [`Ü Value ${n}`, `ü VALUE ${n}`, `another ${n}`],
      exact: (n: number) => [`Exact ${n}`, `Exact ${n}`, `exact ${n}`],
      decimal: (n: number) => [n + 0.5, n + 0.5, -n - 0.5],
      integer: (n: number) => [n, n, -n],
      reference: (n: number) => [
        `https://a.example/${n}`,
        `https://a.example/${n}`,
        `https://A.example/${n}`,
      ],
    } as const
    type Kind = keyof typeof KINDS
    const DECLARED: Readonly<Record<Kind, object>> = {
      folded: {},
      exact: { caseExact: true },
      decimal: { type: 'decimal' },
      integer: { type: 'integer' },
      reference: { type: 'reference' },
    }
    const cases = (Object.keys(KINDS) as Kind[]).flatMap((kind) => [
      { kind, many: false },
      { kind, many: true },
    ])
    const attributeOf = (kind: Kind, many: boolean) => `${kind}-${many ? 'many' : 'one'}`
    let elsewhere: Client
    let number = 1000

    beforeAll(async () => {
      elsewhere = await stage().open()
      const unique = cases.map(({ kind, many }) => ({
        ...DECLARED[kind],
        name: attributeOf(kind, many),
        multiValued: many,
        uniqueness: 'server',
      }))
      await administer(stage().server, 'POST', '/apply', {
        extensions: [{ urn: UNIQUE, attributes: [...unique, { name: 'free' }] }],
      })
    })

    const body = (values: object | undefined, userName = `user ${(users += 1)}`) => ({
      schemas: [USER, UNIQUE],
      userName,
      ...(values && { [UNIQUE]: values }),
    })
    const post = (values?: object, by = client) => by('POST /Users', { body: body(values) })
    const puts = (user: Answer, values: object) =>
      client(`PUT /Users/${user.json.id}`, { body: body(values, String(user.json['userName'])) })
    const expectTaken = (answer: Answer, name: string, value: unknown) => {
      expectError(answer, 409, 'uniqueness')
      expect(answer.json.detail).toBe(
        `\`${UNIQUE}:${name}\` \`${String(value)}\` is taken by another user of this directory`,
      )
    }

    describe.each(cases)('of the kind $kind, many: $many,', ({ kind, many }) => {
      const name = attributeOf(kind, many)
      const path = `${UNIQUE}:${name}`
      const put = (value: unknown) => ({ [name]: many ? [value] : value })
      /** Somebody who has a value, the same value in another form, and a value that nobody has. */
      const holder = async () => {
        const [value, same, free] = KINDS[kind]((number += 1))
        const user = await post(put(value))
        expect(user.status).toBe(201)
        return { user, same, free }
      }

      it('SCH-26 CRT-04 is held so in a POST', async () => {
        const { same, free } = await holder()
        expectTaken(await post(put(same)), name, same)
        expect((await post(put(free))).status).toBe(201)
      })

      it('SCH-26 PUT-07 is held so in a PUT, and stands in nobody’s own way', async () => {
        const { user, same, free } = await holder()
        const other = await post({ free: 'x' })
        expectTaken(await puts(other, put(same)), name, same)
        expect((await get(other.json.id)).json.meta.version).toBe(other.json.meta.version)
        expect((await puts(other, put(free))).status).toBe(200)
        expect((await puts(user, put(same))).status).toBe(200)
      })

      it.each(['add', 'replace'])('SCH-26 PAT-07 is held so in a PATCH that says %s', async (op) => {
        const { user, same, free } = await holder()
        const other = await post()
        const said = (value: unknown) => operations(op, { [name]: many ? [value] : value })
        const spelled = said(same).map((operation) => ({ ...operation, path }))
        expectTaken(await patch(other.json.id, spelled), name, same)
        expectTaken(await patch(other.json.id, [{ op, value: { [UNIQUE]: put(same) } }]), name, same)
        expect((await get(other.json.id)).json.meta.version).toBe(other.json.meta.version)
        const freely = said(free).map((operation) => ({ ...operation, path }))
        expect((await patch(other.json.id, freely)).status).toBe(200)
        expect((await patch(user.json.id, spelled)).status).toBe(200)
      })

      it('SCH-26 is free again when it was removed, changed or deleted with its user', async () => {
        for (const release of [
          (id: string) => patch(id, [{ op: 'remove', path }]),
          (id: string, free: unknown) => patch(id, [{ op: 'replace', path, value: many ? [free] : free }]),
          (id: string) => client(`DELETE /Users/${id}`),
        ]) {
          const { user, same, free } = await holder()
          expect((await release(user.json.id, free)).status).toBeLessThan(300)
          expect((await post(put(same))).status).toBe(201)
        }
      })

      it('SCH-26 is that of a deactivated user too, and of no other directory', async () => {
        const { user, same } = await holder()
        await patch(user.json.id, [{ op: 'replace', path: 'active', value: false }])
        expectTaken(await post(put(same)), name, same)
        expect((await post(put(same), elsewhere)).status).toBe(201)
      })

      it('BLK-15 SCH-26 is held so among the operations of a bulk request', async () => {
        const [value, same, free] = KINDS[kind]((number += 1))
        const operation = (each: unknown, i: number) => ({
          method: 'POST',
          path: '/Users',
          bulkId: String(i),
          data: body(put(each)),
        })
        const answer = await client('POST /Bulk', {
          body: { schemas: [BULK_REQUEST], Operations: [value, same, free].map(operation) },
        })
        const results = answer.json['Operations'] as { status: string; response?: Body }[]
        expect(results.map(({ status, response }) => [status, response?.scimType])).toEqual([
          ['201', undefined],
          ['409', 'uniqueness'],
          ['201', undefined],
        ])
      })

      it('FLT-11 finds who has it by look-up', async () => {
        const { user, same } = await holder()
        const filter = `${path} eq ${JSON.stringify(same)}`
        const { json } = await client(`GET /Users${query({ filter })}`)
        expect(json.Resources.map(({ id }) => id)).toEqual([user.json.id])
      })
    })

    it.each([
      { kind: 'folded', many: false },
      { kind: 'decimal', many: true },
    ] as const)('CRT-05 SCH-26 is given to one of 32 clients who ask at once: %j', async ({ kind, many }) => {
      const [value, same] = KINDS[kind]((number += 1))
      const asked = Array.from({ length: 32 }, (_, i) => {
        const each = i % 2 === 0 ? value : same
        return post({ [attributeOf(kind, many)]: many ? [each] : each })
      })
      const statuses = (await Promise.all(asked)).map(({ status }) => status)
      expect(statuses.toSorted((a, b) => a - b)).toEqual([201, ...Array<number>(31).fill(409)])
    })

    it('CRT-05 is given to one of 32 users who are changed at once, and nobody is left with half a change', async () => {
      const made = await Promise.all(Array.from({ length: 32 }, () => post()))
      const change = [
        { op: 'add', path: `${UNIQUE}:folded-one`, value: 'The One' },
        { op: 'add', path: `${UNIQUE}:free`, value: 'changed' },
      ]
      const answers = await Promise.all(made.map(({ json }) => patch(json.id, change)))
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        200,
        ...Array<number>(31).fill(409),
      ])
      const found = await client(`GET /Users${query({ filter: `${UNIQUE}:free eq "changed"` })}`)
      expect(found.json.totalResults).toBe(1)
    })

    it('passes from one user to another when both are changed at once, or neither is', async () => {
      const swap = async (round: number) => {
        const [a, b] = [`swap a${round}`, `swap b${round}`] as const
        const [one, two] = await Promise.all([post({ 'exact-one': a }), post({ 'exact-one': b })])
        const to = (user: Answer, value: string) =>
          patch(user.json.id, [{ op: 'replace', path: `${UNIQUE}:exact-one`, value }])
        const answers = await Promise.all([to(one, b), to(two, a)])
        const kept = await Promise.all([one, two].map(async ({ json }) => (await get(json.id)).json[UNIQUE]))
        return [answers.map(({ status }) => status), kept] as const
      }
      for (const [statuses, kept] of await Promise.all([1, 2, 3, 4].map(swap))) {
        for (const status of statuses) expect([200, 409]).toContain(status)
        expect(new Set(kept.map((each) => JSON.stringify(each))).size).toBe(2)
      }
    })

    it('RES-08 refuses a value that is too long to be held', async () => {
      const answer = await post({ 'folded-one': 'x'.repeat(513) })
      expectError(answer, 400, 'invalidValue')
      expect(answer.json.detail).toContain(`\`${UNIQUE}:folded-one\` has 513 characters, and at most 512`)
      expect((await post({ free: 'x'.repeat(513) })).status).toBe(201)
    })

    it('DSC-09 is described as it is', async () => {
      const schema = await client(`GET /Schemas/${UNIQUE}`)
      expect(schema.json['attributes']).toContainEqual(
        expect.objectContaining({ name: 'folded-one', uniqueness: 'server' }),
      )
      expect(schema.text).not.toMatch(/matching|indexed/)
    })
  })
})
