import fc, { type Arbitrary } from 'fast-check'
import { BASE, ENTERPRISE, RAIL } from '../model/attributes.ts'
import type { Json, Path, TypeName } from '../model/attributes.ts'
import type { Filter } from '../model/filter.ts'
import type { Operation, Target } from '../model/patch.ts'
import { address, dbRoles, label, manager, member, members, WHOLE } from './bodies.ts'
import { filterOf } from './filters.ts'
import { maybe, mostly, one } from './odds.ts'
import { boss, junk, pool, somebody, text, valueAt } from './values.ts'

/** Where an operation goes, and with what. */
type Place = readonly [Target, Json]

const place = (target: Arbitrary<Target>, value: Arbitrary<Json>, weight = 20): Arbitrary<Place> =>
  fc.tuple(target, mostly(value, junk, weight))
const at = (path: Path, more: Omit<Target, 'path'> = {}): Arbitrary<Target> => one({ path, ...more })
const wholesOf = (type: TypeName): Arbitrary<Place> => {
  // Most can go wrong with several values.
  const names = ['emails', 'emails', 'emails', ...Object.keys(WHOLE[type])].filter(
    (name) => name in WHOLE[type],
  )
  return one(...names).chain((name) => place(at([name]), WHOLE[type][name] ?? text))
}

const single = one<Path>(
  ['userName'],
  [RAIL, 'badge'],
  [RAIL, 'level'],
  [RAIL, 'since'],
  [RAIL, 'remote'],
  [ENTERPRISE, 'department'],
  [ENTERPRISE, 'employeeNumber'],
).chain((path) => place(at(path), valueAt('User', path)))

const several = one<Path>(['emails'], ['emails'], ['phoneNumbers'], ['addresses'])

/** The elements that providers choose: by type, mostly. */
function chosen(path: Path): Arbitrary<Filter> {
  const eq = (sub: string, value: Arbitrary<Json>): Arbitrary<Filter> =>
    value.map((each) => ({ path: [sub], op: 'eq', value: each }))
  const value = path[0] === 'addresses' ? eq('locality', pool('locality')) : eq('value', pool('emails'))
  const simple = fc.oneof(
    { arbitrary: eq('type', pool('type')), weight: 3 },
    { arbitrary: fc.oneof(eq('primary', pool('primary')), value), weight: 2 },
  )
  return fc.oneof(
    { arbitrary: simple, weight: 5 },
    { arbitrary: fc.tuple(simple, simple).map((and): Filter => ({ and })), weight: 1 },
    { arbitrary: filterOf('User', path), weight: 1 },
  )
}

const element = several.chain((path) =>
  place(
    chosen(path).map((where) => ({ path, where })),
    path[0] === 'addresses' ? address : label,
  ),
)

const partOfElement = several
  .chain((path) => {
    const subs =
      path[0] === 'addresses' ? ['locality', 'type', 'primary'] : ['value', 'type', 'primary', 'display']
    return fc.tuple(one(path), maybe(chosen(path), 6), one(...subs))
  })
  .chain(([path, where, sub]) =>
    place(at(path, where ? { where, sub } : { sub }), valueAt('User', [...path, sub])),
  )

const partOfName = one('givenName', 'familyName').chain((sub) => place(at(['name'], { sub }), text))

const inExtensions = fc.oneof(
  place(at([ENTERPRISE, 'manager']), manager),
  place(at([ENTERPRISE, 'manager'], { sub: 'value' }), boss),
  place(at([RAIL, 'dbRoles']), fc.oneof(dbRoles, pool('dbRoles'))),
)

const noUserPlace = one<Place>(
  [{ path: ['color'] }, 'red'],
  [{ path: ['emails'], sub: 'color' }, 'red'],
  [{ path: [RAIL, 'color'] }, 'red'],
  [{ path: ['id'] }, '@gone:1'],
  [{ path: ['meta'], sub: 'version' }, 'W/"9"'],
  [{ path: ['groups'] }, [{ value: '@Group:0' }]],
  [{ path: ['schemas'] }, [BASE.User]],
  [{ path: [ENTERPRISE, 'manager'], sub: 'displayName' }, 'Boss'],
)

const memberById = somebody.map((value): Filter => ({ path: ['value'], op: 'eq', value }))
const chosenMember = fc.oneof(
  { arbitrary: memberById, weight: 3 },
  { arbitrary: fc.tuple(memberById, memberById).map((or): Filter => ({ or })), weight: 1 },
  { arbitrary: filterOf('Group', ['members']), weight: 1 },
)

const noGroupPlace = one<Place>(
  [{ path: ['members'], sub: 'value' }, '@User:0'],
  [{ path: ['color'] }, 'red'],
  [{ path: ['id'] }, '@gone:1'],
)

const PLACES: Readonly<Record<TypeName, Arbitrary<Place>>> = {
  User: fc.oneof(
    { arbitrary: wholesOf('User'), weight: 8 },
    { arbitrary: single, weight: 5 },
    { arbitrary: partOfElement, weight: 6 },
    { arbitrary: element, weight: 3 },
    { arbitrary: partOfName, weight: 2 },
    { arbitrary: inExtensions, weight: 3 },
    { arbitrary: noUserPlace, weight: 1 },
  ),
  Group: fc.oneof(
    { arbitrary: place(at(['members']), fc.oneof(members, member)), weight: 10 },
    {
      arbitrary: place(
        chosenMember.map((where) => ({ path: ['members'], where })),
        member,
      ),
      weight: 4,
    },
    { arbitrary: wholesOf('Group'), weight: 4 },
    { arbitrary: noGroupPlace, weight: 1 },
  ),
}

function operationOf(type: TypeName): Arbitrary<Operation> {
  const verb = mostly(one('add', 'replace', 'replace', 'remove'), one('Add', 'Replace', 'Remove', 'move'), 20)
  const withPath = fc
    .tuple(verb, PLACES[type], fc.nat({ max: 29 }))
    .map(([op, [target, value], odds]): Operation => {
      const isWhole = target.where === undefined && target.sub === undefined
      const hasValue = op.toLowerCase() === 'remove' ? isWhole && odds < 6 : odds > 0
      return hasValue ? { op, target, value } : { op, target }
    })
  const places = fc.uniqueArray(PLACES[type], { selector: nameOf, minLength: 1, maxLength: 3 })
  const withoutPath = fc
    .tuple(mostly(one('add', 'replace'), one('Replace', 'remove'), 20), places)
    .map(([op, keys]): Operation => ({ op, keys }))
  return fc.oneof({ arbitrary: withPath, weight: 4 }, { arbitrary: withoutPath, weight: 1 })
}

/** No object has one name twice. */
const nameOf = ([target]: Place): string => JSON.stringify(target).toLowerCase()

/** The operations of a PATCH. */
export const OPERATIONS = {
  User: fc.array(operationOf('User'), { minLength: 1, maxLength: 3 }),
  Group: fc.array(operationOf('Group'), { minLength: 1, maxLength: 3 }),
}
