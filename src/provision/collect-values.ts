import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { pathName, type AttrPath } from '../scim/path/path.ts'
import { indexedPaths, indexedValues, lookUpKey } from '../scim/resource/search.ts'
import { feedPosition, usersWrittenAfter } from '../store/changes.ts'
import { collectValues, forgetAttributes, storedAttributes } from '../store/collected-values.ts'
import type { Db } from '../store/db.ts'
import { readSetting, writeSetting } from '../store/settings.ts'
import { lastSeq, readDocuments, seqsWith, type Range, type UserDocument } from '../store/user-documents.ts'
import { LONGEST_INDEXED_VALUE, type IndexedValue } from '../store/user-values.ts'
import { lockUsers } from '../store/users.ts'
import { giveWay } from './give-way.ts'
import { inForce } from './in-force.ts'
import { resourceOf } from './prepared-documents.ts'
import { Problem } from './problem.ts'
import { changeFacts } from './unit-of-work.ts'

/**
 * Users who are gone through in one unit of work: few enough that others wait for some ten milliseconds only, and many
 * enough that the pages of the index, which their values hit at random, are not written again for each of them.
 */
const AT_ONCE = 500

/** What is to be collected: the values of these attributes, as the type defines them. */
export interface Wanted {
  readonly paths: readonly AttrPath[]
  readonly type: ResourceType
}

/** A user with a value to be held unique that the index does not hold. */
export interface TooLong {
  /** By what it would be looked up. */
  readonly attribute: string
  readonly seq: number
  readonly userName: string
}

/** The values of everybody up to a position of the feed. */
export interface Collected {
  readonly position: number
  /** Who had a value that is too long when it was collected. */
  readonly tooLong: readonly TooLong[]
}

/**
 * Collects the values of everybody, in units of work so small that nobody waits for them.
 *
 * @throws Problem 409 when it is another's turn
 */
export async function collectOfAll(
  ctx: Context,
  turn: string,
  wanted: Wanted,
  progress: (done: number, total: number) => void,
): Promise<Collected> {
  const { read } = ctx.engine
  const tooLong: TooLong[] = []
  const collect = async (seqsOf: (db: Db) => readonly number[] | Promise<readonly number[]>) => {
    tooLong.push(...(await inTurn(ctx, turn, async (db) => collectOf(ctx, db, await seqsOf(db), wanted))))
  }
  let position = await feedPosition(read)
  const names = wanted.paths.map(pathName)
  await rangeByRange(ctx, (range) => collect((db) => seqsWith(db, names, range)), progress)
  for (;;) {
    const next = await feedPosition(read)
    const written = await usersWrittenAfter(read, position)
    // So few can be collected again while everybody waits.
    if (written.length <= AT_ONCE) return { position, tooLong }
    for (const seqs of someAtOnce(written)) await collect(() => seqs)
    position = next
  }
}

/** Collects the values of some users, instead of those that were collected of them before. */
export async function collectOf(
  ctx: Context,
  db: Db,
  seqs: readonly number[],
  { paths, type }: Wanted,
): Promise<TooLong[]> {
  // Held before they are read, so that no write comes in between.
  await lockUsers(db, seqs)
  const users = await readDocuments(db, seqs)
  const found = users.map((user) => ({ user, values: indexedValues(resourceOf(ctx, user), type, paths) }))
  await collectValues(
    db,
    seqs,
    paths.map(lookUpKey),
    found.flatMap(({ user: { seq, directoryId }, values }) =>
      values.map((value) => ({ ...value, seq, directoryId })),
    ),
  )
  return found.flatMap(({ user, values }) => tooLongOf(values, user))
}

/** Which of a user's values the index cannot hold, though they are to be unique. */
export const tooLongOf = (
  values: readonly IndexedValue[],
  { seq, userName }: Pick<UserDocument, 'seq' | 'userName'>,
): TooLong[] =>
  values
    .filter(({ value, unique }) => unique && value.length > LONGEST_INDEXED_VALUE)
    .map(({ attribute }) => ({ attribute, seq, userName }))

/**
 * Takes away the values that nobody asks for: of definitions that are in force no longer, and of those that never were
 * because their configuration was refused, or its process ended.
 *
 * @throws Problem 409 when it is another's turn
 */
export async function sweep(ctx: Context, turn: string): Promise<void> {
  const { registry } = await inForce(ctx, ctx.engine.read)
  const keys = new Set(indexedPaths(registry.resourceType('User')).map(lookUpKey))
  const left = (await storedAttributes(ctx.engine.read)).filter((key) => !keys.has(key))
  if (left.length === 0) return
  await rangeByRange(ctx, (range) => inTurn(ctx, turn, (db) => forgetAttributes(db, left, range)))
}

/** Goes through everybody, some at once, and gives way to others in between. */
export async function rangeByRange(
  ctx: Context,
  work: (range: Range) => Promise<void>,
  progress: (done: number, total: number) => void = () => {},
): Promise<void> {
  const last = await lastSeq(ctx.engine.read)
  for (const range of rangesUpTo(last)) {
    const since = performance.now()
    await work(range)
    progress(Math.min(range.upTo, last), last)
    await giveWay(ctx, since)
  }
}

/** Everybody up to a `seq`, split into as many as are gone through at once. */
export function* rangesUpTo(last: number): Generator<Range> {
  for (let after = 0; after < last; after += AT_ONCE) yield { after, upTo: after + AT_ONCE }
}

/** The same for users by their `seq`s. */
export function* someAtOnce(seqs: readonly number[]): Generator<readonly number[]> {
  for (let from = 0; from < seqs.length; from += AT_ONCE) yield seqs.slice(from, from + AT_ONCE)
}

/** Whose turn it is to collect: of two configurations that are applied at once, the one's that began last. */
const TURN_SETTING = 'collecting'

/** Begins to collect values. Whoever does so already cannot go on. */
export async function takeTurn(ctx: Context): Promise<string> {
  const turn = ctx.newId()
  await ctx.engine.write(async (db) => {
    // No unit of work of theirs is under way.
    await ctx.engine.dialect.lockModel(db, 'exclusive')
    await writeSetting(db, TURN_SETTING, turn)
  })
  return turn
}

/** Runs a unit of work of somebody who collects. */
function inTurn<T>(ctx: Context, turn: string, work: (db: Db) => Promise<T>): Promise<T> {
  return changeFacts(ctx, async (_ctx, db) => {
    await requireTurn(db, turn)
    return work(db)
  })
}

/** @throws Problem 409 when it is another's turn */
export async function requireTurn(db: Db, turn: string): Promise<void> {
  if ((await readSetting(db, TURN_SETTING)) !== turn) throw overtaken()
}

export const overtaken = (): Problem =>
  new Problem(409, 'another configuration is being applied at the same time; apply this one again')
