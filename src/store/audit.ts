import type { Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { statement, wholeNumber } from './statement.ts'

/** One entry of the audit: who changed what, by which request. */
export interface AuditEntry {
  readonly seq: number
  readonly at: string
  readonly actor: string
  readonly requestId: string
  readonly directoryId: string | null
  readonly action: string
  readonly subjectId: string
  /** JSON text. */
  readonly detail: string
}

/** Appends an entry to the audit. */
export async function appendAudit(db: Kysely<Database>, entry: Omit<AuditEntry, 'seq'>): Promise<void> {
  await append.run(db, entry)
}

const append = statement<Omit<AuditEntry, 'seq'>>(({ db, value }) =>
  db.insertInto('audit').values({
    at: value('at'),
    actor: value('actor'),
    request_id: value('requestId'),
    directory_id: value('directoryId'),
    action: value('action'),
    subject_id: value('subjectId'),
    detail: value('detail'),
  }),
)

/** Which entries of the audit to read. */
export interface AuditQuery {
  readonly directoryId?: string | undefined
  readonly subjectId?: string | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  /** From and until which moment, both included. */
  readonly from?: string | undefined
  readonly until?: string | undefined
  /** The `seq` of the last entry of the page before. */
  readonly before?: number | undefined
  readonly limit: number
}

/** Reads the audit, the newest entry first. */
export async function listAudit(db: Kysely<Database>, wanted: AuditQuery): Promise<AuditEntry[]> {
  let query = db.selectFrom('audit').select(columns).orderBy('seq', 'desc').limit(wanted.limit)
  if (wanted.directoryId !== undefined) query = query.where('directory_id', '=', wanted.directoryId)
  if (wanted.subjectId !== undefined) query = query.where('subject_id', '=', wanted.subjectId)
  if (wanted.actor !== undefined) query = query.where('actor', '=', wanted.actor)
  if (wanted.action !== undefined) query = query.where('action', '=', wanted.action)
  if (wanted.from !== undefined) query = query.where('at', '>=', wanted.from)
  if (wanted.until !== undefined) query = query.where('at', '<=', wanted.until)
  if (wanted.before !== undefined) query = query.where('seq', '<', wanted.before)
  return query.execute()
}

/** The entries of a moment: those of all units of work that began in that millisecond, at most `limit`. */
export function auditAt(db: Kysely<Database>, at: string, limit: number): Promise<AuditEntry[]> {
  return ofMoment.all(db, { at, limit })
}

const ofMoment = statement<{ at: string; limit: number }, AuditEntry>(({ db, value }) =>
  db
    .selectFrom('audit')
    .select(columns)
    .where('at', '=', value('at'))
    .orderBy('seq')
    .limit(wholeNumber(value('limit'))),
)

const columns = [
  'seq',
  'at',
  'actor',
  'request_id as requestId',
  'directory_id as directoryId',
  'action',
  'subject_id as subjectId',
  'detail',
] as const
