import { isDeepStrictEqual } from 'node:util'
import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { definitionAt, pathName } from '../scim/path/path.ts'
import { redefined, type Redefined } from '../scim/resource/redefined.ts'
import { feedPosition, usersWrittenAfter } from '../store/changes.ts'
import type { Db } from '../store/db.ts'
import { createRecompute } from '../store/recomputes.ts'
import { countUsersWith } from '../store/user-documents.ts'
import {
  collectOf,
  collectOfAll,
  overtaken,
  rangeByRange,
  requireTurn,
  someAtOnce,
  sweep,
  takeTurn,
  type Collected,
  type TooLong,
} from './collect-values.ts'
import { holdOrTell } from './hold-unique.ts'
import { inForce, type InForce } from './in-force.ts'
import { prepareAgain } from './prepared-documents.ts'
import { Problem, type Fault } from './problem.ts'

/** Told how far a long work is. */
export type Progress = (done: number, total: number) => void

/** What was done for a configuration before it is in force. */
export interface Prepared extends Collected {
  /** What it defines otherwise than the one that was in force then. */
  readonly change: Redefined
  /** Undefined where it changes nothing of what is looked up. */
  readonly turn: string | undefined
  /** How many documents may have an attribute that is to be compared otherwise. */
  readonly waiting: number
}

/**
 * Prepares stored users for attributes that are defined anew, before the configuration is in force.
 *
 * The values that will be looked up are collected, by keys that nobody asks for yet. {@link settle} does the rest, and
 * {@link cleanUp} ends it.
 *
 * @param next the configuration that is going to be put in force
 * @param progress told how many users have been looked through for values
 * @throws Problem 409 when another one is being applied that is looked up by otherwise
 */
export async function prepareFor(
  ctx: Context,
  next: InForce,
  progress: Progress = () => {},
): Promise<Prepared> {
  const type = userTypeOf(next)
  const change = redefined(userTypeOf(await inForce(ctx, ctx.engine.read)), type)
  const { lookedUp, forgotten } = change
  const turn = lookedUp.length + forgotten.length > 0 ? await takeTurn(ctx) : undefined
  // What is left over of an earlier attempt was true of other documents.
  if (turn !== undefined) await sweep(ctx, turn)
  const collected =
    turn !== undefined && lookedUp.length > 0
      ? await collectOfAll(ctx, turn, { paths: lookedUp, type }, progress)
      : { position: await feedPosition(ctx.engine.read), tooLong: [] }
  return { change, turn, ...collected, waiting: await countWaiting(ctx, change) }
}

async function countWaiting(ctx: Context, { compared }: Redefined): Promise<number> {
  const names = compared.map(pathName)
  let waiting = 0
  if (names.length === 0) return waiting
  await rangeByRange(ctx, async (range) => {
    waiting += await countUsersWith(ctx.engine.read, names, range)
  })
  return waiting
}

/**
 * Finishes what {@link prepareFor} began, in the unit of work that puts the configuration in force: whoever was written
 * meanwhile is prepared here, while nobody writes. So users are found by what is looked up, and this is held unique,
 * from the answer on. Other documents are prepared for comparison in the background, by `prepareAgain`.
 *
 * @returns what stands in the way of a new uniqueness
 * @throws Problem 409 when another configuration came meanwhile that defines attributes anew
 */
export async function settle(
  ctx: Context,
  db: Db,
  { present, next }: { readonly present: InForce; readonly next: InForce },
  { change, turn, position, waiting, tooLong }: Prepared,
): Promise<Fault[]> {
  const type = userTypeOf(next)
  if (!isDeepStrictEqual(redefined(userTypeOf(present), type), change)) throw overtaken()
  if (turn !== undefined) await requireTurn(db, turn)
  const { compared, lookedUp } = change
  if (compared.length + lookedUp.length === 0) return []

  const written = await usersWrittenAfter(db, position)
  const stillTooLong: TooLong[] = []
  for (const seqs of someAtOnce([...new Set([...written, ...tooLong.map(({ seq }) => seq)])])) {
    if (lookedUp.length > 0) stillTooLong.push(...(await collectOf(ctx, db, seqs, { paths: lookedUp, type })))
    if (compared.length > 0) await prepareAgain(ctx, db, next, seqs)
  }
  await createRecompute(db, {
    cause: `revision ${next.revision}`,
    createdAt: next.since,
    scope: { kind: 'documents', attributes: compared.map(pathName), total: waiting },
  })
  const unique = lookedUp.filter((path) => definitionAt(path).uniqueness === 'server')
  return holdOrTell(db, next.config, unique, stillTooLong)
}

/** Takes away what nobody asks for, whether the configuration is in force now or was refused. */
export async function cleanUp(ctx: Context, { turn }: Prepared): Promise<void> {
  if (turn === undefined) return
  await sweep(ctx, turn).catch((error: unknown) => {
    // Whoever has come meanwhile takes it away.
    if (error instanceof Problem) return
    ctx.log.warn(
      { err: error },
      'values that nobody asks for were left; the next change of attributes takes them',
    )
  })
}

const userTypeOf = ({ registry }: InForce): ResourceType => registry.resourceType('User')
