import type { z } from 'zod'
import type { acknowledgement, alarmQuery } from '../../schemas/messages/guard.ts'
import type { Context } from '../context.ts'
import { fold } from '../scim/fold.ts'
import { closeAlarm, listAlarms as listRows, type ListedAlarm } from '../store/alarms.ts'
import type { Db } from '../store/db.ts'
import type { Cause } from './cause.ts'
import { findDirectory } from './directories.ts'
import { readCursor, toPage } from './page.ts'
import { Problem } from './problem.ts'
import { record } from './record.ts'
import { changeFacts } from './unit-of-work.ts'

/** An alarm as administrators see it. */
export interface AlarmView extends Pick<
  ListedAlarm,
  'id' | 'kind' | 'measure' | 'raisedAt' | 'people' | 'outcome' | 'closedAt' | 'closedBy' | 'reason'
> {
  readonly directory: { readonly id: string; readonly name: string }
  readonly open: boolean
  /** How many people there might have been, and the length of time in which they were counted. */
  readonly limit?: number
  readonly minutes?: number
  /** The user name of somebody who is protected. */
  readonly user?: string
}

/** One page of alarms, the newest first. @throws Problem 404 for an unknown directory */
export async function listAlarms(
  ctx: Context,
  query: Omit<z.output<typeof alarmQuery>, 'limit'> & { readonly limit: number },
): Promise<{ alarms: AlarmView[]; nextCursor?: string }> {
  const { limit, cursor, directory, search, open } = query
  const after = readCursor(cursor, ['string', 'string'])
  const db = ctx.engine.read
  const found = await listRows(db, {
    open,
    search: search === undefined ? undefined : fold(search),
    directoryId: directory === undefined ? undefined : (await findDirectory(db, directory)).id,
    after: after && { raisedAt: after[0], id: after[1] },
    limit: limit + 1,
  })
  const { rows, nextCursor } = toPage(found, limit, (row) => [row.raisedAt, row.id])
  return { alarms: rows.map(viewAlarm), ...(nextCursor !== undefined && { nextCursor }) }
}

/**
 * Notes that an administrator has seen an alarm.
 *
 * @throws Problem 404; 409 when it is closed, or people are held under it
 */
export async function acknowledgeAlarm(
  ctx: Context,
  cause: Cause,
  id: string,
  { reason }: z.output<typeof acknowledgement>,
): Promise<AlarmView> {
  return changeFacts(ctx, async (ctx, db) => {
    const alarm = await findAlarm(db, id)
    if (alarm.closedAt !== null) {
      throw new Problem(409, `the alarm \`${id}\` is closed since ${alarm.closedAt}, ${alarm.outcome}`)
    }
    if (alarm.measure === 'hold') {
      throw new Problem(409, `people are held under the alarm \`${id}\`; release or reject that`)
    }
    const { actor } = cause
    const how = { outcome: 'acknowledged', at: ctx.now(), by: actor, reason: reason ?? null } as const
    if (!(await closeAlarm(db, id, how))) throw new Problem(409, `the alarm \`${id}\` is closed already`)
    await record(ctx, db, {
      cause,
      directoryId: alarm.directoryId,
      kind: 'alarm.acknowledged',
      subjectId: id,
      detail: { reason: how.reason },
    })
    return viewAlarm(await findAlarm(db, id))
  })
}

/** @throws Problem 404 */
export async function findAlarm(db: Db, id: string): Promise<ListedAlarm> {
  const [alarm] = await listRows(db, { id, limit: 1 })
  if (alarm === undefined) throw new Problem(404, `there is no alarm \`${id}\``)
  return alarm
}

/** An alarm as administrators see it. */
export function viewAlarm(row: ListedAlarm): AlarmView {
  const { directoryId, directoryName, detail, countsFrom: _countsFrom, ...alarm } = row
  return {
    ...alarm,
    ...(JSON.parse(detail) as Pick<AlarmView, 'limit' | 'minutes' | 'user'>),
    directory: { id: directoryId, name: directoryName },
    open: alarm.closedAt === null,
  }
}
