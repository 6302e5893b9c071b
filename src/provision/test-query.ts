import type { Context } from '../context.ts'
import { DatabaseError } from '../databases/database.ts'
import { openDatabase, whoAmI } from '../databases/open.ts'
import type { Cause } from './cause.ts'
import { urlOf } from './connection-url.ts'
import { inForce } from './in-force.ts'
import { record } from './record.ts'
import { resolve, type Decision, type Question } from './resolve.ts'

/** How a query went that was run as somebody. */
export interface TestQuery {
  readonly decision: Decision
  /** Null when nothing was opened: the person is denied, or the database cannot be reached. */
  readonly ran: {
    /** Where, by the decision. */
    readonly connection: string
    readonly query: string
    /** The database user that ran it, by the word of the database; null where the engine has none. */
    readonly user: string | null
    readonly database: string
    readonly server: string
    /** Null when the statement failed. */
    readonly rows: number | null
    /** Of the statement, to its last row. */
    readonly milliseconds: number | null
  } | null
  /** Why it was not run, or not to its end, though the person is let in. */
  readonly problem: string | null
}

/**
 * Runs a query that reads over the connection that a person's queries run on, to see as whom the database runs it. Where
 * that is, the decision says and nothing else. No row is kept or shown.
 *
 * @param query undefined: one that asks the database who we are
 * @throws Problem as `resolve` does
 */
export async function runTestQuery(
  ctx: Context,
  cause: Cause,
  asked: Question,
  { query, timeoutMs }: { readonly query?: string | undefined; readonly timeoutMs: number },
): Promise<TestQuery> {
  const decision = JSON.parse(await resolve(ctx, asked)) as Decision
  if (decision.decision !== 'allow' || decision.environment === null)
    return { decision, ran: null, problem: null }
  const { connection } = decision.environment
  const { config } = await inForce(ctx, ctx.engine.read)
  const target = config.connections.find(({ name }) => name === connection)
  if (target === undefined)
    throw new Error(`the decision leads to \`${connection}\`, which is not configured`)
  const text = query ?? whoAmI(target.dialect)
  // Before it runs, so that nothing runs that the audit does not hold.
  await ctx.engine.write((db) =>
    record(ctx, db, {
      cause,
      directoryId: null,
      kind: 'connection.queried',
      subjectId: connection,
      detail: { as: asked.user, on: asked.connection, query: text },
    }),
  )
  let ran: TestQuery['ran'] = null
  try {
    const database = await openDatabase(target.dialect, await urlOf(ctx, target.url), timeoutMs)
    try {
      const { user, database: name, server } = await database.identify()
      ran = { connection, query: text, user, database: name, server, rows: null, milliseconds: null }
      return { decision, ran: { ...ran, ...(await database.count(text)) }, problem: null }
    } finally {
      await database.close()
    }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return { decision, ran, problem: `\`${connection}\`: ${error.message}` }
  }
}
