import type { z } from 'zod'
import type { heldQuery, verdict } from '../../schemas/messages/guard.ts'
import type { Context } from '../context.ts'
import type { Decision, Question } from '../resolve/decision.ts'
import { fold } from '../scim/fold.ts'
import { closeAlarm, type ListedAlarm } from '../store/alarms.ts'
import { bindUsers, listBindings } from '../store/bindings.ts'
import type { Db } from '../store/db.ts'
import { readFactsOf } from '../store/facts.ts'
import {
  boundNamesOfHeld,
  decideHeld,
  heldOf,
  holdsUndecided,
  listHeld as listRows,
  type ListedHeld,
} from '../store/holds.ts'
import { createRecompute } from '../store/recomputes.ts'
import { userSeqs } from '../store/users.ts'
import { findAlarm, viewAlarm, type AlarmView } from './alarms.ts'
import type { Cause } from './cause.ts'
import { DECIDED_AT_ONCE, storeDecisions } from './consequences.ts'
import { findDirectory } from './directories.ts'
import { frozenFacts } from './frozen.ts'
import { inForce, type InForce } from './in-force.ts'
import { allQuestions, judgeOf, subjectOf, type Subject } from './judge.ts'
import { readCursor, toPage } from './page.ts'
import { Problem } from './problem.ts'
import { record } from './record.ts'
import { changeFacts } from './unit-of-work.ts'

/** Somebody whose access stays as it was. */
export interface HeldView {
  readonly user: { readonly id: string; readonly userName: string; readonly deleted: boolean }
  readonly directory: { readonly id: string; readonly name: string }
  readonly kind: ListedHeld['kind']
  readonly alarm: string
  readonly since: string
  /** What an administrator has decided so far: nothing, or that it stays. */
  readonly verdict: 'open' | 'rejected'
  /** Where there is a difference: what the person has, and what it would be by what the directory says. */
  readonly access: readonly (Question & { readonly has: Summary; readonly would: Summary })[]
}

/** The outcome of a decision. */
type Summary = Pick<Decision, 'decision' | 'reason' | 'environment' | 'role'>

/** One page of the people who are held, in the order in which they came. @throws Problem 404 for an unknown directory */
export async function listHeld(
  ctx: Context,
  query: z.output<typeof heldQuery>,
): Promise<{ held: HeldView[]; nextCursor?: string }> {
  const { limit, cursor, directory, search, alarm, verdict: wanted } = query
  const after = readCursor(cursor, ['number'])
  return ctx.engine.snapshot(async (db) => {
    const found = await listRows(db, {
      alarmId: alarm,
      verdict: wanted,
      search: search === undefined ? undefined : fold(search),
      directoryId: directory === undefined ? undefined : (await findDirectory(db, directory)).id,
      after: after?.[0],
      limit: limit + 1,
    })
    const { rows, nextCursor } = toPage(found, limit, (row) => [row.seq])
    const rules = await inForce(ctx, db)
    const held: HeldView[] = []
    for (const row of rows) held.push(await view(ctx, db, rules, row))
    return { held, ...(nextCursor !== undefined && { nextCursor }) }
  })
}

async function view(ctx: Context, db: Db, rules: InForce, row: ListedHeld): Promise<HeldView> {
  const { userId, userName, directoryId, directoryName, kind, alarm, since } = row
  const subject = await heldSubject(ctx, db, row)
  const kept = judgeOf(rules.model, subject)
  const plain = judgeOf(rules.model, { ...subject, held: [] })
  return {
    user: { id: userId, userName, deleted: subject.present === undefined },
    directory: { id: directoryId, name: directoryName },
    kind,
    alarm,
    since,
    verdict: row.verdict === null ? 'open' : 'rejected',
    access: allQuestions(rules.model, rules.decided).flatMap((question) => {
      const { decision } = kept.decide(question)
      if (decision.held?.alarm !== alarm || decision.held.since !== since) return []
      return [{ ...question, has: summary(decision), would: summary(plain.decide(question).decision) }]
    }),
  }
}

const summary = ({ decision, reason, environment, role }: Decision): Summary => ({
  decision,
  reason,
  environment,
  role,
})

/** Somebody who is held, as decisions are made of: deleted users too. */
export async function heldSubject(ctx: Context, db: Db, row: ListedHeld): Promise<Subject> {
  const at = ctx.now()
  const person = await readFactsOf(db, row.directoryId, row.userId)
  if (person !== undefined) return subjectOf(person, at)
  const directory = { id: row.directoryId, name: row.directoryName, settings: row.settings }
  const bound = await listBindings(db, directory.id)
  const bindings = new Map(bound.map(({ nameKey, groupId }) => [nameKey, groupId]))
  const held = await heldOf(db, row.userId, undefined)
  return { present: undefined, held: held.map((one) => frozenFacts(one, { directory, bindings }, at)) }
}

/**
 * Lets what the directory says take effect for people who are held under an alarm: they are decided by it now.
 *
 * @throws Problem 404; 409 where nobody is held under the alarm, or none of those who are named
 */
export function release(
  ctx: Context,
  cause: Cause,
  alarmId: string,
  wanted: z.output<typeof verdict>,
): Promise<AlarmView> {
  return changeFacts(ctx, async (ctx, db, rules) => {
    const alarm = await findAlarm(db, alarmId)
    const scope = { alarmId, users: wanted.users?.flatMap((name) => [name, fold(name)]) }
    const ids = await decideHeld(db, scope, { verdict: 'released', until: ctx.now() })
    requireSomebody(alarm, ids, wanted)
    const seqs = await userSeqs(db, [...ids, ...(await bindFreed(ctx, db, rules, ids))])
    const many = seqs.length > DECIDED_AT_ONCE
    if (many) {
      const job = { cause: 'hold.released', createdAt: ctx.now(), scope: { kind: 'users', seqs } } as const
      await createRecompute(db, job)
    }
    const access = many ? [] : await storeDecisions(ctx, db, rules, seqs)
    await record(ctx, db, {
      cause,
      directoryId: alarm.directoryId,
      kind: 'hold.released',
      subjectId: alarmId,
      payload: { users: ids, access },
      detail: { reason: wanted.reason },
    })
    return closeWhenDecided(db, alarm, 'released', { at: ctx.now(), by: cause.actor, reason: wanted.reason })
  })
}

/** Binds the names that nobody bore while somebody who was deleted was held; returns the ids of who bears them now. */
async function bindFreed(
  ctx: Context,
  db: Db,
  { model }: InForce,
  userIds: readonly string[],
): Promise<string[]> {
  const names = (await boundNamesOfHeld(db, userIds)).filter((name) => model.userNames.has(name))
  return (await bindUsers(db, names, ctx.now())).map(({ userId }) => userId)
}

/**
 * Lets people who are held under an alarm keep what they have, until their directory says again what gives them as
 * much, or an administrator releases them after all.
 *
 * @throws Problem 404; 409 where nobody is held under the alarm, or none of those who are named
 */
export function reject(
  ctx: Context,
  cause: Cause,
  alarmId: string,
  wanted: z.output<typeof verdict>,
): Promise<AlarmView> {
  return changeFacts(ctx, async (ctx, db) => {
    const alarm = await findAlarm(db, alarmId)
    const scope = { alarmId, users: wanted.users?.flatMap((name) => [name, fold(name)]) }
    const ids = await decideHeld(db, scope, { verdict: 'rejected', until: null })
    requireSomebody(alarm, ids, wanted)
    await record(ctx, db, {
      cause,
      directoryId: alarm.directoryId,
      kind: 'hold.rejected',
      subjectId: alarmId,
      payload: { users: ids },
      detail: { reason: wanted.reason },
    })
    return closeWhenDecided(db, alarm, 'rejected', { at: ctx.now(), by: cause.actor, reason: wanted.reason })
  })
}

/** A hold under which nobody is left can be ended, and so can one by everybody. */
function requireSomebody(
  { id, measure, closedAt, outcome }: ListedAlarm,
  ids: readonly string[],
  { users }: z.output<typeof verdict>,
): void {
  if (ids.length > 0) return
  if (measure === 'alarm') {
    throw new Problem(409, `nobody is held under the alarm \`${id}\`: access is gone already; acknowledge it`)
  }
  if (closedAt !== null) {
    throw new Problem(
      409,
      `the alarm \`${id}\` is closed since ${closedAt}, ${outcome}: this changes nothing`,
    )
  }
  if (users !== undefined) throw new Problem(409, `none of these users is held under the alarm \`${id}\``)
}

async function closeWhenDecided(
  db: Db,
  { id, countsFrom, kind }: ListedAlarm,
  outcome: 'released' | 'rejected',
  how: { readonly at: string; readonly by: string; readonly reason: string },
): Promise<AlarmView> {
  if (!(await holdsUndecided(db, id))) {
    // Whoever loses something from now on counts anew.
    const anew = kind === 'brake' && countsFrom === null ? { countsFrom: how.at } : {}
    await closeAlarm(db, id, { outcome, ...how, ...anew })
  }
  return viewAlarm(await findAlarm(db, id))
}
