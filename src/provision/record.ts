import type { Context } from '../context.ts'
import { appendAudit } from '../store/audit.ts'
import { appendChange } from '../store/changes.ts'
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
  /** What only the audit holds: before, after, what was ignored. Never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>
}

/** Appends an event to the feed and to the audit, in the unit of work that made it happen. */
export async function record(ctx: Context, db: Db, event: Event): Promise<void> {
  const { cause, directoryId, kind, subjectId } = event
  const at = ctx.now()
  await Promise.all([
    appendAudit(db, {
      at,
      actor: cause.actor,
      requestId: cause.requestId,
      directoryId,
      action: kind,
      subjectId,
      detail: JSON.stringify({ ...event.payload, ...event.detail }),
    }),
    appendChange(db, { at, directoryId, kind, subjectId, payload: JSON.stringify(event.payload ?? {}) }),
  ])
}
