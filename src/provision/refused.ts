import type { z } from 'zod'
import type { refusedQuery } from '../../schemas/messages/guard.ts'
import type { Context } from '../context.ts'
import type { Because } from '../resolve/decision.ts'
import { fold } from '../scim/fold.ts'
import { listRefusals } from '../store/refusals.ts'
import { findDirectory } from './directories.ts'
import { readCursor, toPage } from './page.ts'

/** Somebody to whom the data of a directory may not hand out what it would. */
export interface RefusedView {
  readonly user: { readonly id: string; readonly userName: string }
  readonly directory: { readonly id: string; readonly name: string }
  /** Since when it is just that. */
  readonly since: string
  readonly refused: readonly Because[]
}

/** One page of who is refused something. @throws Problem 404 for an unknown directory */
export async function listRefused(
  ctx: Context,
  query: z.output<typeof refusedQuery>,
): Promise<{ people: RefusedView[]; nextCursor?: string }> {
  const { limit, cursor, directory, search } = query
  const after = readCursor(cursor, ['number'])
  const db = ctx.engine.read
  const found = await listRefusals(db, {
    directoryId: directory === undefined ? undefined : (await findDirectory(db, directory)).id,
    search: search === undefined ? undefined : { text: search, key: fold(search) },
    after: after?.[0],
    limit: limit + 1,
  })
  const { rows, nextCursor } = toPage(found, limit, ({ userSeq }) => [userSeq])
  return {
    people: rows.map(({ userId, userName, directoryId, directoryName, since, document }) => ({
      user: { id: userId, userName },
      directory: { id: directoryId, name: directoryName },
      since,
      refused: JSON.parse(document) as Because[],
    })),
    ...(nextCursor !== undefined && { nextCursor }),
  }
}
