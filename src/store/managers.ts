import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { MANAGER_VALUE, mayHaveManager, type Manager } from '../scim/resource/manager.ts'
import { statement, statementAmong } from './statement.ts'
import type { StoredUser } from './users.ts'

/** Gives users their managers, where these are users of their directory; in their order, with whatever is not a user. */
export async function withManagers<Stored extends object>(
  db: Kysely<Database>,
  stored: readonly Stored[],
): Promise<readonly Stored[]> {
  const seqs = stored.flatMap((each) => (isUser(each) && mayHaveManager(each.document) ? each.seq : []))
  if (seqs.length === 0) return stored
  const managers = new Map((await managersOf.all(db, seqs, {})).map(({ seq, ...manager }) => [seq, manager]))
  return stored.map((each) => {
    const manager = isUser(each) ? managers.get(each.seq) : undefined
    return manager === undefined ? each : { ...each, manager }
  })
}

/** The same for one. */
export async function withManager<Stored extends object>(
  db: Kysely<Database>,
  stored: Stored,
): Promise<Stored> {
  return (await withManagers(db, [stored]))[0] ?? stored
}

const isUser = (stored: object): stored is StoredUser => 'userName' in stored

const managersOf = statementAmong<number, object, Manager & { seq: number }>(
  'integer',
  (_, among) => sql`
    select v.user_seq as seq, m.id, m.display_name as "displayName"
    from user_values v join users m on m.id = v.value and m.directory_id = v.directory_id
    where v.user_seq ${among} and v.attribute = ${sql.lit(MANAGER_VALUE)}`,
)

/** Keeps the manager of somebody who is being written from being deleted meanwhile; nothing is there to keep of nobody. */
export async function holdManager(db: Kysely<Database>, directoryId: string, id: string): Promise<void> {
  if (dialectOf(db).locksRows) await hold.all(db, { directoryId, id })
}

const hold = statement<Key, { seq: number }>(({ db, dialect, value }) =>
  db
    .selectFrom('users')
    .select('seq')
    .where('id', '=', value('id'))
    .where('directory_id', '=', value('directoryId'))
    .modifyEnd(dialect.forReference),
)

/** The ids of those whose manager somebody is, in an order of their own. */
export async function reportsOf(db: Kysely<Database>, directoryId: string, id: string): Promise<string[]> {
  return (await reports.all(db, { directoryId, id })).map((row) => row.id)
}

const reports = statement<Key, { id: string }>(({ db, value }) =>
  db
    .selectFrom('user_values as v')
    .innerJoin('users as u', 'u.seq', 'v.user_seq')
    .select('u.id')
    .where('v.attribute', '=', sql.lit(MANAGER_VALUE))
    .where('v.value', '=', value('id'))
    .where('v.directory_id', '=', value('directoryId'))
    .orderBy('u.id'),
)

interface Key {
  readonly directoryId: string
  readonly id: string
}
