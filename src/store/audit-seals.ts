import { sql, type Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { statement, statementAmong, wholeNumber } from './statement.ts'

/** A block of audit entries as it was sealed; see `db/tables.ts`. */
export interface Seal {
  readonly block: number
  readonly lastSeq: number
  readonly entries: number
  /** JSON text. */
  readonly suspects: string
  readonly listing: string
  readonly head: string
  readonly at: string
  readonly signature: string
}

/** Adds the next seal, and tells whether no other process has sealed this block before. */
export async function insertSeal(db: Kysely<Database>, seal: Seal): Promise<boolean> {
  return (await insert.run(db, seal)) === 1
}

// SQLite refuses to replace a row before it looks at `on conflict`.
const insert = statement<Seal>(
  ({ value }) => sql`
    insert into audit_seals (block, last_seq, entries, suspects, listing, head, at, signature)
    select cast(${value('block')} as bigint), cast(${value('lastSeq')} as bigint),
      cast(${value('entries')} as bigint), cast(${value('suspects')} as text), cast(${value('listing')} as text),
      cast(${value('head')} as text), cast(${value('at')} as text), cast(${value('signature')} as text)
    where not exists (select 1 from audit_seals where block = cast(${value('block')} as bigint))
    on conflict (block) do nothing`,
)

/** The last seal; undefined before the first. */
export function lastSeal(db: Kysely<Database>): Promise<Seal | undefined> {
  return last.first(db, {})
}

const last = statement<object, Seal>(({ db }) =>
  db.selectFrom('audit_seals').select(columns).orderBy('block', 'desc').limit(1),
)

/** The seals of these blocks that are there. */
export function sealsOf(db: Kysely<Database>, blocks: readonly number[]): Promise<Seal[]> {
  return among.all(db, blocks, {})
}

const among = statementAmong<number, object, Seal>('integer', ({ db }, list) =>
  db
    .selectFrom('audit_seals')
    .select(columns)
    .where(sql<boolean>`block ${list}`),
)

/** The seals after a block, at most `limit` of them, in their order. */
export function sealsAfter(db: Kysely<Database>, block: number, limit: number): Promise<Seal[]> {
  return after.all(db, { block, limit })
}

const after = statement<{ block: number; limit: number }, Seal>(({ db, value }) =>
  db
    .selectFrom('audit_seals')
    .select(columns)
    .where('block', '>', wholeNumber(value('block')))
    .orderBy('block')
    .limit(wholeNumber(value('limit'))),
)

const columns = [
  'block',
  'last_seq as lastSeq',
  'entries',
  'suspects',
  'listing',
  'head',
  'at',
  'signature',
] as const
