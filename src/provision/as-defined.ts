import type { Context } from '../context.ts'
import { quote, ScimError } from '../scim/error.ts'
import type { Filter } from '../scim/filter/filter.ts'
import type { AttrPath } from '../scim/path/path.ts'
import type { Sort } from '../scim/sort.ts'
import { comparisonsOf } from '../store/matches.ts'
import { pendingRecomputes } from '../store/recomputes.ts'
import { latestRevisionId } from '../store/revisions.ts'
import { comparedPaths } from '../store/where.ts'

/** What is asked of the resources of one type. */
interface Query {
  readonly filter?: Filter | undefined
  readonly sort?: Sort | undefined
}

/**
 * Reads resources by attributes of extensions as these are defined, or not at all: what was prepared for another
 * definition would be missing from the answer.
 *
 * @param revision the configuration that the queries were read by
 * @throws ScimError 503 while users are being prepared, and where another configuration has come meanwhile
 */
export async function readAsDefined<T>(
  ctx: Context,
  revision: number,
  queries: readonly Query[],
  read: () => Promise<T>,
): Promise<T> {
  if (!queries.some(namesExtension)) return read()
  await requirePrepared(ctx, queries.flatMap(comparedIn).filter(isExtension))
  const found = await read()
  if ((await latestRevisionId(ctx.engine.read)) === revision) return found
  throw notYet('the configuration has just been changed', 1)
}

const isExtension = ({ extension }: AttrPath): boolean => extension

const namesExtension = (query: Query): boolean =>
  comparedIn(query).some(isExtension) ||
  (query.filter !== undefined && comparisonsOf(query.filter).some(({ path }) => path.extension))

/** The paths by whose values resources are compared or sorted, and not looked up. */
const comparedIn = ({ filter, sort }: Query): readonly AttrPath[] => [
  ...(filter ? comparedPaths(filter) : []),
  ...(sort ? [sort.path] : []),
]

/** In so many seconds a client asks again: documents of a hundred thousand people are prepared in about a minute. */
const PREPARING_S = 10

async function requirePrepared(ctx: Context, paths: readonly AttrPath[]): Promise<void> {
  if (paths.length === 0) return
  const names = new Set(paths.map(({ schema, attribute }) => `${schema}:${attribute.name}`))
  const jobs = await pendingRecomputes(ctx.engine.read)
  const waiting = jobs.flatMap(({ attributes }) => attributes).find((name) => names.has(name))
  if (waiting === undefined) return
  throw notYet(
    `${quote(waiting)} has been defined anew, and users are still being prepared to be compared by it`,
    PREPARING_S,
  )
}

const notYet = (why: string, retryAfter: number): ScimError =>
  new ScimError(503, `${why}; ask again in ${retryAfter} s`, undefined, retryAfter)
