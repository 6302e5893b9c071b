import type { z } from 'zod'
import type { auditEntry, auditQuery } from '../../schemas/messages/audit.ts'
import type { Context } from '../context.ts'
import { fold } from '../scim/fold.ts'
import { readAuditPage, type AuditEntry } from '../store/audit.ts'
import { labelsOfActors, namesOfSubjects, subjectsNamed } from '../store/audit-names.ts'
import { lastSeal } from '../store/audit-seals.ts'
import { toCheckpoint, type Checkpoint } from './audit-block.ts'
import { findDirectory } from './directories.ts'
import { readCursor, toCursor } from './page.ts'
import { sealAudit } from './seal-audit.ts'
import type { Db } from '../store/db.ts'

export type AuditEntryView = z.output<typeof auditEntry>

/**
 * One page of the audit, the newest entry first.
 *
 * @throws Problem 404 for an unknown directory
 */
export async function listAuditEntries(
  ctx: Context,
  wanted: z.output<typeof auditQuery>,
): Promise<{ entries: AuditEntryView[]; nextCursor?: string }> {
  const db = ctx.engine.read
  const { directory, subject, search } = wanted
  const place = readCursor(wanted.cursor, ['string', 'number'])
  const { entries, next } = await readAuditPage(db, {
    directoryId: directory === undefined ? undefined : await directoryMeant(db, directory),
    subjectId: subject === undefined ? undefined : await subjectsNamed(db, subject, fold(subject)),
    actor: wanted.actor,
    action: wanted.action,
    requestId: wanted.request,
    from: wanted.from,
    until: wanted.until,
    search: search === undefined ? undefined : { text: search, nameKey: fold(search) },
    before: place && { at: place[0], seq: place[1] },
    limit: wanted.limit,
  })
  return {
    entries: await viewsOf(db, entries),
    ...(next !== undefined && { nextCursor: toCursor([next.at, next.seq]) }),
  }
}

/** The end of the audit, sealed now and signed; undefined while there is no entry. */
export async function currentCheckpoint(ctx: Context): Promise<Checkpoint | undefined> {
  const seal = await sealAudit(ctx)
  return seal && toCheckpoint(seal, ctx.audit)
}

/** The id of a directory; of one that was deleted the id alone is known. */
async function directoryMeant(db: Db, nameOrId: string): Promise<string> {
  const { entries } = await readAuditPage(db, { directoryId: nameOrId, limit: 1 })
  return entries.length > 0 ? nameOrId : (await findDirectory(db, nameOrId)).id
}

async function viewsOf(db: Db, entries: readonly AuditEntry[]): Promise<AuditEntryView[]> {
  const ids = entries.flatMap(({ subjectId, directoryId }) => [subjectId, directoryId ?? []].flat())
  const [names, labels, last] = await Promise.all([
    namesOfSubjects(db, [...new Set(ids)]),
    labelsOfActors(db, [...new Set(entries.map(({ actor }) => keyOfActor(actor)))]),
    lastSeal(db),
  ])
  const sealedUpTo = last?.lastSeq ?? 0
  return entries.map((entry) => ({
    entry: entry.seq,
    at: entry.at,
    actor: { id: entry.actor, label: labels.get(keyOfActor(entry.actor)) ?? null },
    requestId: entry.requestId,
    directory:
      entry.directoryId === null
        ? null
        : { id: entry.directoryId, name: names.get(entry.directoryId) ?? null },
    action: entry.action,
    subject: { id: entry.subjectId, name: names.get(entry.subjectId) ?? null },
    detail: readDetail(entry.detail),
    sealed: entry.seq <= sealedUpTo,
  }))
}

/** By what the label of an actor is found: the public part of a token, the id of a client. */
const keyOfActor = (actor: string): string => actor.replace(/^(?:token:sb_|client:)/, '')

/** What somebody else has put into the database is shown as it stands there. */
function readDetail(text: string): Record<string, unknown> {
  try {
    const detail: unknown = JSON.parse(text)
    if (typeof detail === 'object' && detail !== null) return detail as Record<string, unknown>
  } catch {
    // Falls through to the text itself.
  }
  return { text }
}
