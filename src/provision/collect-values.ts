import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { pathName, type AttrPath } from '../scim/path/path.ts'
import { indexedPaths, indexedValues, lookUpKey } from '../scim/resource/search.ts'
import { collectValues, forgetAttributes, storedAttributes } from '../store/collected-values.ts'
import type { Db } from '../store/db.ts'
import { readSetting, writeSetting } from '../store/settings.ts'
import { lastSeq, readDocuments, seqsWith, type Range, type UserDocument } from '../store/user-documents.ts'
import { LONGEST_INDEXED_VALUE } from '../store/user-values.ts'
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
export const RANGE = 500

/** Everybody, in ranges that are gone through one by one. */
export function* ranges(last: number): Generator<Range> {
  for (let after = 0; after < last; after += RANGE) yield { after, upTo: after + RANGE }
}

/** A user with a value to be held unique that the index does not hold. */
export interface TooLong {
  /** By what it would be looked up. */
  readonly attribute: string
  readonly user: UserDocument
}

/** What is to be collected: the values of these attributes, as the type defines them. */
export interface Wanted {
  readonly paths: readonly AttrPath[]
  readonly type: ResourceType
}

/** Collects the values of a range of users, each of whom nobody writes meanwhile. */
export async function collectIn(ctx: Context, db: Db, range: Range, wanted: Wanted): Promise<TooLong[]> {
  const seqs = await seqsWith(db, wanted.paths.map(pathName), range)
  await lockUsers(db, seqs)
  return collectOf(ctx, db, seqs, wanted)
}

/** Collects the values of users whom nobody writes meanwhile, instead of those that were collected of them before. */
export async function collectOf(
  ctx: Context,
  db: Db,
  seqs: readonly number[],
  { paths, type }: Wanted,
): Promise<TooLong[]> {
  if (paths.length === 0) return []
  const users = await readDocuments(db, seqs)
  const values = users.flatMap((user) =>
    indexedValues(resourceOf(ctx, user), type, paths).map((value) => ({ ...value, user })),
  )
  await collectValues(db, seqs, paths.map(lookUpKey), values)
  return values.filter(({ value, unique }) => unique && value.length > LONGEST_INDEXED_VALUE)
}

/**
 * Takes away the values that nobody asks for: of definitions that are in force no longer, and of those that never were
 * because their configuration was refused, or its process ended.
 */
export async function sweep(ctx: Context, turn: string): Promise<void> {
  const { registry } = await inForce(ctx, ctx.engine.read)
  const keys = new Set(indexedPaths(registry.resourceType('User')).map(lookUpKey))
  const left = (await storedAttributes(ctx.engine.read)).filter((key) => !keys.has(key))
  if (left.length === 0) return
  for (const range of ranges(await lastSeq(ctx.engine.read))) {
    const since = performance.now()
    await inTurn(ctx, turn, (db) => forgetAttributes(db, left, range))
    await giveWay(ctx, since)
  }
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

/** Runs a unit of work of somebody who collects. @throws Problem 409 when it is another's turn */
export function inTurn<T>(ctx: Context, turn: string, work: (db: Db) => Promise<T>): Promise<T> {
  return changeFacts(ctx, async (_, db) => {
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
