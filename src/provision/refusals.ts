import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'
import { definitionAt, pathName, type AttrPath } from '../scim/path/path.ts'
import { redefined } from '../scim/resource/redefined.ts'
import { indexedValues } from '../scim/resource/search.ts'
import { MOST_USER_NAMES, type SharedValues } from '../store/collected-values.ts'
import type { Db } from '../store/db.ts'
import type { StoredDirectory } from '../store/directories.ts'
import { lastSeq, readDocuments, seqsWith, type UserDocument } from '../store/user-documents.ts'
import { indexable } from '../store/user-values.ts'
import { rangesUpTo, tooLongOf, type TooLong } from './collect-values.ts'
import { faultsOf } from './hold-unique.ts'
import type { InForce } from './in-force.ts'
import { resourceOf } from './prepared-documents.ts'
import type { Fault } from './problem.ts'

/** A configuration that is planned, and what it is held against. */
interface Planned {
  readonly present: InForce
  readonly planned: InForce
  /** All directories that have users. */
  readonly directories: readonly StoredDirectory[]
}

/**
 * What would stand in the way of a planned uniqueness: the same that applying it tells, over one state of the store and
 * without writing anything. Meanwhile the values are held in memory, some hundred bytes each.
 *
 * @param visit called now and then; ends it by throwing
 */
export async function refusalsOf(
  ctx: Context,
  db: Db,
  { present, planned, directories }: Planned,
  visit: () => void,
): Promise<Fault[]> {
  const type = planned.registry.resourceType('User')
  const faults: Fault[] = []
  for (const path of redefined(present.registry.resourceType('User'), type).lookedUp) {
    if (definitionAt(path).uniqueness !== 'server') continue
    const { holders, tooLong } = await holdersOf(ctx, db, { path, type }, visit)
    faults.push(...faultsOf(planned.config, path, tooLong, await sharedIn(db, holders, directories)))
  }
  return faults
}

/** The `seq`s of those who have each value, by the id of their directory. */
type Holders = Map<string, Map<string, number[]>>

async function holdersOf(
  ctx: Context,
  db: Db,
  { path, type }: { readonly path: AttrPath; readonly type: ResourceType },
  visit: () => void,
): Promise<{ readonly holders: Holders; readonly tooLong: readonly TooLong[] }> {
  const holders: Holders = new Map()
  const tooLong: TooLong[] = []
  for (const range of rangesUpTo(await lastSeq(db))) {
    for (const user of await readDocuments(db, await seqsWith(db, [pathName(path)], range))) {
      const values = indexedValues(resourceOf(ctx, user), type, [path])
      tooLong.push(...tooLongOf(values, user))
      for (const { value } of indexable(values)) add(holders, user, value)
    }
    visit()
    // On SQLite nothing else waits for anything here.
    await new Promise(setImmediate)
  }
  return { holders, tooLong }
}

function add(holders: Holders, { directoryId, seq }: UserDocument, value: string): void {
  let ofDirectory = holders.get(directoryId)
  if (ofDirectory === undefined) holders.set(directoryId, (ofDirectory = new Map()))
  const others = ofDirectory.get(value)
  if (others === undefined) ofDirectory.set(value, [seq])
  else others.push(seq)
}

async function sharedIn(
  db: Db,
  holders: Holders,
  directories: readonly StoredDirectory[],
): Promise<SharedValues[]> {
  const all: SharedValues[] = []
  for (const { id, name } of directories) {
    const shared = [...(holders.get(id) ?? [])].filter(([, seqs]) => seqs.length > 1)
    const [first, ...others] = shared
    if (first === undefined) continue
    const [example, seqs] = others.reduce((least, one) => (one[0] < least[0] ? one : least), first)
    const users = await readDocuments(db, seqs.slice(0, MOST_USER_NAMES))
    const userNames = users.map(({ userName }) => userName)
    all.push({ directoryName: name, count: shared.length, example, userNames })
  }
  return all
}
