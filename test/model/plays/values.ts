import fc, { type Arbitrary } from 'fast-check'
import { BASE, ENTERPRISE, isUrn, RAIL } from '../model/attributes.ts'
import type { Json, Path, TypeName } from '../model/attributes.ts'
import { mostly, one } from './odds.ts'

// Few values, so that many requests are about the same one, or change nothing, or miss.

/** A text such as `@User:3`, the third user: ids are made while a play is played. See `places.ts`. */
export const about = (...types: readonly TypeName[]): Arbitrary<string> =>
  fc.tuple(one(...types), number).map(([type, at]) => `@${type}:${at}`)
const number = fc.nat({ max: 7 })
/** Somebody who has been deleted. */
export const gone = number.map((at) => `@gone:${at}`)
const metaOf = (name: string): Arbitrary<string> =>
  fc.tuple(one('User', 'Group'), number).map(([type, at]) => `@${name}/${type}:${at}`)

const USER_NAMES = [
  'ada',
  'Ada',
  'bob',
  'BOB',
  'eve',
  'Ärger',
  'A\u0308rger',
  'ａda',
  'joe',
  'kim',
  'lee',
  'max',
]
const GROUP_NAMES = ['Team A', 'Team A', 'team a', 'Team B', 'Team B', 'Others', 'Ärger']
const TEXTS = [
  'ada',
  'Ada',
  'ADA l',
  '50%',
  'a_b',
  'axb',
  'x"y\\z',
  'Ärger',
  'a\u0308RGER',
  '\u{1F600}',
  '\uE000',
]
export const text: Arbitrary<Json> = one(...TEXTS)

/** What an attribute may be, by its name. */
const POOL: Readonly<Record<string, Arbitrary<Json>>> = {
  schemas: one(BASE.User, BASE.Group, ENTERPRISE, RAIL),
  id: fc.oneof(about('User', 'Group'), gone),
  externalId: one('x1', 'x1', 'x2', 'X1', 'x3'),
  userName: one(...USER_NAMES),
  userType: one('Employee', 'employee', 'Contractor'),
  active: mostly<Json>(one(true, true, false), one('True', 'False')),
  emails: one('a@x.org', 'a@x.org', 'A@X.org', 'b@x.org', 'b@x.org', 'c_d@x.org', 'cxd@x.org'),
  type: one('work', 'work', 'home', 'Work', 'other'),
  display: text,
  primary: mostly<Json>(fc.boolean(), one('True', 'False')),
  locality: one('Ulm', 'ulm', 'Bonn'),
  country: one('DE', 'FR'),
  employeeNumber: mostly<Json>(one('1', '2', '10'), one(1, 10)),
  dbRoles: one('admin', 'analyst', 'analyst', 'finance', 'fin', 'Admin', ' analyst'),
  badge: one('B1', 'b1', 'B2'),
  level: mostly<Json>(one(-1, 0, 1, 2, 10), one('2', '10')),
  since: one(
    '2026-01-01T00:00:00Z',
    '2026-01-01T01:00:00+01:00',
    '2025-12-31T23:59:59.999Z',
    '2026-06-01T12:00:00.5Z',
  ),
  remote: mostly<Json>(fc.boolean(), one('True', 'False')),
  created: metaOf('created'),
  lastModified: metaOf('lastModified'),
  resourceType: one('User', 'Group', 'user'),
}

/** What hardly any attribute is. */
export const junk: Arbitrary<Json> = one<Json>(7, true, 'True', 'false', '3', '', null, [], {}, [''], {
  value: 'ada',
})

/** Somebody by id, or by external id. */
export const somebody: Arbitrary<Json> = fc.oneof(
  { arbitrary: about('User', 'Group'), weight: 8 },
  { arbitrary: gone, weight: 1 },
  { arbitrary: one('x1', 'x1', 'x2', 'X1'), weight: 3 },
)

/** Managers by names that are nobody's id: what is derived of a manager who is a user has tests of its own. */
export const boss: Arbitrary<Json> = one('x1', 'x2', 'Boss')

/** What may stand at a path. */
export function valueAt(type: TypeName, path: Path): Arbitrary<Json> {
  const [name = '', sub = 'value'] = isUrn(path[0]) ? path.slice(1) : path
  if (name === 'manager') return boss
  if (name === 'members' || name === 'groups') {
    if (sub === 'type') return one('User', 'Group', 'user', 'direct')
    return sub === 'display' ? one(...TEXTS, ...USER_NAMES, ...GROUP_NAMES) : somebody
  }
  if (type === 'Group' && name === 'displayName') return one(...GROUP_NAMES)
  if (name === 'phoneNumbers' && sub === 'value') return pool('emails')
  return POOL[sub] ?? POOL[name] ?? text
}

/** What an attribute of that name may be. */
export const pool = (name: string): Arbitrary<Json> => POOL[name] ?? text
