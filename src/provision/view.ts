import type { Context } from '../context.ts'
import { fold } from '../scim/fold.ts'
import { indexedValues } from '../scim/resource/search.ts'
import {
  bindingsAt,
  directoriesAt,
  factsAt,
  usersAt,
  type DirectoryVersion,
  type UserVersion,
} from '../store/as-of.ts'
import { listBindings } from '../store/bindings.ts'
import { feedPosition, feedPositionAt } from '../store/changes.ts'
import type { Db } from '../store/db.ts'
import { readFacts, type HeldFacts, type UserFacts } from '../store/facts.ts'
import { historySince } from '../store/history.ts'
import { findHeldPeople, heldOf } from '../store/holds.ts'
import { findPeople, inOrder, type Matched, type Person } from '../store/people.ts'
import { firstChangeAfter, firstRevisionAt } from '../store/revisions.ts'
import type { StandingVersion } from '../store/standing.ts'
import { readUser } from '../store/users.ts'
import { findDirectory, unknownDirectory } from './directories.ts'
import { fromDocument, optionalText } from './document.ts'
import { frozenFacts } from './frozen.ts'
import { inForce, inForceAt, type InForce } from './in-force.ts'
import { subjectOf, type Subject } from './judge.ts'
import { Problem } from './problem.ts'

/** The store as it is, or as it was at a moment: what questions are answered from. */
export interface View {
  readonly db: Db
  /** The moment that answers are about. */
  readonly at: string
  /** The same moment where it was asked for; undefined: now. */
  readonly asOf: string | undefined
  readonly rules: InForce
  readonly position: number
  /** The id of the directory of this name or id. @throws Problem 404 */
  directoryId(nameOrId: string): Promise<string>
  /** Everybody whom a text may mean, as `findPeople` has them, and who is deleted and held. */
  people(text: string, directoryId: string | undefined): Promise<Person[]>
  /** What decisions about somebody whom `people` found are made of; undefined where nothing is known. */
  subject(person: Person): Promise<Subject | undefined>
  /** The version of somebody whom `people` found. */
  version(person: Pick<Person, 'id' | 'directoryId'>): Promise<StandingVersion | undefined>
}

/** What is now, or was at a moment. @throws Problem 422 for a moment of which nothing is known */
export function viewOf(ctx: Context, db: Db, asOf: string | undefined, at = ctx.now()): Promise<View> {
  return asOf === undefined ? presentView(ctx, db, at) : pastView(ctx, db, asOf)
}

/** What a view of the past adds to a sentence about what is missing. */
export const whenOf = ({ asOf }: View): string => (asOf === undefined ? '' : ` at ${asOf}`)

/** What is now. */
async function presentView(ctx: Context, db: Db, at: string): Promise<View> {
  const [rules, position] = await Promise.all([inForce(ctx, db), feedPosition(db)])
  return {
    db,
    at,
    asOf: undefined,
    rules,
    position,
    directoryId: async (nameOrId) => (await findDirectory(db, nameOrId)).id,
    async people(text, directoryId) {
      const query = { text, textKey: fold(text), directoryId }
      return inOrder([...(await findPeople(db, query)), ...(await findHeldPeople(db, query))])
    },
    async subject(person) {
      const [facts] = await readFacts(db, [person.seq])
      if (facts !== undefined) return subjectOf(facts, at)
      const directory = await findDirectory(db, person.directoryId)
      const bound = await listBindings(db, directory.id)
      const bindings = new Map(bound.map(({ nameKey, groupId }) => [nameKey, groupId]))
      return deletedSubject(await heldOf(db, person.id, undefined), { directory, bindings }, at)
    },
    async version({ id, directoryId }) {
      const user = await readUser(db, directoryId, id)
      return user && { ...user, since: user.modifiedAt }
    },
  }
}

/** What was at a moment, by all that was acknowledged until then. */
async function pastView(ctx: Context, db: Db, at: string): Promise<View> {
  await requireKnown(ctx, db, at)
  const [rules, position, all] = await Promise.all([
    inForceAt(ctx, db, at),
    feedPositionAt(db, at),
    directoriesAt(db, at),
  ])
  const directories = new Map(all.map((directory) => [directory.id, directory]))
  const versions = new Map<string, UserVersion>()
  return {
    db,
    at,
    asOf: at,
    rules,
    position,
    directoryId: async (nameOrId) => directoryIn(all, nameOrId).id,
    async people(text, directoryId) {
      const textKey = fold(text)
      const found = (await usersAt(db, { text, textKey, at })).flatMap((user) => {
        const of = directories.get(user.directoryId)
        const matched = matchOf(user, text, textKey, rules)
        if (of === undefined || matched === undefined || (directoryId !== undefined && directoryId !== of.id))
          return []
        versions.set(user.id, user)
        const { seq, id, userName, active } = user
        return { seq, id, userName, active, directoryId: of.id, directoryName: of.name, matched }
      })
      return inOrder([...found, ...(await findHeldPeople(db, { text, textKey, directoryId, at }))])
    },
    async subject({ id, directoryId }) {
      const [user, directory] = [versions.get(id), directories.get(directoryId)]
      if (directory === undefined) return undefined
      if (user !== undefined) return subjectOf(await factsAt(db, user, directory, at), at)
      const bindings = await bindingsAt(db, directoryId, at)
      return deletedSubject(await heldOf(db, id, at), { directory, bindings }, at)
    },
    version: async ({ id }) => versions.get(id),
  }
}

/** Somebody whom the directory has deleted, and who is held. */
function deletedSubject(
  held: readonly HeldFacts[],
  now: Pick<UserFacts, 'directory' | 'bindings'>,
  at: string,
): Subject | undefined {
  if (held.length === 0) return undefined
  return { present: undefined, held: held.map((one) => frozenFacts(one, now, at)) }
}

async function requireKnown(ctx: Context, db: Db, at: string): Promise<void> {
  const [now, since] = [ctx.now(), await historySince(db)]
  if (Date.parse(at) > Date.parse(now)) {
    throw new Problem(422, `${at} is still to come: it is ${now}`, [
      { path: 'at', message: 'should be a moment that has passed' },
    ])
  }
  const begin = await firstRevisionAt(db)
  if (begin !== undefined && at < begin && (since === undefined || since < begin))
    throw tooEarly(`nothing was configured at ${at} yet`, begin)
  if (since !== undefined && at < since) throw tooEarly(`what was at ${at} is not known any longer`, since)
}

const tooEarly = (why: string, since: string): Problem =>
  new Problem(422, `${why}; answers exist from ${since} on`, [
    { path: 'at', message: `should be ${since} or later` },
  ])

/** @throws Problem 404 where there is no such connection, with the moment from which on there was one */
export async function requireConnection(ctx: Context, view: View, name: string): Promise<void> {
  if (view.rules.model.connections.has(name)) return
  const later = view.asOf === undefined ? undefined : await firstChangeAfter(view.db, view.asOf, fold(name))
  const known = later !== undefined && (await inForceAt(ctx, view.db, later)).model.connections.has(name)
  throw new Problem(
    404,
    `there is no connection \`${name}\`${whenOf(view)}${known ? `; answers about it exist from ${later} on` : ''}`,
  )
}

function directoryIn(all: readonly DirectoryVersion[], nameOrId: string): DirectoryVersion {
  const nameKey = fold(nameOrId)
  const found = all.find(({ id }) => id === nameOrId) ?? all.find((one) => one.nameKey === nameKey)
  if (found === undefined) throw unknownDirectory(nameOrId)
  return found
}

/** What a text was of a user: the strongest when it was several. */
function matchOf(
  { id, userName, document }: UserVersion,
  text: string,
  textKey: string,
  { registry }: InForce,
): Matched | undefined {
  if (id === text) return 'id'
  if (fold(userName) === textKey) return 'userName'
  const resource = fromDocument(document)
  if (optionalText(resource, 'externalId') === text) return 'externalId'
  const values = indexedValues(resource, registry.resourceType('User'))
  return values.some(({ attribute, value }) => attribute === 'emails.value' && value === textKey)
    ? 'email'
    : undefined
}
