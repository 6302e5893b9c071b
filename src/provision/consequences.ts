import type { Context } from '../context.ts'
import type { Because, Decision } from '../resolve/decision.ts'
import { deleteDecisions, readDecisions, upsertDecisions, type StoredDecision } from '../store/decisions.ts'
import { readFacts, type HeldFacts, type UserFacts } from '../store/facts.ts'
import { writeRefusals } from '../store/refusals.ts'
import { createRecompute, type Recompute, type RecomputeScope } from '../store/recomputes.ts'
import { lockUsers } from '../store/users.ts'
import { countInBackground, guard, guardMany, type Redecided, type Sent } from './guard.ts'
import type { InForce } from './in-force.ts'
import { judgeOf, subjectOf } from './judge.ts'
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
  sent: Sent,
): Promise<AccessChange[]> {
  if (userSeqs.length === 0) return []
  if (userSeqs.length > DECIDED_AT_ONCE) {
    const job = await queue(ctx, db, { kind: 'users', seqs: userSeqs }, sent)
    if (job !== undefined) await guardMany(ctx, db, rules, sent, job.id)
    return []
  }
  return storeDecisions(ctx, db, rules, userSeqs, { sent })
}

/** Makes the decisions of many people wait to be made again in the background. */
export function queue(
  ctx: Unit,
  db: Db,
  scope: RecomputeScope,
  { cause, directoryId }: Sent,
): Promise<Recompute | undefined> {
  return createRecompute(db, { cause, createdAt: ctx.now(), scope, directoryId })
}

/** What brought it about that people are decided again: what a directory sent, now or before. Neither: others did. */
export interface Origin {
  readonly sent?: Sent
  readonly job?: { readonly id: number; readonly directoryId: string }
}

/** Decides for these people on every connection and stores what is different. */
export async function storeDecisions(
  ctx: Unit,
  db: Db,
  rules: InForce,
  userSeqs: readonly number[],
  { sent, job }: Origin = {},
): Promise<AccessChange[]> {
  const at = ctx.now()
  // Held before they are read: of two who change the facts of one person, the later decides by both.
  const [, people, stored] = await Promise.all([
    lockUsers(db, userSeqs),
    readFacts(db, userSeqs),
    readDecisions(db, userSeqs),
  ])
  const storedOf = Map.groupBy(stored, ({ userSeq }) => userSeq)
  const decide = (person: UserFacts): Decided => ({
    person,
    stored: storedOf.get(person.seq) ?? [],
    ...decideOn(ctx, rules, person, at),
  })
  let all = people.map(decide)
  if (sent !== undefined) {
    const held = await guard(ctx, db, rules, sent, all)
    if (held.size > 0) all = all.map((one) => withHeld(one, held.get(one.person.seq), decide))
  }
  if (job !== undefined) await countInBackground(ctx, db, rules, job, all)
  await noteRefusals(db, all, at)
  return store(db, all)
}

/** Notes what people are refused where it is not just what is noted. */
async function noteRefusals(db: Db, all: readonly Decided[], at: string): Promise<void> {
  for (const { person, refused } of all) {
    const document = refused.length === 0 ? undefined : JSON.stringify(refused)
    if (document !== person.refused) await writeRefusals(db, person.seq, document, at)
  }
}

const withHeld = (
  one: Decided,
  held: readonly HeldFacts[] | undefined,
  decide: (person: UserFacts) => Decided,
): Decided => (held === undefined ? one : decide({ ...one.person, held }))

async function store(db: Db, all: readonly Decided[]): Promise<AccessChange[]> {
  const written: StoredDecision[] = []
  const changes: AccessChange[] = []
  const gone: Pick<StoredDecision, 'userSeq' | 'connection'>[] = []
  for (const { person, decisions, validUntil, stored } of all) {
    const { seq, user, directory } = person
    const before = new Map(stored.map((row) => [row.connection, row]))
    for (const [connection, decision] of decisions) {
      const row = toRow(seq, directory.id, connection, decision, validUntil)
      const last = before.get(connection)
      before.delete(connection)
      if (last?.document === row.document && last.validUntil === row.validUntil) continue
      written.push(row)
      if (last !== undefined && sameAccess(last, row)) continue
      changes.push(toChange(user.id, row))
    }
    gone.push(...before.values())
  }
  await Promise.all([upsertDecisions(db, written), deleteDecisions(db, gone)])
  return changes
}

/** What was decided for one person, by connection. */
interface Decided extends Redecided {
  readonly refused: readonly Because[]
  readonly validUntil: string | null
}

/**
 * Decides for one person. Where that fails, the person is denied and the log says why: nobody else waits for it, and
 * the change that led here stands.
 */
function decideOn(
  ctx: Context,
  { model, decided }: InForce,
  person: UserFacts,
  at: string,
): Pick<Decided, 'decisions' | 'refused' | 'validUntil'> {
  const onEach = (decision: (connection: string) => Decision) =>
    new Map(decided.map((connection) => [connection, decision(connection)]))
  try {
    const judge = judgeOf(model, subjectOf(person, at))
    const decisions = onEach((connection) => judge.decide({ connection }).decision)
    return { decisions, refused: judge.refused, validUntil: judge.validUntil }
  } catch (error) {
    ctx.log.error({ err: error, userId: person.user.id }, 'deciding for a user failed; access is denied')
    return { decisions: onEach(() => UNDECIDED), refused: [], validUntil: null }
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

const attributesIn = ({ document }: StoredDecision): string =>
  JSON.stringify((JSON.parse(document) as Decision).attributes)

const toChange = (userId: string, row: StoredDecision): AccessChange => ({
  userId,
  connection: row.connection,
  decision: row.decision,
  reason: row.reason as Decision['reason'],
  role: row.role,
  environment: row.environment,
})
