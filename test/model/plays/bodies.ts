import fc, { type Arbitrary } from 'fast-check'
import { BASE, ENTERPRISE, isUrn, RAIL } from '../model/attributes.ts'
import type { Doc, Json, TypeName } from '../model/attributes.ts'
import { maybe, mostly, one, record } from './odds.ts'
import { boss, junk, pool, somebody, text, valueAt } from './values.ts'

const upTo = (most: number, each: Arbitrary<Json>): Arbitrary<Json> =>
  fc.array(each, { maxLength: most }) as Arbitrary<Json>

/** An e-mail address or phone number. */
export const label: Arbitrary<Json> = record<Doc>({
  value: mostly(pool('emails'), one('', null), 20),
  type: maybe(pool('type'), 4),
  primary: maybe(pool('primary')),
  display: maybe(text, 1),
})
const labels = mostly(upTo(3, mostly(label, one<Json>('a@x.org', null, { color: 'red' }), 30)), label)

export const address: Arbitrary<Json> = record<Doc>({
  locality: maybe(pool('locality'), 4),
  country: maybe(pool('country')),
  type: maybe(pool('type'), 4),
  primary: maybe(pool('primary')),
})

export const manager = mostly(
  record<Doc>({ value: boss }) as Arbitrary<Json>,
  fc.oneof(boss, one<Json>('', null, {})),
  6,
)

export const dbRoles = upTo(2, pool('dbRoles'))

/** A member in the shapes that providers send. */
export const member: Arbitrary<Json> = mostly<Json>(
  record<Doc>({ value: somebody, type: maybe(one('User', 'Group'), 1), display: maybe(text, 1) }),
  fc.oneof(somebody, one<Json>({}, { value: '' })),
  20,
)
export const members = upTo(4, member)

/** What each attribute of a body is as a whole. */
export const WHOLE: Readonly<Record<TypeName, Readonly<Record<string, Arbitrary<Json>>>>> = {
  User: {
    externalId: pool('externalId'),
    displayName: text,
    userType: pool('userType'),
    active: mostly(pool('active'), one('maybe'), 60),
    name: record<Doc>({ givenName: maybe(text), familyName: maybe(text), formatted: maybe(text) }),
    emails: labels,
    phoneNumbers: labels,
    addresses: upTo(2, address),
    [ENTERPRISE]: record<Doc>({
      department: maybe(text),
      employeeNumber: maybe(pool('employeeNumber')),
      manager: maybe(manager),
    }),
    [RAIL]: record<Doc>({
      dbRoles: maybe(dbRoles, 4),
      badge: maybe(pool('badge')),
      level: maybe(pool('level')),
      since: maybe(pool('since')),
      remote: maybe(pool('remote')),
    }),
  },
  Group: { displayName: valueAt('Group', ['displayName']), externalId: pool('externalId'), members },
}

const ODD_KEYS: readonly Doc[] = [
  { color: 'red' },
  { id: '@gone:1' },
  { groups: [{ value: '@Group:0' }] },
  { meta: { version: 'W/"9"' } },
  { [RAIL]: { color: 'red' } },
]

/** The body of a POST or PUT. */
function bodyOf(type: TypeName): Arbitrary<Doc> {
  const required = type === 'User' ? 'userName' : 'displayName'
  const others = Object.entries(WHOLE[type]).filter(([name]) => name !== required)
  const entries = others.map(([name, whole]) =>
    maybe(mostly(whole, junk, 60), 1).map((value) => [name, value] as const),
  )
  return fc
    .tuple(
      mostly(valueAt(type, [required]), one<Json>('', null, 7), 30),
      fc.tuple(...entries),
      mostly(fc.constant<Doc>({}), one(...ODD_KEYS), 20),
      mostly(one(true), one(false), 40),
    )
    .map(([key, values, odd, listsSchemas]) => {
      const body: Doc = { [required]: key, ...odd }
      for (const [name, value] of values) if (value !== undefined) body[name] ??= value
      return listsSchemas ? { schemas: [BASE[type], ...Object.keys(body).filter(isUrn)], ...body } : body
    })
}

export const BODIES = { User: bodyOf('User'), Group: bodyOf('Group') }
