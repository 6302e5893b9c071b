import fc, { type Arbitrary } from 'fast-check'
import { ATTRIBUTES, ENTERPRISE, kindAt, RAIL } from '../model/attributes.ts'
import type { Json, Path, TypeName } from '../model/attributes.ts'
import type { Filter, Operator } from '../model/filter.ts'
import { mostly, one } from './odds.ts'
import { junk, valueAt } from './values.ts'

/** What filters compare and lists are sorted by. */
export const COMPARED: Readonly<Record<TypeName, readonly Path[]>> = {
  User: [
    ['id'],
    ['externalId'],
    ['schemas'],
    ['meta', 'created'],
    ['meta', 'lastModified'],
    ['meta', 'resourceType'],
    ['userName'],
    ['displayName'],
    ['userType'],
    ['active'],
    ['name', 'givenName'],
    ['name', 'familyName'],
    ['emails'],
    ['emails', 'value'],
    ['emails', 'type'],
    ['emails', 'primary'],
    ['phoneNumbers', 'value'],
    ['addresses', 'locality'],
    ['groups'],
    ['groups', 'value'],
    ['groups', 'display'],
    [ENTERPRISE, 'department'],
    [ENTERPRISE, 'employeeNumber'],
    [ENTERPRISE, 'manager', 'value'],
    [RAIL, 'dbRoles'],
    [RAIL, 'badge'],
    [RAIL, 'level'],
    [RAIL, 'since'],
    [RAIL, 'remote'],
  ],
  Group: [
    ['id'],
    ['externalId'],
    ['schemas'],
    ['meta', 'lastModified'],
    ['meta', 'resourceType'],
    ['displayName'],
    ['members'],
    ['members', 'value'],
    ['members', 'type'],
    ['members', 'display'],
  ],
}

/** Besides these, filters ask whether they are there. */
const PRESENT: Readonly<Record<TypeName, readonly Path[]>> = {
  User: [['name'], ['addresses'], [ENTERPRISE, 'manager'], ['meta']],
  Group: [['meta']],
}

/** What no filter can compare, or no resource has. */
const ODD: readonly Path[] = [['name'], ['color'], ['emails', 'color'], [RAIL, 'color'], ['addresses']]

/** What has elements for a filter in brackets. */
const SEVERAL: Readonly<Record<TypeName, readonly Path[]>> = {
  User: [['emails'], ['emails'], ['groups'], ['addresses']],
  Group: [['members']],
}

const EQUALITY: readonly Operator[] = ['eq', 'eq', 'ne']
const ORDER: readonly Operator[] = ['gt', 'ge', 'lt', 'le']
const CONTENT: readonly Operator[] = ['co', 'sw', 'ew']
const OPERATORS = [...EQUALITY, ...ORDER, ...CONTENT]
const FITTING: Readonly<Record<string, readonly Operator[]>> = {
  boolean: EQUALITY,
  integer: [...EQUALITY, ...ORDER],
  dateTime: [...EQUALITY, ...ORDER],
}

function comparison(type: TypeName, inside: Path, path: Path): Arbitrary<Filter> {
  const whole = [...inside, ...path]
  const kind = kindAt(ATTRIBUTES[type], whole)
  const fitting = FITTING[kind?.type ?? ''] ?? OPERATORS
  return fc
    .record({
      path: one(path),
      op: mostly(one(...fitting), one(...OPERATORS), 40),
      value: mostly(valueAt(type, whole), junk.filter(isLiteral), 30),
      part: fc.nat({ max: 2 }),
    })
    .map(({ part, value, ...filter }) => ({
      ...filter,
      value: CONTENT.includes(filter.op) ? cut(value, part) : value,
    }))
}

const isLiteral = (value: Json): boolean => value === null || typeof value !== 'object'

/** A part of a text: its beginning, its end, or the whole of it. */
function cut(value: Json, part: number): Json {
  if (typeof value !== 'string' || value.startsWith('@')) return value
  return Array.from(value)
    .slice(...([[0, 2], [-2], [0]][part] ?? []))
    .join('')
}

/** Any filter, or one that may stand between the brackets behind a path. */
export function filterOf(type: TypeName, inside: Path = []): Arbitrary<Filter> {
  const paths =
    inside.length === 0
      ? COMPARED[type]
      : Object.keys(kindAt(ATTRIBUTES[type], inside)?.subs ?? {}).map((sub) => [sub])
  const odd = inside.length === 0 ? ODD : [['color']]
  const path = mostly<Path>(one(...paths), one(...odd), 60)
  const present = inside.length === 0 ? [...paths, ...PRESENT[type]] : paths
  const leaves = [
    { arbitrary: path.chain((each) => comparison(type, inside, each)), weight: 8 },
    { arbitrary: one(...present).map((each): Filter => ({ present: each })), weight: 1 },
  ]
  const element = one(...SEVERAL[type]).chain((each) =>
    filterOf(type, each).map((where): Filter => ({ path: each, where })),
  )
  if (inside.length === 0) leaves.push({ arbitrary: element, weight: 3 })
  const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { arbitrary: fc.oneof(...leaves), weight: 4 },
      { arbitrary: fc.tuple(tie('filter'), tie('filter')).map((and): Filter => ({ and })), weight: 2 },
      { arbitrary: fc.tuple(tie('filter'), tie('filter')).map((or): Filter => ({ or })), weight: 2 },
      { arbitrary: tie('filter').map((not): Filter => ({ not })), weight: 1 },
    ),
  }))
  return filter
}
