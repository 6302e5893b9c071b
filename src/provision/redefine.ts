import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { definitionAt, pathName } from '../scim/path/path.ts'
import { redefined, type Redefined } from '../scim/resource/redefined.ts'
import { feedPosition, usersChangedAfter } from '../store/changes.ts'
import type { Db } from '../store/db.ts'
import { createRecompute } from '../store/recomputes.ts'
import { countUsersWith, lastSeq } from '../store/user-documents.ts'
import { userSeqs } from '../store/users.ts'
import {
  collectIn,
  collectOf,
  inTurn,
  overtaken,
  RANGE,
  ranges,
  requireTurn,
  sweep,
  takeTurn,
  type TooLong,
} from './collect-values.ts'
import { giveWay } from './give-way.ts'
import { holdOrTell } from './hold-unique.ts'
import { inForce, type InForce } from './in-force.ts'
import { prepareAgain } from './prepared-documents.ts'
import type { Fault } from './problem.ts'

/** Told how far a long work is. */
export type Progress = (done: number, total: number) => void

/** What was done for a configuration before it is in force. */
export interface Prepared {
  /** What was in force when this was begun, and where the feed was. */
  readonly revision: number
  readonly position: number
  readonly change: Redefined
  /** Undefined where no values are looked up otherwise. */
  readonly turn: string | undefined
  /** How many documents may have an attribute that is to be compared otherwise. */
  readonly waiting: number
  readonly tooLong: readonly TooLong[]
}

/**
 * Prepares stored users for attributes that are defined anew, before the configuration is in force.
 *
 * The values that will be looked up are collected, by keys that nobody asks for yet: in units of work so small that
 * nobody waits for them. {@link settle} does the rest, and {@link cleanUp} ends it.
 *
 * @param next the configuration that is going to be put in force
 * @throws Problem 409 when another one is being applied
 */
export async function prepareFor(
  ctx: Context,
  next: InForce,
  progress: Progress = () => {},
): Promise<Prepared> {
  const { read } = ctx.engine
  const present = await inForce(ctx, read)
  const type = userTypeOf(next)
  const change = redefined(userTypeOf(present), type)
  const position = await feedPosition(read)
  const turn = changesLookUps(change) ? await takeTurn(ctx) : undefined
  // What is left over of an earlier attempt was true of other documents.
  if (turn !== undefined) await sweep(ctx, turn)

  const names = change.compared.map(pathName)
  const wanted = { paths: change.lookedUp, type }
  const tooLong: TooLong[] = []
  let waiting = 0
  const last = names.length + wanted.paths.length === 0 ? 0 : await lastSeq(read)
  for (const range of ranges(last)) {
    const since = performance.now()
    if (names.length > 0) waiting += await countUsersWith(read, names, range)
    if (turn !== undefined && wanted.paths.length > 0) {
      tooLong.push(...(await inTurn(ctx, turn, (db) => collectIn(ctx, db, range, wanted))))
    }
    progress(Math.min(range.upTo, last), last)
    await giveWay(ctx, since)
  }
  return { revision: present.revision, position, change, turn, waiting, tooLong }
}

/**
 * Finishes what {@link prepareFor} began, in the unit of work that puts the configuration in force: whoever was written
 * meanwhile is prepared here, while nobody writes. So users are found by what is looked up, and this is held unique,
 * from the answer on. Other documents are prepared for comparison in the background, by `prepareAgain`.
 *
 * @returns what stands in the way of a new uniqueness
 * @throws Problem 409 when another configuration came meanwhile
 */
export async function settle(
  ctx: Context,
  db: Db,
  { present, next }: { readonly present: InForce; readonly next: InForce },
  prepared: Prepared,
): Promise<Fault[]> {
  const type = userTypeOf(next)
  const change = redefined(userTypeOf(present), type)
  if (present.revision !== prepared.revision && (changesUsers(change) || changesUsers(prepared.change)))
    throw overtaken()
  if (!changesUsers(change)) return []
  if (prepared.turn !== undefined) await requireTurn(db, prepared.turn)

  const { compared, lookedUp } = change
  const written = await userSeqs(db, await usersChangedAfter(db, prepared.position))
  const again = [...new Set([...written, ...prepared.tooLong.map(({ user }) => user.seq)])]
  const tooLong: TooLong[] = []
  for (let from = 0; from < again.length; from += RANGE) {
    const seqs = again.slice(from, from + RANGE)
    tooLong.push(...(await collectOf(ctx, db, seqs, { paths: lookedUp, type })))
    if (compared.length > 0) await prepareAgain(ctx, db, next, seqs)
  }
  await createRecompute(db, {
    cause: `revision ${next.revision}`,
    createdAt: next.since,
    scope: { kind: 'documents', attributes: compared.map(pathName), total: prepared.waiting },
  })
  const unique = lookedUp.filter((path) => definitionAt(path).uniqueness === 'server')
  return holdOrTell(db, next.config, unique, tooLong)
}

/** Takes away what nobody asks for, whether the configuration is in force now or was refused. */
export async function cleanUp(ctx: Context, { turn }: Prepared): Promise<void> {
  if (turn === undefined) return
  await sweep(ctx, turn).catch((error: unknown) => {
    ctx.log.warn(
      { err: error },
      'values that nobody asks for were left; the next change of attributes takes them',
    )
  })
}

const userTypeOf = ({ registry }: InForce): ResourceType => registry.resourceType('User')

const changesLookUps = ({ lookedUp, forgotten }: Redefined): boolean => lookedUp.length + forgotten.length > 0

const changesUsers = (change: Redefined): boolean => changesLookUps(change) || change.compared.length > 0
