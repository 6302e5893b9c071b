import type { Brake } from '../../schemas/config.ts'
import { addPeople, insertAlarm, readBrake } from '../store/alarms.ts'
import { countResources } from '../store/directories.ts'
import { countLosses, noteLosses } from '../store/losses.ts'
import type { Db } from '../store/db.ts'
import { directorySettings, type DirectorySettings } from './directory-settings.ts'
import { record } from './record.ts'
import type { Unit } from './unit-of-work.ts'

/** What holds of a brake where a directory does not say otherwise. */
const DEFAULTS = { users: 500, percent: 10, minutes: 60 } as const

/** Up to so many people are never too large a part of a directory: a small one is not stopped by a few who leave. */
const NEVER_A_PART = 20

/** The longest time within which losses count together, in milliseconds. */
export const LONGEST_WINDOW_MS = 24 * 60 * 60 * 1000

/** A brake with nothing left out. */
type Limits = { readonly [Setting in keyof Brake]-?: NonNullable<Brake[Setting]> }

/** The brake of a directory with everything that it leaves out. */
export function brakeOf({
  brake: { users, percent, minutes } = {},
}: Pick<DirectorySettings, 'brake'>): Limits {
  return {
    users: users ?? DEFAULTS.users,
    percent: percent ?? DEFAULTS.percent,
    minutes: minutes ?? DEFAULTS.minutes,
  }
}

/**
 * Counts people who lose access by what their directory sent, and raises the alarm where these are too many within the
 * time that its brake says. Who loses something twice in that time is one.
 *
 * Nobody else counts from here until the unit of work has ended: the feed is locked, as it is at the end of each.
 */
export async function applyBrake(
  unit: Unit,
  db: Db,
  directoryId: string,
  userIds: readonly string[],
): Promise<void> {
  await unit.engine.dialect.lockFeed(db)
  const directory = await readBrake(db, directoryId)
  if (directory === undefined) return
  const limits = brakeOf(directorySettings(directory.settings))
  const at = unit.now()
  const begin = new Date(Date.parse(at) - limits.minutes * 60_000).toISOString()
  const { alarmId, raisedAt, countsFrom } = directory
  const from = countsFrom !== null && countsFrom > begin ? countsFrom : begin
  const fresh = await noteLosses(db, { directoryId, userIds, at, from })
  if (fresh === 0) return
  // Administrators have been told of them a moment ago.
  if (alarmId !== null && raisedAt !== null && raisedAt > begin) return addPeople(db, alarmId, fresh)
  const seen = await countLosses(db, { directoryId, from, limit: limits.users + 1 })
  if (seen <= Math.min(NEVER_A_PART, limits.users)) return
  const limit = await limitOf(db, directoryId, limits)
  if (seen <= limit) return
  const people = await countLosses(db, { directoryId, from, limit: EVERYBODY })
  await raise(unit, db, { id: directoryId, ...directory }, { people, limit, minutes: limits.minutes })
}

const EVERYBODY = 1_000_000_000

/** How many people may lose access within the window. */
async function limitOf(db: Db, directoryId: string, { users, percent }: Limits): Promise<number> {
  const { users: size } = await countResources(db, directoryId)
  return Math.min(users, Math.max(NEVER_A_PART, Math.floor((size * percent) / 100)))
}

async function raise(
  unit: Unit,
  db: Db,
  directory: { readonly id: string; readonly name: string },
  found: { readonly people: number; readonly limit: number; readonly minutes: number },
): Promise<void> {
  const { people, limit, minutes } = found
  const [id, at] = [unit.newId(), unit.now()]
  await insertAlarm(db, {
    id,
    directoryId: directory.id,
    kind: 'brake',
    measure: 'alarm',
    raisedAt: at,
    people,
    detail: JSON.stringify({ limit, minutes }),
    countsFrom: at,
  })
  await record(unit, db, {
    cause: { actor: 'system', requestId: `alarm-${id}` },
    directoryId: directory.id,
    kind: 'brake.tripped',
    subjectId: id,
    payload: { measure: 'alarm', people, limit, minutes },
  })
  unit.afterwards(() =>
    unit.log.error(
      { alarm: id, directory: directory.name, people, limit, minutes },
      'too many people lose access by what a directory sends; see `signalbox alarm list`',
    ),
  )
}
