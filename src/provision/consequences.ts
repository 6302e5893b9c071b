import type { Context } from '../context.ts'
import { map } from '../mapping/map.ts'
import { decide } from '../resolve/decide.ts'
import type { Decision } from '../resolve/decision.ts'
import { isLoss } from '../resolve/loss.ts'
import { deleteDecisions, readDecisions, upsertDecisions, type StoredDecision } from '../store/decisions.ts'
import { readFacts, type UserFacts } from '../store/facts.ts'
import { createRecompute } from '../store/recomputes.ts'
import { lockUsers } from '../store/users.ts'
import { applyBrake } from './brake.ts'
import { toFacts } from './facts.ts'
import type { InForce } from './in-force.ts'
import type { Unit } from './unit-of-work.ts'
import type { Db } from '../store/db.ts'

/** What became of one person on one connection. */
export interface AccessChange {
  readonly userId: string
  readonly connection: string
  readonly decision: Decision['decision']
  readonly reason: Decision['reason']
  readonly role: string | null
  readonly environment: string | null
}

/**
 * How many people one request decides again itself. Beyond it the stored decisions follow in chunks, and reads go by
 * the facts until they have.
 */
export const DECIDED_AT_ONCE = 250

/** Why somebody is decided again: `user.updated`, and the directory whose client brought it about. */
export interface Sent {
  readonly cause: string
  readonly directoryId: string
}

/**
 * Decides again for the people whose facts a unit of work has changed, and stores what is different.
 *
 * @returns what changed for whom; when there are too many people, nothing yet
 */
export async function decideAgain(
  ctx: Unit,
  db: Db,
  rules: InForce,
  userSeqs: readonly number[],
  { cause, directoryId }: Sent,
): Promise<AccessChange[]> {
  if (userSeqs.length === 0) return []
  if (userSeqs.length > DECIDED_AT_ONCE) {
    const scope = { kind: 'users', seqs: userSeqs } as const
    await createRecompute(db, { cause, createdAt: ctx.now(), scope, directoryId })
    return []
  }
  return storeDecisions(ctx, db, rules, userSeqs, directoryId)
}

/**
 * Decides for these people on every connection and stores what is different.
 *
 * @param sentBy the directory that brought it about, whose brake counts who loses something; undefined: an administrator
 *   did, or time
 */
export async function storeDecisions(
  ctx: Unit,
  db: Db,
  rules: InForce,
  userSeqs: readonly number[],
  sentBy?: string,
): Promise<AccessChange[]> {
  const at = ctx.now()
  // Held before they are read: of two who change the facts of one person, the later decides by both.
  const [, people, stored] = await Promise.all([
    lockUsers(db, userSeqs),
    readFacts(db, userSeqs),
    readDecisions(db, userSeqs),
  ])
  const before = new Map(stored.map((row) => [`${row.userSeq} ${row.connection}`, row]))
  const written: StoredDecision[] = []
  const changes: AccessChange[] = []
  const losers = new Set<string>()
  for (const person of people) {
    const { seq, user, directory } = person
    const { decisions, validUntil } = decideOn(ctx, rules, person, at)
    for (const [connection, decision] of decisions) {
      const row = toRow(seq, directory.id, connection, decision, validUntil)
      const last = before.get(`${seq} ${connection}`)
      before.delete(`${seq} ${connection}`)
      if (last?.document === row.document && last.validUntil === row.validUntil) continue
      written.push(row)
      if (last !== undefined && sameAccess(last, row)) continue
      changes.push(toChange(user.id, row))
      if (last !== undefined && isLoss(decisionIn(last), decision)) losers.add(user.id)
    }
  }
  const gone = [...before.values()].map(({ userSeq, connection }) => ({ userSeq, connection }))
  await Promise.all([upsertDecisions(db, written), deleteDecisions(db, gone)])
  if (sentBy !== undefined && losers.size > 0) await applyBrake(ctx, db, sentBy, [...losers])
  return changes
}

/** What was decided for one person, by connection. */
interface Decided {
  readonly decisions: ReadonlyMap<string, Decision>
  readonly validUntil: string | null
}

/**
 * Decides for one person. Where that fails, the person is denied and the log says why: nobody else waits for it, and
 * the change that led here stands.
 */
function decideOn(ctx: Context, { model, decided }: InForce, person: UserFacts, at: string): Decided {
  const onEach = (decision: (connection: string) => Decision) =>
    new Map(decided.map((connection) => [connection, decision(connection)]))
  try {
    const mapped = map(model, toFacts(person, at))
    const decisions = onEach((connection) => decide(model, mapped, { connection }))
    return { decisions, validUntil: mapped.validUntil }
  } catch (error) {
    ctx.log.error({ err: error, userId: person.user.id }, 'deciding for a user failed; access is denied')
    return { decisions: onEach(() => UNDECIDED), validUntil: null }
  }
}

/** What holds for a person for whom deciding fails. */
export const UNDECIDED: Decision = {
  decision: 'deny',
  reason: 'no_access',
  environment: null,
  role: null,
  permissions: [],
  attributes: {},
  because: [
    {
      step: 'user',
      kind: 'none',
      text: 'deciding failed by an error on our side; the log of the server has more',
    },
  ],
}

function toRow(
  userSeq: number,
  directoryId: string,
  connection: string,
  decision: Decision,
  validUntil: string | null,
): StoredDecision {
  return {
    userSeq,
    directoryId,
    connection,
    decision: decision.decision,
    reason: decision.reason,
    role: decision.role?.name ?? null,
    tier: decision.role?.tier ?? null,
    environment: decision.environment?.connection ?? null,
    value: decision.environment?.value ?? null,
    document: JSON.stringify(decision),
    validUntil,
  }
}

/** Whether a service would treat the person alike: other reasons alone are no change of access. */
function sameAccess(a: StoredDecision, b: StoredDecision): boolean {
  return (
    a.decision === b.decision &&
    a.reason === b.reason &&
    a.role === b.role &&
    a.environment === b.environment &&
    a.value === b.value &&
    attributesIn(a) === attributesIn(b)
  )
}

const attributesIn = (row: StoredDecision): string => JSON.stringify(decisionIn(row).attributes)

const decisionIn = ({ document }: StoredDecision): Decision => JSON.parse(document) as Decision

const toChange = (userId: string, row: StoredDecision): AccessChange => ({
  userId,
  connection: row.connection,
  decision: row.decision,
  reason: row.reason as Decision['reason'],
  role: row.role,
  environment: row.environment,
})
