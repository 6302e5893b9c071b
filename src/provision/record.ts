import type { Context } from '../context.ts'
import { appendAudit } from '../store/audit.ts'
import { appendChange } from '../store/changes.ts'
import { markOf } from './audit-block.ts'
import type { Cause } from './cause.ts'
import type { Db } from '../store/db.ts'

/** Something that happened, for those who follow the feed and for those who ask later. */
export interface Event {
  readonly cause: Cause
  readonly directoryId: string | null
  /** `user.created`, `group.updated`, `model.applied` … */
  readonly kind: string
  readonly subjectId: string
  /** What followers are told; the audit holds it too. */
  readonly payload?: Readonly<Record<string, unknown>>
  /** What only the audit holds: before, after, what was ignored. Never a secret, nor what a schema calls private. */
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Appends an event to the feed and to the audit, in the unit of work that made it happen. */
export async function record(ctx: Context, db: Db, event: Event): Promise<void> {
  const at = ctx.now()
  const { directoryId, kind, subjectId, payload = {} } = event
  await Promise.all([
    append(ctx, db, at, event),
    appendChange(db, { at, directoryId, kind, subjectId, payload: JSON.stringify(payload) }),
  ])
}

/** Appends an event to the audit alone: one that no follower could act upon. */
export async function recordQuietly(ctx: Context, db: Db, event: Omit<Event, 'payload'>): Promise<void> {
  await append(ctx, db, ctx.now(), event)
}

async function append(ctx: Context, db: Db, at: string, event: Event): Promise<void> {
  const { cause, directoryId, kind, subjectId, payload, detail } = event
  const content = {
    at,
    actor: cause.actor,
    requestId: cause.requestId,
    directoryId,
    action: kind,
    subjectId,
    detail: JSON.stringify({ ...payload, ...detail }),
  }
  await appendAudit(db, { ...content, mac: markOf(ctx.audit, content, ctx.newSecret()) })
}
