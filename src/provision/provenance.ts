import { isDeepStrictEqual } from 'node:util'
import type { Facts } from '../mapping/facts.ts'
import { pathName, type AttrPath } from '../scim/path/path.ts'
import { auditAt, listAudit, type AuditEntry } from '../store/audit.ts'
import { listRevisions } from '../store/revisions.ts'
import {
  boundSince,
  lastVersionUnlike,
  memberSince,
  oldestVersionSince,
  settingsOf,
} from '../store/standing.ts'
import { directorySettings } from './directory-settings.ts'
import type { Ground } from './grounds.ts'
import { originsIn, type Origins } from './origins.ts'
import type { View } from './view.ts'

/** Since when something stands without interruption, and what brought it. */
export interface Provenance {
  /** Null: for longer than history tells. */
  readonly since: string | null
  readonly cause?: Pick<AuditEntry, 'actor' | 'requestId' | 'action'> | undefined
  /** The revision of the configuration that brought it. */
  readonly revision?: number | undefined
}

/** Finds out what brought facts about one user, or the configuration behind them. What was found is not looked up again. */
export function createProvenance(view: View, facts: Facts): (ground: Ground) => Promise<Provenance> {
  const entries = entriesIn(view)
  const known = new Map<string, Promise<Provenance>>()
  let origins: Promise<Origins> | undefined

  const find = async (ground: Ground): Promise<Provenance> => {
    switch (ground.fact) {
      case 'configuration':
        origins ??= originsIn(view.db, view.rules)
        return ofRevision(view, entries, (await origins).get(ground.key) ?? view.rules.revision)
      case 'membership':
        return ofMembership(view, entries, ground)
      case 'name':
        return ofName(view, entries, ground, facts)
      case 'attribute':
        return ofAttribute(view, entries, facts, ground.path)
      case 'ceiling':
        return ofCeiling(view, entries, facts)
    }
  }
  return (ground) => {
    const key = JSON.stringify(
      ground.fact === 'attribute' ? ['attribute', ground.path && pathName(ground.path)] : ground,
    )
    let found = known.get(key)
    if (found === undefined) known.set(key, (found = find(ground)))
    return found
  }
}

/** The entries of the audit of one moment, with their details read. */
export type Entries = (at: string) => Promise<readonly Entry[]>

export interface Entry extends Pick<AuditEntry, 'actor' | 'requestId' | 'action' | 'subjectId'> {
  readonly detail: Readonly<Record<string, unknown>>
}

/** More than one server writes down in a millisecond. */
const ENTRIES_OF_A_MOMENT = 1000

export function entriesIn({ db }: View): Entries {
  const known = new Map<string, Promise<Entry[]>>()
  return (at) => {
    let found = known.get(at)
    if (found === undefined) {
      found = auditAt(db, at, ENTRIES_OF_A_MOMENT).then((rows) => rows.map(toEntry))
      known.set(at, found)
    }
    return found
  }
}

const toEntry = ({ actor, requestId, action, subjectId, detail }: AuditEntry): Entry => ({
  actor,
  requestId,
  action,
  subjectId,
  detail: JSON.parse(detail) as Record<string, unknown>,
})

async function ofRevision({ db }: View, entries: Entries, id: number): Promise<Provenance> {
  const [revision] = await listRevisions(db, { before: id + 1, limit: 1 })
  if (revision === undefined) return UNKNOWN
  const { createdAt: since } = revision
  const applied = (await entries(since)).find(
    ({ action, subjectId }) => action === 'model.applied' && subjectId === String(id),
  )
  return { since, cause: applied, revision: id }
}

const UNKNOWN: Provenance = { since: null }

async function ofMembership(
  { db, asOf }: View,
  entries: Entries,
  { memberId, groupId }: Extract<Ground, { fact: 'membership' }>,
): Promise<Provenance> {
  const since = await memberSince(db, { groupId, memberId, asOf: asOf ?? null })
  if (!since) return UNKNOWN
  // Members are put into a group, or arrive where they were waited for.
  const cause = (await entries(since)).find(
    ({ subjectId, detail }) =>
      (subjectId === groupId && lists(detail['added'], memberId)) ||
      (subjectId === memberId && lists(detail['groups'], groupId)),
  )
  return { since, cause }
}

const lists = (value: unknown, id: string): boolean => Array.isArray(value) && value.includes(id)

async function ofName(
  { db, asOf }: View,
  entries: Entries,
  { of, nameKey, id }: Extract<Ground, { fact: 'name' }>,
  { directory }: Facts,
): Promise<Provenance> {
  const since = await boundSince(db, of, { directoryId: directory.id, nameKey, id, asOf: asOf ?? null })
  if (!since) return UNKNOWN
  const all = await entries(since)
  const cause = all.find(({ subjectId }) => subjectId === id) ?? all.find(({ action }) => BINDING.has(action))
  return { since, cause }
}

/** What binds names that somebody bears already. */
const BINDING = new Set(['model.applied', 'names.bound'])

async function ofCeiling({ db, asOf }: View, entries: Entries, { directory }: Facts): Promise<Provenance> {
  const versions = await settingsOf(db, { id: directory.id, asOf: asOf ?? null, limit: SETTINGS_READ })
  const ceilings = versions.map(({ since, settings }) => ({
    since,
    mayGrant: directorySettings(settings).mayGrant,
  }))
  const changed = ceilings.findIndex(({ mayGrant }) => !isDeepStrictEqual(mayGrant, directory.mayGrant))
  const { since } = (changed === -1 ? ceilings.at(-1) : ceilings[changed - 1]) ?? {}
  if (!since) return UNKNOWN
  const cause = (await entries(since)).find(({ subjectId }) => subjectId === directory.id)
  return { since, cause }
}

/** How many versions of a directory, and of a user, are looked back at. */
const SETTINGS_READ = 100
const VERSIONS_READ = 5000

/** How many entries of the audit are looked through for what is older than history. */
const ENTRIES_READ = 200

/** The request that brought the value that an attribute has; without a path, whether the user is active. */
async function ofAttribute(
  view: View,
  entries: Entries,
  { user, directory }: Facts,
  path: AttrPath | undefined,
): Promise<Provenance> {
  const present = await view.version({ id: user.id, directoryId: directory.id })
  if (present === undefined) return UNKNOWN
  const place = placeOf(path)
  const unlike = await lastVersionUnlike(view.db, present, place, VERSIONS_READ)
  if (unlike !== undefined) {
    const { until: since, version } = unlike
    const isNext = ({ detail }: Entry) => detail['version'] === version + 1
    return { since, cause: await entryAbout(view, entries, user.id, since, isNext) }
  }
  const { createdAt: since } = present
  const oldest = (await oldestVersionSince(view.db, present, VERSIONS_READ)) ?? present.since
  if (oldest === since) {
    const isFirst = ({ action }: Entry) => action === 'user.created'
    return { since, cause: await entryAbout(view, entries, user.id, since, isFirst) }
  }
  const older = await listAudit(view.db, { subjectId: user.id, until: oldest, limit: ENTRIES_READ })
  const last = older.map((row) => ({ at: row.at, ...toEntry(row) })).find((one) => wrote(one, place))
  return last === undefined ? UNKNOWN : { since: last.at, cause: last }
}

/** The entry about a user of a moment, or of one before where the clock was set back meanwhile. */
async function entryAbout(
  { db }: View,
  entries: Entries,
  subjectId: string,
  at: string,
  fits: (entry: Entry) => boolean,
): Promise<Entry | undefined> {
  const exact = (await entries(at)).find((one) => one.subjectId === subjectId && fits(one))
  if (exact !== undefined) return exact
  return (await listAudit(db, { subjectId, until: at, limit: ENTRIES_READ })).map(toEntry).find(fits)
}

/** Where an attribute stands in the document of a user; values of several elements are not told apart. */
function placeOf(path: AttrPath | undefined): string[] {
  if (path === undefined) return ['active']
  const { attribute, sub } = path
  const names = sub === undefined || attribute.multiValued ? [attribute.name] : [attribute.name, sub.name]
  return path.extension ? [path.schema, ...names] : names
}

/** Whether a change of a user wrote the attribute that a place begins with. */
function wrote({ action, detail }: Entry, [name = '']: readonly string[]): boolean {
  if (action === 'user.created') return true
  return [detail['before'], detail['after']].some(
    (part) => typeof part === 'object' && part !== null && Object.hasOwn(part, name),
  )
}
