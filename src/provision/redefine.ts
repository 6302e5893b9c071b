import { placeOf } from '../../schemas/config-error.ts'
import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { quote } from '../scim/error.ts'
import { definitionAt, pathName, type AttrPath } from '../scim/path/path.ts'
import { redefined } from '../scim/resource/redefined.ts'
import type { Resource } from '../scim/resource/resource.ts'
import { indexedValues, searchDocument } from '../scim/resource/search.ts'
import type { Db } from '../store/db.ts'
import { createRecompute } from '../store/recomputes.ts'
import {
  countUsersWith,
  lastSeq,
  readDocuments,
  setSearch,
  usersWith,
  type Range,
  type UserDocument,
} from '../store/user-documents.ts'
import {
  collectValues,
  forgetAttributes,
  holdUnique,
  LONGEST_INDEXED_VALUE,
  type SharedValues,
  type UserValue,
} from '../store/user-values.ts'
import { lockUsers } from '../store/users.ts'
import { fromDocument } from './document.ts'
import type { InForce } from './in-force.ts'
import type { Fault } from './problem.ts'

/**
 * Brings what was prepared of stored users in line with attributes that are defined anew, while nobody writes a user.
 *
 * Values that are looked up are collected at once, so that users are found by them, and they are held unique, from the
 * answer on. Documents prepared for comparison follow in the background: see {@link prepareAgain}.
 *
 * @returns what stands in the way of a new uniqueness
 */
export async function redefine(ctx: Context, db: Db, before: InForce, after: InForce): Promise<Fault[]> {
  const type = after.registry.resourceType('User')
  const { compared, lookedUp, forgotten } = redefined(before.registry.resourceType('User'), type)
  await forgetAttributes(db, [...new Set([...forgotten, ...lookedUp].map(pathName))])
  const long = await collect(ctx, db, lookedUp, type)
  if (compared.length > 0) await letPrepare(db, after, compared.map(pathName))
  const faults: Fault[] = []
  for (const path of lookedUp.filter((each) => definitionAt(each).uniqueness === 'server')) {
    const place = placeOfUniqueness(after, path)
    const user = long.get(pathName(path))
    if (user !== undefined) faults.push({ path: place, message: tooLong(user) })
    const shared = await holdUnique(db, pathName(path))
    faults.push(...shared.map((each) => ({ path: place, message: notUnique(each) })))
  }
  return faults
}

/** For each attribute somebody who has a value that the index does not hold. */
type TooLong = ReadonlyMap<string, UserDocument>

async function collect(
  ctx: Context,
  db: Db,
  paths: readonly AttrPath[],
  type: ResourceType,
): Promise<TooLong> {
  const names = paths.map(pathName)
  const long = new Map<string, UserDocument>()
  for await (const range of ranges(db, names)) {
    const values: UserValue[] = []
    for (const user of await usersWith(db, names, range)) {
      for (const value of indexedValues(resourceOf(ctx, user), type, paths)) {
        if (value.value.length > LONGEST_INDEXED_VALUE) long.set(value.attribute, user)
        values.push({ userSeq: user.seq, directoryId: user.directoryId, ...value })
      }
    }
    await collectValues(db, values)
  }
  return long
}

/** Makes the documents wait that may have one of the attributes. */
async function letPrepare(
  db: Db,
  { revision, since }: InForce,
  attributes: readonly string[],
): Promise<void> {
  let total = 0
  for await (const range of ranges(db, attributes)) total += await countUsersWith(db, attributes, range)
  await createRecompute(db, {
    cause: `revision ${revision}`,
    createdAt: since,
    scope: { kind: 'documents', attributes, total },
  })
}

/** Users who are looked through in one turn of the event loop. */
const RANGE = 500

/** All users, some at a time; none where nobody is looked for. */
async function* ranges(db: Db, wanted: readonly string[]): AsyncGenerator<Range> {
  const last = wanted.length === 0 ? 0 : await lastSeq(db)
  for (let after = 0; after < last; after += RANGE) {
    yield { after, upTo: after + RANGE }
    // Whoever writes to SQLite waits for nothing else, so requests that read are let in here.
    await new Promise(setImmediate)
  }
}

/** What a document says; nothing where it cannot be read, so that it keeps nobody else waiting. */
function resourceOf(ctx: Context, { seq, document }: UserDocument): Resource {
  try {
    return fromDocument(document)
  } catch (error) {
    ctx.log.error(
      { err: error, userSeq: seq },
      'the document of a user cannot be read; nobody finds the user',
    )
    return {}
  }
}

function placeOfUniqueness({ config }: InForce, { schema, attribute }: AttrPath): string {
  const at = config.extensions.findIndex(({ urn }) => urn === schema)
  const index = config.extensions[at]?.attributes.findIndex(({ name }) => name === attribute.name) ?? -1
  return placeOf(['extensions', at, 'attributes', index, 'uniqueness'])
}

const tooLong = ({ userName }: UserDocument): string =>
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

/**
 * Prepares the documents of users again by the definitions in force. Users who are written meanwhile are prepared by
 * their write.
 */
export async function prepareAgain(
  ctx: Context,
  db: Db,
  { registry }: InForce,
  userSeqs: readonly number[],
): Promise<void> {
  const type = registry.resourceType('User')
  // Held before they are read, so that no write comes in between.
  await lockUsers(db, userSeqs)
  const users = await readDocuments(db, userSeqs)
  await Promise.all(
    users.map((user) => setSearch(db, user.seq, JSON.stringify(searchDocument(resourceOf(ctx, user), type)))),
  )
}
