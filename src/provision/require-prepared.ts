import type { Context } from '../context.ts'
import { quote, ScimError } from '../scim/error.ts'
import type { Filter } from '../scim/filter/filter.ts'
import type { Sort } from '../scim/sort.ts'
import { pendingRecomputes } from '../store/recomputes.ts'
import { comparedPaths } from '../store/where.ts'

/** In so many seconds a client asks again: documents of a hundred thousand people are prepared in about a minute. */
const RETRY_AFTER_S = 10

/**
 * Refuses to compare by an attribute of an extension while the values of some people are not yet prepared as it is
 * defined now: they would be missing from the answer. What is looked up is right at once.
 *
 * @throws ScimError 503
 */
export async function requirePrepared(
  ctx: Context,
  queries: readonly { readonly filter?: Filter | undefined; readonly sort?: Sort | undefined }[],
): Promise<void> {
  const paths = queries
    .flatMap(({ filter, sort }) => [...(filter ? comparedPaths(filter) : []), ...(sort ? [sort.path] : [])])
    .filter(({ extension }) => extension)
  if (paths.length === 0) return
  const names = new Set(paths.map(({ schema, attribute }) => `${schema}:${attribute.name}`))
  const jobs = await pendingRecomputes(ctx.engine.read)
  const waiting = jobs.flatMap(({ attributes }) => attributes).find((name) => names.has(name))
  if (waiting === undefined) return
  throw new ScimError(
    503,
    `${quote(waiting)} has been defined anew, and users are still being prepared to be compared by it; ask again in ${RETRY_AFTER_S} s`,
    undefined,
    RETRY_AFTER_S,
  )
}
