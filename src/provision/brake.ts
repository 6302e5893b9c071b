import type { Brake } from '../../schemas/config.ts'
import {
  addPeople,
  insertAlarm,
  lastProtectedAlarm,
  readBrake,
  reopenAlarm,
  type Braked,
} from '../store/alarms.ts'
import { countResources } from '../store/directories.ts'
import { countLosses, noteLosses, takeBackLosses } from '../store/losses.ts'
import { countAtRisk } from '../store/recomputes.ts'
import type { Db } from '../store/db.ts'
import { directorySettings, type DirectorySettings } from './directory-settings.ts'
import { record } from './record.ts'
import type { Unit } from './unit-of-work.ts'

/** What holds of a brake where a directory does not say otherwise. */
const DEFAULTS = { users: 500, percent: 10, minutes: 60, measure: 'alarm' } as const

/** Up to so many people are never too large a part of a directory: a small one is not stopped by a few who leave. */
const NEVER_A_PART = 20

/** The longest time within which losses count together, in milliseconds. */
export const LONGEST_WINDOW_MS = 24 * 60 * 60 * 1000

/** A brake with nothing left out. */
export type Limits = { readonly [Setting in keyof Brake]-?: NonNullable<Brake[Setting]> }

/** The brake of a directory with everything that it leaves out. */
export function brakeOf({ brake }: Pick<DirectorySettings, 'brake'>): Limits {
  return {
    users: brake?.users ?? DEFAULTS.users,
    percent: brake?.percent ?? DEFAULTS.percent,
    minutes: brake?.minutes ?? DEFAULTS.minutes,
    measure: brake?.measure ?? DEFAULTS.measure,
  }
}

/** Who loses access by what a directory sent. */
interface Loss {
  readonly directoryId: string
  readonly userIds: readonly string[]
  /** The work in the background by which they do. */
  readonly jobId?: number
}

/**
 * Counts people who lose access by what their directory sent, and raises the alarm where these are too many within the
 * time that its brake says. Who loses something twice in that time is one.
 *
 * Nobody else counts from here until the unit of work has ended: the feed is locked, as it is at the end of each.
 *
 * @returns the id of the alarm under which they are to keep what they had; undefined: they lose it
 */
export async function applyBrake(
  unit: Unit,
  db: Db,
  { directoryId, userIds, jobId }: Loss,
): Promise<string | undefined> {
  const state = await stateOf(unit, db, directoryId)
  if (state === undefined) return undefined
  const { directory, limits, begin, from } = state
  if (directory.holdId !== null) return joinHold(db, directory.holdId, userIds.length)
  const fresh = await noteLosses(db, { directoryId, userIds, at: unit.now(), from })
  if (fresh === 0) return undefined
  const { alarmId, raisedAt } = directory
  if (limits.measure === 'alarm' && alarmId !== null && raisedAt !== null && raisedAt > begin) {
    // Administrators have been told of them a moment ago.
    await addPeople(db, alarmId, fresh)
    return undefined
  }
  const waiting = limits.measure === 'hold' ? await countAtRisk(db, directoryId, jobId) : 0
  const seen = (await countLosses(db, { directoryId, from, limit: limits.users + 1 })) + waiting
  if (seen <= Math.min(NEVER_A_PART, limits.users)) return undefined
  const limit = await limitOf(db, directoryId, limits)
  if (seen <= limit) return undefined
  const people = (await countLosses(db, { directoryId, from, limit: EVERYBODY })) + waiting
  const alarm = await raise(unit, db, state, { people, limit })
  // Who keeps it has lost nothing, and counts when that is over.
  if (alarm !== undefined) await takeBackLosses(db, { directoryId, userIds, at: unit.now() })
  return alarm
}

const EVERYBODY = 1_000_000_000

/** Whoever loses something under an open hold belongs to it. */
async function joinHold(db: Db, holdId: string, people: number): Promise<string> {
  await addPeople(db, holdId, people)
  return holdId
}

/**
 * The same before it is known who of many people loses anything: where that may be too many, all of them are to keep
 * what they have until they have been decided.
 *
 * @param people how many have something to lose
 */
export async function applyBrakeToMany(
  unit: Unit,
  db: Db,
  { directoryId, jobId, people }: { directoryId: string; jobId: number; people: number },
): Promise<string | undefined> {
  const state = await stateOf(unit, db, directoryId)
  if (state === undefined || people === 0) return undefined
  const { directory, limits, from } = state
  if (directory.holdId !== null) return joinHold(db, directory.holdId, people)
  const waiting = await countAtRisk(db, directoryId, jobId)
  const seen = people + waiting + (await countLosses(db, { directoryId, from, limit: limits.users + 1 }))
  const limit = await limitOf(db, directoryId, limits)
  return seen > limit ? raise(unit, db, state, { people: seen, limit }) : undefined
}

/** What a brake goes by at the moment of a unit of work. */
interface State {
  readonly directory: Braked & { readonly id: string }
  readonly limits: Limits
  /** When the window of time begins, and since when losses in it count. */
  readonly begin: string
  readonly from: string
}

async function stateOf(unit: Unit, db: Db, directoryId: string): Promise<State | undefined> {
  await unit.engine.dialect.lockFeed(db)
  const directory = await readBrake(db, directoryId)
  if (directory === undefined) return undefined
  const limits = brakeOf(directorySettings(directory.settings))
  const begin = new Date(Date.parse(unit.now()) - limits.minutes * 60_000).toISOString()
  const { countsFrom } = directory
  const from = countsFrom !== null && countsFrom > begin ? countsFrom : begin
  return { directory: { ...directory, id: directoryId }, limits, begin, from }
}

/** How many people may lose access within the window. */
async function limitOf(db: Db, directoryId: string, { users, percent }: Limits): Promise<number> {
  const { users: size } = await countResources(db, directoryId)
  return Math.min(users, Math.max(NEVER_A_PART, Math.floor((size * percent) / 100)))
}

/** Raises the alarm; returns its id where people are held under it. */
async function raise(
  unit: Unit,
  db: Db,
  { directory, limits: { minutes, measure }, begin }: State,
  found: { readonly people: number; readonly limit: number },
): Promise<string | undefined> {
  const { alarmId } = directory
  if (measure === 'hold' && alarmId !== null && (await reopenAlarm(db, { id: alarmId, after: begin }))) {
    await recordRaised(unit, db, directory, {
      id: alarmId,
      kind: 'brake.tripped',
      payload: { measure, ...found },
    })
    return alarmId
  }
  const id = unit.newId()
  const detail = { ...found, minutes }
  await insertAlarm(db, {
    id,
    directoryId: directory.id,
    kind: 'brake',
    measure,
    raisedAt: unit.now(),
    people: found.people,
    detail: JSON.stringify({ limit: found.limit, minutes }),
    countsFrom: measure === 'alarm' ? unit.now() : null,
  })
  await recordRaised(unit, db, directory, { id, kind: 'brake.tripped', payload: { measure, ...detail } })
  unit.afterwards(() =>
    unit.log.error(
      { alarm: id, directory: directory.name, measure, ...detail },
      measure === 'alarm'
        ? 'too many people lose access by what a directory sends; see `signalbox alarm list`'
        : 'too many people would lose access by what a directory sends, and keep it; see `signalbox hold list`',
    ),
  )
  return measure === 'hold' ? id : undefined
}

function recordRaised(
  unit: Unit,
  db: Db,
  directory: { readonly id: string },
  {
    id,
    kind,
    payload,
  }: { id: string; kind: 'brake.tripped' | 'protected.held'; payload: Readonly<Record<string, unknown>> },
): Promise<void> {
  const cause = { actor: 'system', requestId: `alarm-${id}` }
  return record(unit, db, { cause, directoryId: directory.id, kind, subjectId: id, payload })
}

/**
 * Raises the alarm that somebody who is protected would lose something, unless there is one about this user: open, or
 * ended by itself within the window of the brake, since the directory took back what it had sent. Returns its id.
 */
export async function raiseProtected(
  unit: Unit,
  db: Db,
  directory: { readonly id: string; readonly name: string; readonly settings: string },
  user: { readonly id: string; readonly userName: string },
): Promise<string> {
  const payload = { user: user.id }
  const last = await lastProtectedAlarm(db, user.id)
  const { minutes } = brakeOf(directorySettings(directory.settings))
  const after = new Date(Date.parse(unit.now()) - minutes * 60_000).toISOString()
  if (last !== undefined && (await reopenAlarm(db, { id: last, after }))) {
    await recordRaised(unit, db, directory, { id: last, kind: 'protected.held', payload })
    return last
  }
  const id = unit.newId()
  await insertAlarm(db, {
    id,
    directoryId: directory.id,
    kind: 'protected',
    measure: 'hold',
    raisedAt: unit.now(),
    people: 1,
    detail: JSON.stringify({ user: user.userName }),
    countsFrom: null,
  })
  await recordRaised(unit, db, directory, { id, kind: 'protected.held', payload })
  unit.afterwards(() =>
    unit.log.error(
      { alarm: id, directory: directory.name, userId: user.id },
      'a protected user would lose access by what a directory sends, and keeps it; see `signalbox hold list`',
    ),
  )
  return id
}
