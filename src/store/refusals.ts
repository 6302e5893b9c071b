import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { statement, wholeNumber } from './statement.ts'

/** What a user is refused. */
interface Refusals {
  readonly userSeq: number
  /** JSON text. */
  readonly document: string
}

/** Stores what a user is refused since a moment, in the place of what stands; undefined: nothing. */
export async function writeRefusals(
  db: Kysely<Database>,
  userSeq: number,
  document: string | undefined,
  since: string,
): Promise<void> {
  if (document === undefined) await remove.run(db, { userSeq })
  else await upsert.run(db, { userSeq, document, since })
}

const remove = statement<{ userSeq: number }>(
  ({ value }) => sql`delete from refusals where user_seq = ${wholeNumber(value('userSeq'))}`,
)

const upsert = statement<Refusals & { since: string }>(
  ({ value }) => sql`
    insert into refusals (user_seq, since, document)
    values (${value('userSeq')}, ${value('since')}, ${value('document')})
    on conflict (user_seq) do update set since = excluded.since, document = excluded.document`,
)

/** What somebody is refused, as listed. */
export interface ListedRefusals extends Refusals {
  readonly since: string
  readonly userId: string
  readonly userName: string
  readonly directoryId: string
  readonly directoryName: string
}

/** Who is refused something, in the order in which the users were created. */
export async function listRefusals(
  db: Kysely<Database>,
  wanted: {
    readonly directoryId?: string | undefined
    /** Part of the user name when it is folded, or of what is refused. */
    readonly search?: { readonly text: string; readonly key: string } | undefined
    readonly after?: number | undefined
    readonly limit: number
  },
): Promise<ListedRefusals[]> {
  const { directoryId, search, after, limit } = wanted
  let query = db
    .selectFrom('refusals as r')
    .innerJoin('users as u', 'u.seq', 'r.user_seq')
    .innerJoin('directories as d', 'd.id', 'u.directory_id')
    .select([
      'r.user_seq as userSeq',
      'r.since',
      'r.document',
      'u.id as userId',
      'u.user_name as userName',
      'd.id as directoryId',
      'd.name as directoryName',
    ])
    .orderBy('r.user_seq')
    .limit(limit)
  if (directoryId !== undefined) query = query.where('u.directory_id', '=', directoryId)
  if (search !== undefined) {
    const { contains } = dialectOf(db)
    query = query.where(({ or }) =>
      or([
        contains(sql.ref('u.user_name_key'), sql.val(search.key)),
        contains(sql.ref('r.document'), sql.val(search.text)),
      ]),
    )
  }
  if (after !== undefined) query = query.where('r.user_seq', '>', after)
  return query.execute()
}
