import type { Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { statement, wholeNumber } from './statement.ts'

/** What is remembered of a user that was deleted. */
export interface Tombstone {
  readonly id: string
  readonly userNameKey: string
  readonly externalId: string | null
  /** The last version that it had. */
  readonly version: number
  readonly deletedAt: string
}

/** Remembers a user that is being deleted. */
export async function insertTombstone(
  db: Kysely<Database>,
  directoryId: string,
  tombstone: Tombstone,
): Promise<void> {
  await insert.run(db, { directoryId, ...tombstone })
}

const insert = statement<Tombstone & { directoryId: string }>(({ db, value }) =>
  db.insertInto('tombstones').values({
    directory_id: value('directoryId'),
    id: value('id'),
    user_name_key: value('userNameKey'),
    external_id: value('externalId'),
    version: value('version'),
    deleted_at: value('deletedAt'),
  }),
)

/** The deleted users of a directory that had this user name or this external id, the last deleted first. */
export function findTombstones(
  db: Kysely<Database>,
  directoryId: string,
  person: { readonly userNameKey: string; readonly externalId: string | null },
): Promise<Tombstone[]> {
  return find.all(db, { directoryId, ...person })
}

const find = statement<{ directoryId: string; userNameKey: string; externalId: string | null }, Tombstone>(
  ({ db, value }) =>
    db
      .selectFrom('tombstones')
      .select([
        'id',
        'user_name_key as userNameKey',
        'external_id as externalId',
        'version',
        'deleted_at as deletedAt',
      ])
      .where('directory_id', '=', value('directoryId'))
      .where(({ or, eb }) =>
        or([eb('user_name_key', '=', value('userNameKey')), eb('external_id', '=', value('externalId'))]),
      )
      .orderBy('deleted_at', 'desc')
      .orderBy('id'),
)

/** Takes a deleted user back, and tells whether nobody else did so before. */
export async function takeTombstone(db: Kysely<Database>, id: string): Promise<boolean> {
  return (await take.run(db, { id })) === 1
}

const take = statement<{ id: string }>(({ db, value }) =>
  db.deleteFrom('tombstones').where('id', '=', value('id')),
)

/** Forgets deleted users, the oldest first, and tells how many. */
export async function forgetTombstones(db: Kysely<Database>, before: string, most: number): Promise<number> {
  return forget.run(db, { before, most })
}

const forget = statement<{ before: string; most: number }>(({ db, value }) =>
  db.deleteFrom('tombstones').where('id', 'in', ({ selectFrom }) =>
    selectFrom('tombstones')
      .select('id')
      .where('deleted_at', '<', value('before'))
      .orderBy('deleted_at')
      .limit(wholeNumber(value('most'))),
  ),
)

/** Whether a deleted user is to be forgotten. */
export async function hasTombstones(db: Kysely<Database>, before: string): Promise<boolean> {
  return (await oldest.first(db, { before })) !== undefined
}

const oldest = statement<{ before: string }, { id: string }>(({ db, value }) =>
  db.selectFrom('tombstones').select('id').where('deleted_at', '<', value('before')).limit(1),
)
