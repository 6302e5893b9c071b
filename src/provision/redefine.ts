import { placeOf } from '../../schemas/config-error.ts'
import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { quote } from '../scim/error.ts'
import { definitionAt, pathName, type AttrPath } from '../scim/path/path.ts'
import { redefined, type Redefined } from '../scim/resource/redefined.ts'
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
} from '../store/user-values.ts'
import { lockUsers } from '../store/users.ts'
import { fromDocument } from './document.ts'
import type { InForce } from './in-force.ts'
import type { Fault } from './problem.ts'

/** Told how far a long work is. */
export type Progress = (done: number, total: number) => void

/**
 * Brings what was prepared of stored users in line with attributes that are defined anew, while nobody writes a user.
 *
 * Values that are looked up are collected at once, so that users are found by them, and they are held unique, from the
 * answer on. Documents prepared for comparison follow in the background: see {@link prepareAgain}.
 *
 * @returns what stands in the way of a new uniqueness
 */
export async function redefine(
  ctx: Context,
  db: Db,
  before: InForce,
  after: InForce,
  progress: Progress = () => {},
): Promise<Fault[]> {
  const type = after.registry.resourceType('User')
  const change = redefined(before.registry.resourceType('User'), type)
  const attributes = change.compared.map(pathName)
  await forgetAttributes(db, [...new Set([...change.forgotten, ...change.lookedUp].map(pathName))])
  const { waiting, tooLong } = await lookThrough(ctx, db, change, type, progress)
  await createRecompute(db, {
    cause: `revision ${after.revision}`,
    createdAt: after.since,
    scope: { kind: 'documents', attributes, total: waiting },
  })
  const unique = change.lookedUp.filter((path) => definitionAt(path).uniqueness === 'server')
  const faults = await Promise.all(unique.map((path) => hold(db, after, path, tooLong.get(pathName(path)))))
  return faults.flat()
}

/** Users who are looked through in one turn of the event loop. */
const RANGE = 500

interface LookedThrough {
  /** How many documents may have an attribute that is compared otherwise. */
  readonly waiting: number
  /** For attributes somebody who has a value that the index does not hold. */
  readonly tooLong: ReadonlyMap<string, UserDocument>
}

/** Goes through the documents of everybody, and collects the values that are looked up. */
async function lookThrough(
  ctx: Context,
  db: Db,
  { compared, lookedUp }: Redefined,
  type: ResourceType,
  progress: Progress,
): Promise<LookedThrough> {
  const names = compared.map(pathName)
  const tooLong = new Map<string, UserDocument>()
  let waiting = 0
  const last = compared.length + lookedUp.length === 0 ? 0 : await lastSeq(db)
  for (let after = 0; after < last; after += RANGE) {
    const range = { after, upTo: after + RANGE }
    if (names.length > 0) waiting += await countUsersWith(db, names, range)
    if (lookedUp.length > 0) {
      for (const [name, user] of await collect(ctx, db, lookedUp, type, range)) tooLong.set(name, user)
    }
    progress(Math.min(range.upTo, last), last)
    // Whoever writes to SQLite waits for nothing else, so requests that read are let in here.
    await new Promise(setImmediate)
  }
  return { waiting, tooLong }
}

/** Collects the values of some users, and returns who has one that the index does not hold. */
async function collect(
  ctx: Context,
  db: Db,
  paths: readonly AttrPath[],
  type: ResourceType,
  range: Range,
): Promise<readonly (readonly [name: string, user: UserDocument])[]> {
  const users = await usersWith(db, paths.map(pathName), range)
  const values = users.flatMap((user) =>
    indexedValues(resourceOf(ctx, user), type, paths).map((value) => ({ ...value, user })),
  )
  await collectValues(db, values)
  return values
    .filter(({ value }) => value.length > LONGEST_INDEXED_VALUE)
    .map(({ attribute, user }) => [attribute, user] as const)
}

/** Holds an attribute unique, or tells what stands in the way. */
async function hold(
  db: Db,
  after: InForce,
  path: AttrPath,
  tooLong: UserDocument | undefined,
): Promise<Fault[]> {
  const place = placeOfUniqueness(after, path)
  const shared = await holdUnique(db, pathName(path))
  const messages = [...(tooLong ? [notHeld(tooLong)] : []), ...shared.map(notUnique)]
  return messages.map((message) => ({ path: place, message }))
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

const notHeld = ({ userName }: UserDocument): string =>
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
