import { placeOf } from '../../schemas/config-error.ts'
import type { Config } from '../../schemas/config.ts'
import { quote } from '../scim/error.ts'
import type { AttrPath } from '../scim/path/path.ts'
import { lookUpKey } from '../scim/resource/search.ts'
import { holdUnique, type SharedValues } from '../store/collected-values.ts'
import type { Db } from '../store/db.ts'
import { LONGEST_INDEXED_VALUE } from '../store/user-values.ts'
import type { TooLong } from './collect-values.ts'
import type { Fault } from './problem.ts'

/**
 * Holds attributes unique whose values are collected.
 *
 * @param tooLong who has a value that the index does not hold
 * @returns what stands in the way: one entry per attribute and directory
 */
export async function holdOrTell(
  db: Db,
  config: Config,
  paths: readonly AttrPath[],
  tooLong: readonly TooLong[],
): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const path of paths)
    faults.push(...faultsOf(config, path, tooLong, await holdUnique(db, lookUpKey(path))))
  return faults
}

/** What stands in the way of holding an attribute unique, at the place where the configuration asks for it. */
export function faultsOf(
  config: Config,
  path: AttrPath,
  tooLong: readonly TooLong[],
  shared: readonly SharedValues[],
): Fault[] {
  const key = lookUpKey(path)
  const [first] = tooLong.filter(({ attribute }) => attribute === key).toSorted((a, b) => a.seq - b.seq)
  const messages = [...(first === undefined ? [] : [notHeld(first)]), ...shared.map(notUnique)]
  return messages.map((message) => ({ path: placeOfUniqueness(config, path), message }))
}

function placeOfUniqueness({ extensions }: Config, { schema, attribute }: AttrPath): string {
  const at = extensions.findIndex(({ urn }) => urn === schema)
  const index = extensions[at]?.attributes.findIndex(({ name }) => name === attribute.name) ?? -1
  return placeOf(['extensions', at, 'attributes', index, 'uniqueness'])
}

const notHeld = ({ userName }: TooLong): string =>
  `cannot be held: ${quote(userName)} has a value of more than ${LONGEST_INDEXED_VALUE} characters`

function notUnique({ directoryName, count, example, userNames }: SharedValues): string {
  const whose = `of directory ${quote(directoryName)}`
  const [first = '', second = '', ...others] = userNames
  const who =
    others.length > 0
      ? `${quote(first)}, ${quote(second)} and others`
      : `${quote(first)} and ${quote(second)}`
  return count === 1
    ? `cannot be held: one value ${whose} belongs to several users: ${quote(example)} to ${who}`
    : `cannot be held: ${count} values ${whose} belong to several users, such as ${quote(example)} to ${who}`
}
