import type { Context } from '../context.ts'
import type { Db } from '../store/db.ts'
import { readFacts, type UserFacts } from '../store/facts.ts'
import { lockUsers } from '../store/users.ts'
import { inForce, type InForce } from './in-force.ts'

/** The context of a unit of work. Its clock stands still: all that the work does happens at one moment. */
export interface Unit extends Context {
  /**
   * The facts about people as they were when the work began, by `seq`: of those for whom it was {@link BeginAnew begun
   * anew}. Undefined: somebody who was not there.
   */
  readonly before: ReadonlyMap<number, UserFacts | undefined>
  /** Does something once the work is durable, and nothing if it is not to be. */
  afterwards(act: () => void): void
}

/**
 * Thrown by work that turns out to take something from people who are to keep it: all of it is undone and begun anew,
 * with their facts read beforehand. So nobody pays for that on an ordinary day.
 */
export class BeginAnew extends Error {
  readonly userSeqs: readonly number[]

  constructor(userSeqs: readonly number[]) {
    super(`the facts of ${userSeqs.length} people have to be known beforehand`)
    this.userSeqs = userSeqs
  }
}

/** Runs a change of facts as one unit of work, under rules that nobody changes meanwhile. */
export function changeFacts<T>(
  ctx: Context,
  work: (ctx: Unit, db: Db, rules: InForce) => Promise<T>,
): Promise<T> {
  return asUnit(ctx, 'shared', async (unit, db) => work(unit, db, await inForce(ctx, db)))
}

/**
 * Runs a change of the rules, or of directories, as one unit of work at one moment, while nobody else changes anything
 * that decisions rest on.
 */
export function changeModel<T>(ctx: Context, work: (ctx: Unit, db: Db) => Promise<T>): Promise<T> {
  return asUnit(ctx, 'exclusive', work)
}

async function asUnit<T>(
  ctx: Context,
  lock: 'shared' | 'exclusive',
  work: (ctx: Unit, db: Db) => Promise<T>,
): Promise<T> {
  const known = new Set<number>()
  for (;;) {
    try {
      return await attempt(ctx, lock, work, [...known], known.size > 0 ? LONGEST_ANEW : {})
    } catch (error) {
      if (!(error instanceof BeginAnew) || error.userSeqs.every((seq) => known.has(seq))) throw error
      for (const seq of error.userSeqs) known.add(seq)
    }
  }
}

/** What a whole directory says before it is stored takes its time. */
const LONGEST_ANEW = { longestMs: 10 * 60_000 }

async function attempt<T>(
  ctx: Context,
  lock: 'shared' | 'exclusive',
  work: (ctx: Unit, db: Db) => Promise<T>,
  userSeqs: readonly number[],
  options: Parameters<Context['engine']['write']>[1],
): Promise<T> {
  let acts: (() => void)[] = []
  const done = await ctx.engine.write(async (db) => {
    // The engine may repeat the work: what an attempt in vain had in mind is not done.
    const mine: (() => void)[] = (acts = [])
    const at = ctx.now()
    await ctx.engine.dialect.lockModel(db, lock)
    const before = await factsBefore(db, userSeqs)
    return work({ ...ctx, now: () => at, before, afterwards: (act) => mine.push(act) }, db)
  }, options)
  for (const act of acts) act()
  return done
}

async function factsBefore(
  db: Db,
  userSeqs: readonly number[],
): Promise<ReadonlyMap<number, UserFacts | undefined>> {
  const facts = new Map<number, UserFacts | undefined>(userSeqs.map((seq) => [seq, undefined]))
  if (userSeqs.length === 0) return facts
  await lockUsers(db, userSeqs)
  for (let start = 0; start < userSeqs.length; start += READ_AT_ONCE) {
    for (const person of await readFacts(db, userSeqs.slice(start, start + READ_AT_ONCE)))
      facts.set(person.seq, person)
  }
  return facts
}

const READ_AT_ONCE = 500

/** Who is above whom, as one unit of work sees it. */
export interface Graph {
  /**
   * Says that this work changes the graph, as far as that could not be told beforehand; before anything is decided by
   * it. Where others change facts meanwhile, the work is rolled back and begun anew without them.
   */
  touch(): void
}

/**
 * Runs a change of facts that may change who is above whom. If it does, nobody else changes facts meanwhile: they would
 * decide by the old picture, and this one without their people.
 *
 * @param touchesGraph asked while the graph stands still; an engine with one writer at a time is not asked
 * @param work may run twice, the first time in vain
 */
export async function changeGraph<T>(
  ctx: Context,
  touchesGraph: (db: Db) => Promise<boolean>,
  work: (ctx: Unit, db: Db, rules: InForce, graph: Graph) => Promise<T>,
): Promise<T> {
  const { locksRows } = ctx.engine.dialect
  try {
    return await changeFacts(ctx, async (ctx, db, rules) => {
      // Rolled back and begun anew: two who wait for each other to give up the shared lock would wait for ever.
      if (locksRows && (await touchesGraph(db))) throw new GraphTouched()
      return work(ctx, db, rules, locksRows ? SHARED : HELD)
    })
  } catch (error) {
    if (!(error instanceof GraphTouched)) throw error
    return changeModel(ctx, async (ctx, db) => work(ctx, db, await inForce(ctx, db), HELD))
  }
}

class GraphTouched extends Error {}

const SHARED: Graph = {
  touch() {
    throw new GraphTouched()
  },
}

const HELD: Graph = { touch() {} }
