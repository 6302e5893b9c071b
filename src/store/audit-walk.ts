import { sql, type Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { auditColumns, fitting, type MarkedEntry } from './audit.ts'
import { statement, wholeNumber } from './statement.ts'

/** A run of entries in the order of their numbers. */
export interface AuditRange {
  /** The number before the first. */
  readonly after: number
  /** The number of the last. */
  readonly upTo: number
}

/** The next entries of a range, as many as fit into memory easily; none at its end. */
export async function nextEntries(db: Kysely<Database>, range: AuditRange): Promise<MarkedEntry[]> {
  const sized = await sizes.all(db, { ...range, limit: STEP })
  const last = fitting(sized).at(-1)
  return last === undefined ? [] : within.all(db, { after: range.after, upTo: last.seq })
}

/** All entries of a range, some at a time. */
export async function* walkEntries(
  db: Kysely<Database>,
  { after, upTo }: AuditRange,
): AsyncGenerator<readonly MarkedEntry[]> {
  for (let last = after; ;) {
    const entries = await nextEntries(db, { after: last, upTo })
    if (entries.length === 0) return
    yield entries
    last = entries.at(-1)?.seq ?? upTo
  }
}

/** Entries that are read at a time. */
const STEP = 500

const sizes = statement<AuditRange & { limit: number }, { seq: number; bytes: number }>(({ db, value }) =>
  db
    .selectFrom('audit')
    .select(['seq', sql<number>`octet_length(detail)`.as('bytes')])
    .where('seq', '>', wholeNumber(value('after')))
    .where('seq', '<=', wholeNumber(value('upTo')))
    .orderBy('seq')
    .limit(wholeNumber(value('limit'))),
)

const within = statement<AuditRange, MarkedEntry>(({ db, value }) =>
  db
    .selectFrom('audit')
    .select([...auditColumns, 'mac'])
    .where('seq', '>', wholeNumber(value('after')))
    .where('seq', '<=', wholeNumber(value('upTo')))
    .orderBy('seq'),
)

/** How many entries there are, and the numbers of the first and the last; 0 where there is none. */
export async function auditExtent(
  db: Kysely<Database>,
): Promise<{ readonly entries: number; readonly firstSeq: number; readonly lastSeq: number }> {
  const { entries, first, last } = await db
    .selectFrom('audit')
    .select(({ fn }) => [
      fn.countAll<number>().as('entries'),
      fn.min<number | null>('seq').as('first'),
      fn.max<number | null>('seq').as('last'),
    ])
    .executeTakeFirstOrThrow()
  return { entries, firstSeq: first ?? 0, lastSeq: last ?? 0 }
}
