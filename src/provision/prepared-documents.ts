import type { Context } from '../context.ts'
import type { Resource } from '../scim/resource/resource.ts'
import { searchDocument } from '../scim/resource/search.ts'
import type { Db } from '../store/db.ts'
import { readDocuments, setSearch, type UserDocument } from '../store/user-documents.ts'
import { lockUsers } from '../store/users.ts'
import { fromDocument } from './document.ts'
import type { InForce } from './in-force.ts'

/** Prepares the documents of users for comparison by the definitions in force. */
export async function prepareAgain(
  ctx: Context,
  db: Db,
  { registry }: InForce,
  seqs: readonly number[],
): Promise<void> {
  const type = registry.resourceType('User')
  // Held before they are read, so that no write comes in between.
  await lockUsers(db, seqs)
  const users = await readDocuments(db, seqs)
  await Promise.all(
    users.map((user) => setSearch(db, user.seq, JSON.stringify(searchDocument(resourceOf(ctx, user), type)))),
  )
}

/** What a document says; nothing where it cannot be read, so that it keeps nobody else waiting. */
export function resourceOf(
  ctx: Context,
  { seq, document }: Pick<UserDocument, 'seq' | 'document'>,
): Resource {
  try {
    return fromDocument(document)
  } catch (error) {
    ctx.log.error(
      { err: error, userSeq: seq },
      'the document of a user cannot be read; no filter finds the user',
    )
    return {}
  }
}
