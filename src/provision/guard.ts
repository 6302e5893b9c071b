import { isBaseRole } from '../../schemas/roles.ts'
import { isProtected } from '../mapping/person.ts'
import type { Decision, Held } from '../resolve/decision.ts'
import { isLoss } from '../resolve/loss.ts'
import type { Rule } from '../resolve/rule.ts'
import type { InForce } from './in-force.ts'
import { closeEmptyHolds, readBrake } from '../store/alarms.ts'
import type { StoredDecision } from '../store/decisions.ts'
import { readFacts, type HeldFacts, type UserFacts } from '../store/facts.ts'
import {
  endHeld,
  insertHeld,
  keepHeldNames,
  peopleAtRisk,
  usersOfJobNamed,
  type NewHeld,
} from '../store/holds.ts'
import {
  countAtRisk,
  decisionsWait,
  lowerAtRisk,
  noteAtRisk,
  pendingRecomputes,
} from '../store/recomputes.ts'
import { fold } from '../scim/fold.ts'
import type { Db } from '../store/db.ts'
import { applyBrake, applyBrakeToMany, brakeOf, raiseProtected } from './brake.ts'
import { directorySettings } from './directory-settings.ts'
import { snapshotOf } from './frozen.ts'
import { allQuestions, asksBeyondConnections, judgeOf, losesAny, subjectOf } from './judge.ts'
import { record } from './record.ts'
import { BeginAnew, type Unit } from './unit-of-work.ts'

/** Why people are decided again: `user.updated`, and the directory whose client brought it about. */
export interface Sent {
  readonly cause: string
  readonly directoryId: string
  /** Whether it can only bring people into groups. */
  readonly addsOnly?: boolean
}

/** What was decided about somebody, beside what is stored. */
export interface Redecided {
  readonly person: UserFacts
  readonly decisions: ReadonlyMap<string, Decision>
  readonly stored: readonly StoredDecision[]
}

/** All that is held of people of whom more is from now on, by `seq`, the latest first. */
export type NewlyHeld = ReadonlyMap<number, readonly HeldFacts[]>

/**
 * Finds out who loses something by what a directory sent, counts them, and holds those who are to keep what they had:
 * protected users, and everybody whom the brake stops.
 *
 * @throws BeginAnew where the facts of people have to be known as they were before
 */
export async function guard(
  unit: Unit,
  db: Db,
  rules: InForce,
  { cause, directoryId, addsOnly = false }: Sent,
  people: readonly Redecided[],
): Promise<NewlyHeld> {
  const [first] = people
  if (first === undefined) return NOBODY
  await endWhereNothingIsHeld(unit, db, rules, people)
  const holds = brakeOf(directorySettings(first.person.directory.settings)).measure === 'hold'
  const at = unit.now()
  // What is had there alone is stored nowhere.
  const beyond =
    holds && asksBeyondConnections(rules.model) && !(addsOnly && !rules.model.rules.some(mayTake))
  let waits: Promise<boolean> | undefined
  /** Whether what is stored about somebody may not be what held: time has run over it, or it is yet to be made again. */
  const isOutdated = async ({ stored }: Redecided): Promise<boolean> =>
    stored.some(({ validUntil }) => validUntil !== null && validUntil <= at) ||
    (await (waits ??= decisionsWait(db)))
  const lost: UserFacts[] = []
  const unknown: number[] = []
  for (const one of people) {
    const { person } = one
    const before = unit.before.get(person.seq)
    if (before !== undefined) {
      if (losesFrom(rules, before, person, at) || isGoneAnew(before, person)) lost.push(person)
    } else if (cause !== 'user.created' && !unit.before.has(person.seq)) {
      const loses = losesByStored(one)
      const asksFacts = isSafe(rules, person) || (isRejected(person) && !person.user.active)
      const doubtful = beyond || asksFacts || ((holds || loses) && (await isOutdated(one)))
      if (doubtful) unknown.push(person.seq)
      else if (loses) lost.push(person)
    }
  }
  const notProtected = lost.filter((person) => !isSafe(rules, person))
  const blind = notProtected.filter(({ seq }) => !unit.before.has(seq)).map(({ seq }) => seq)
  if (unknown.length > 0) throw new BeginAnew([...unknown, ...blind])
  if (lost.length === 0) return NOBODY

  const held = new Map<number, readonly HeldFacts[]>()
  if (notProtected.length > 0) {
    const userIds = notProtected.map(({ user }) => user.id)
    const alarm = await applyBrake(unit, db, { directoryId, userIds })
    if (alarm !== undefined && blind.length > 0) throw new BeginAnew(blind)
    if (alarm === undefined) await letGo(unit, db, notProtected, held)
    else await hold(unit, db, rules, { kind: 'brake', alarm, directoryId }, notProtected, held)
  }
  await holdProtected(
    unit,
    db,
    rules,
    lost.filter((person) => isSafe(rules, person)),
    held,
  )
  return held
}

const NOBODY: NewlyHeld = new Map()

/** The same for people of a job in the background, who have lost by now what they lose: nobody is held. */
export async function countInBackground(
  unit: Unit,
  db: Db,
  rules: InForce,
  { id: jobId, directoryId }: { readonly id: number; readonly directoryId: string },
  people: readonly Redecided[],
): Promise<void> {
  await endWhereNothingIsHeld(unit, db, rules, people)
  const userIds = people.filter(losesByStored).map(({ person }) => person.user.id)
  if (userIds.length > 0) await applyBrake(unit, db, { directoryId, userIds, jobId })
  const decided = people.filter(({ stored }) => stored.some(({ decision }) => decision === 'allow')).length
  await lowerAtRisk(db, jobId, decided)
}

/**
 * The same for people who are going to be decided in the background: everybody who may lose something is held
 * beforehand where these are too many, and whoever is protected and does lose something. Of whom nothing has to be held,
 * that ends when they are decided.
 *
 * @throws BeginAnew where the facts of people have to be known as they were before
 */
export async function guardMany(
  unit: Unit,
  db: Db,
  rules: InForce,
  { directoryId, addsOnly = false }: Sent,
  jobId: number,
): Promise<void> {
  const { rules: all, protectedUsers } = rules.model
  if (addsOnly && !all.some(mayTake)) return
  if (protectedUsers.size > 0) {
    const seqs = await usersOfJobNamed(db, jobId, [...protectedUsers.keys()])
    requireKnown(unit, seqs)
    const lost = (await readFacts(db, seqs)).filter((person) => {
      const before = unit.before.get(person.seq)
      return before !== undefined && isSafe(rules, person) && losesFrom(rules, before, person, unit.now())
    })
    await holdProtected(unit, db, rules, lost, new Map())
  }
  const directory = await readBrake(db, directoryId)
  if (directory === undefined) return
  const { measure } = brakeOf(directorySettings(directory.settings))
  if (measure === 'alarm' && directory.holdId === null) return
  const beyond = asksBeyondConnections(rules.model)
  const others = (await pendingRecomputes(db)).some(({ id, scope }) => id !== jobId && scope !== 'documents')
  const seqs = await peopleAtRisk(db, jobId, others || beyond)
  await noteAtRisk(db, jobId, seqs.length)
  const alarm = await applyBrakeToMany(unit, db, { directoryId, jobId, people: seqs.length })
  if (alarm === undefined) return
  requireKnown(unit, seqs)
  const known = seqs.flatMap((seq) => unit.before.get(seq) ?? [])
  const people = beyond ? known.filter((person) => hasAny(rules, person, unit.now())) : known
  const why = { kind: 'brake', alarm, directoryId } as const
  await hold(unit, db, rules, why, people, new Map())
}

/**
 * Whether a rule may take something from who comes into a group. A base role takes nothing away; one that lacks
 * something does where it outranks, and values may.
 */
const mayTake = ({ group, grant, set }: Rule): boolean =>
  group !== undefined && (set.size > 0 || (grant !== undefined && !isBaseRole(grant.role.name)))

function requireKnown({ before }: Unit, seqs: readonly number[]): void {
  const unknown = seqs.filter((seq) => !before.has(seq))
  if (unknown.length > 0) throw new BeginAnew(unknown)
}

/**
 * Ends the holds of a directory under which nobody is left; that of its brake only where those who were at risk have all
 * been decided.
 */
export async function endEmptyHolds(unit: Unit, db: Db, directoryId: string): Promise<void> {
  // Nobody joins meanwhile what ends.
  await unit.engine.dialect.lockFeed(db)
  const brake = (await countAtRisk(db, directoryId, undefined)) === 0
  for (const id of await closeEmptyHolds(db, directoryId, { at: unit.now(), by: 'system', brake })) {
    await record(unit, db, {
      cause: { actor: 'system', requestId: `alarm-${id}` },
      directoryId,
      kind: 'hold.unfounded',
      subjectId: id,
    })
  }
}

/** Whether all that is held of somebody is, because an administrator has decided that it stays. */
const isRejected = ({ held }: UserFacts): boolean => held.length > 0 && held.every(({ rejected }) => rejected)

/** Whether the directory deactivates somebody from whom it was not let take something before. */
const isGoneAnew = (before: UserFacts, after: UserFacts): boolean =>
  isRejected(before) && before.user.active && !after.user.active

/** Ends what is held of those to whom their directory does something else, and whom nothing stops this time. */
async function letGo(
  unit: Unit,
  db: Db,
  people: readonly UserFacts[],
  held: Map<number, readonly HeldFacts[]>,
): Promise<void> {
  const free = people.filter((person) => isGoneAnew(unit.before.get(person.seq) ?? person, person))
  await endHeld(
    db,
    free.map(({ user }) => user.id),
    unit.now(),
  )
  for (const { seq } of free) held.set(seq, [])
}

/**
 * Does for a user who is about to be deleted what {@link guard} does for one who is changed.
 *
 * @param person the user with everything that decides, as it is before
 * @returns whether the user keeps what it has
 */
export async function guardDeletion(unit: Unit, db: Db, rules: InForce, person: UserFacts): Promise<boolean> {
  const at = unit.now()
  const { id: directoryId } = person.directory
  const anew = isRejected(person)
  if (anew || !coversAll(rules, person, at)) {
    if (!hasAny(rules, person, at)) return false
    const safe = isSafe(rules, person)
    const alarm = safe
      ? await raiseProtected(unit, db, person.directory, person.user)
      : await applyBrake(unit, db, { directoryId, userIds: [person.user.id] })
    if (alarm === undefined && anew) await endHeld(db, [person.user.id], at)
    if (alarm === undefined && (anew || person.held.length === 0)) return false
    const why = { kind: safe ? 'protected' : 'brake', directoryId } as const
    if (alarm !== undefined) await hold(unit, db, rules, { ...why, alarm }, [person], new Map(), () => anew)
  }
  await keepHeldNames(db, person.user.id)
  return true
}

/** Holds people who are protected, each under an alarm of its own. */
async function holdProtected(
  unit: Unit,
  db: Db,
  rules: InForce,
  people: readonly UserFacts[],
  held: Map<number, readonly HeldFacts[]>,
): Promise<void> {
  for (const person of people) {
    const { user, directory } = person
    const alarm = await raiseProtected(unit, db, directory, user)
    await hold(unit, db, rules, { kind: 'protected', alarm, directoryId: directory.id }, [person], held)
  }
}

type Why = Pick<Held, 'kind' | 'alarm'> & { readonly directoryId: string }

/**
 * Holds people by the facts about them before this unit of work, unless what is held of them gives as much. What an
 * administrator was asked about is asked anew where a directory does something else.
 */
async function hold(
  unit: Unit,
  db: Db,
  rules: InForce,
  why: Why,
  people: readonly UserFacts[],
  held: Map<number, readonly HeldFacts[]>,
  isAnewOf: (before: UserFacts, after: UserFacts) => boolean = isGoneAnew,
): Promise<void> {
  const { kind, alarm } = why
  const since = unit.now()
  const anew: UserFacts[] = []
  const fresh: NewHeld[] = []
  for (const person of people) {
    const before = unit.before.get(person.seq) ?? person
    const isAnew = isAnewOf(before, person)
    if (isAnew) anew.push(before)
    const stays = isAnew ? [] : before.held
    const facts = [
      ...(coversAll(rules, before, since) ? [] : [snapshotOf(before)]),
      ...(isAnew ? before.held.map((one) => one.facts) : []),
    ]
    if (facts.length === 0) continue
    const { id, userName } = before.user
    const names = { userId: id, userName, userNameKey: fold(userName) }
    fresh.push(...facts.toReversed().map((one) => ({ ...names, facts: one })))
    held.set(before.seq, [
      ...facts.map((one) => ({ kind, alarm, since, facts: one, rejected: false })),
      ...stays,
    ])
  }
  await endHeld(
    db,
    anew.map(({ user }) => user.id),
    since,
  )
  await insertHeld(db, { directoryId: why.directoryId, alarmId: alarm, since }, fresh)
}

/** Whether somebody has anything at all. */
function hasAny({ model, decided }: InForce, person: UserFacts, at: string): boolean {
  const judge = judgeOf(model, subjectOf(person, at))
  return allQuestions(model, decided).some((question) => judge.decide(question).decision.decision === 'allow')
}

/** Whether somebody loses nothing even if the directory says nothing any longer, by all that is held. */
function coversAll({ model, decided }: InForce, person: UserFacts, at: string): boolean {
  if (person.held.length === 0) return false
  const subject = subjectOf(person, at)
  return !losesAny(
    allQuestions(model, decided),
    judgeOf(model, subject),
    judgeOf(model, { ...subject, present: undefined }),
  )
}

/** Ends holding those of whom the directory says again what gives them as much. */
async function endWhereNothingIsHeld(
  unit: Unit,
  db: Db,
  rules: InForce,
  people: readonly Redecided[],
): Promise<void> {
  const held = people.filter(({ person }) => person.held.length > 0)
  if (held.length === 0) return
  const at = unit.now()
  const questions = allQuestions(rules.model, rules.decided)
  const free = held.filter(({ person }) => {
    const judge = judgeOf(rules.model, subjectOf(person, at))
    return questions.every((question) => judge.decide(question).decision.held === undefined)
  })
  if (free.length === 0) return
  await endHeld(
    db,
    free.map(({ person }) => person.user.id),
    at,
  )
  for (const id of new Set(free.map(({ person }) => person.directory.id))) await endEmptyHolds(unit, db, id)
}

function losesFrom({ model, decided }: InForce, before: UserFacts, after: UserFacts, at: string): boolean {
  return losesAny(
    allQuestions(model, decided),
    judgeOf(model, subjectOf(before, at)),
    judgeOf(model, subjectOf(after, at)),
  )
}

function losesByStored({ decisions, stored }: Redecided): boolean {
  return stored.some((row) => {
    if (row.decision === 'deny') return false
    const after = decisions.get(row.connection)
    if (after === undefined) return false
    // Most rows need not be read.
    return row.document !== JSON.stringify(after) && isLoss(JSON.parse(row.document) as Decision, after)
  })
}

const isSafe = ({ model }: InForce, { user, directory }: UserFacts): boolean =>
  isProtected(model, user, directory)
