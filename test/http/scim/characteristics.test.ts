import { beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../../support/admin.ts'
import { expectError, onEachEngine, PATCH_OP, query, USER, type Answer, type Client } from './stage.ts'

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
})
