import { sql, type Kysely } from 'kysely'
import type { Database, Flag } from '../../db/tables.ts'
import { edgesAbove, type MembershipEdge } from './closure.ts'
import { statement, statementAmong, wholeNumber } from './statement.ts'

/** Everything stored that decides what one user may do, with what is noted of that. */
export interface UserFacts {
  readonly seq: number
  readonly user: {
    readonly id: string
    readonly userName: string
    /** The folded names by which the configuration means the user. */
    readonly names: readonly string[]
    readonly active: boolean
    /** JSON text of the resource, but for `meta` and `groups`. */
    readonly document: string
  }
  readonly directory: {
    readonly id: string
    readonly name: string
    /** JSON text. */
    readonly settings: string
  }
  /** The groups that the user is in, directly or through others. */
  readonly groups: readonly GroupAbove[]
  /** From the folded name that rules use to the id of the group that it is bound to in the user's directory. */
  readonly bindings: ReadonlyMap<string, string>
  /** What the user has although the directory says otherwise, the latest first. */
  readonly held: readonly HeldFacts[]
  /** What is noted to be refused, as JSON text. */
  readonly refused: string | undefined
}

/** Facts about a user that stood once and go on counting, until an administrator decides. */
export interface HeldFacts {
  readonly kind: 'brake' | 'protected'
  /** The id of the alarm. */
  readonly alarm: string
  readonly since: string
  /** JSON text. */
  readonly facts: string
  /** Whether an administrator has decided that it stays. */
  readonly rejected: boolean
}

/** A group above a user. */
export interface GroupAbove {
  readonly id: string
  readonly displayName: string
  /** The members through which the user is in it: the user, or other groups above the user. */
  readonly members: readonly string[]
}

/** Reads the facts of many users in four statements, in the order of `seq`; users that do not exist are left out. */
export async function readFacts(db: Kysely<Database>, seqs: readonly number[]): Promise<UserFacts[]> {
  return assemble(db, await usersBySeq.all(db, seqs, {}))
}

/** Reads the facts of the next `size` users after a `seq`: how a whole population is walked. */
export async function readFactsAfter(
  db: Kysely<Database>,
  after: number,
  size: number,
): Promise<UserFacts[]> {
  return assemble(db, await usersAfter.all(db, { after, size }))
}

/** Reads the facts of one user by id. */
export async function readFactsOf(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
): Promise<UserFacts | undefined> {
  const [facts] = await assemble(db, await userById.all(db, { directoryId, id }))
  return facts
}

interface Row {
  readonly seq: number
  readonly id: string
  readonly userName: string
  readonly active: Flag
  readonly document: string
  readonly directoryId: string
  readonly directoryName: string
  readonly settings: string
  readonly isHeld: boolean | Flag
  readonly refused: string | null
}

const columns = sql`
  u.seq, u.id, u.user_name as "userName", u.active, u.document,
  d.id as "directoryId", d.name as "directoryName", d.settings,
  exists (select 1 from held where user_id = u.id and until is null) as "isHeld", r.document as refused`

const tables = sql`
  users u join directories d on d.id = u.directory_id
  left join refusals r on r.user_seq = u.seq`

const usersBySeq = statementAmong<number, object, Row>(
  'integer',
  (_, among) => sql`
    select ${columns}
    from ${tables}
    where u.seq ${among}
    order by u.seq`,
)

const usersAfter = statement<{ after: number; size: number }, Row>(
  ({ value }) => sql`
    select ${columns}
    from ${tables}
    where u.seq > ${wholeNumber(value('after'))}
    order by u.seq
    limit ${wholeNumber(value('size'))}`,
)

const userById = statement<{ directoryId: string; id: string }, Row>(
  ({ value }) => sql`
    select ${columns}
    from ${tables}
    where u.id = ${value('id')} and u.directory_id = ${value('directoryId')}`,
)

const bindingsIn = statementAmong<string, object, { directoryId: string; nameKey: string; groupId: string }>(
  'text',
  (_, among) => sql`
    select directory_id as "directoryId", name_key as "nameKey", group_id as "groupId"
    from bindings where directory_id ${among}`,
)

const namesOf = statementAmong<string, object, { userId: string; nameKey: string }>(
  'text',
  (_, among) => sql`
    select user_id as "userId", name_key as "nameKey" from user_bindings where user_id ${among} order by name_key`,
)

const heldOfUsers = statementAmong<string, object, HeldRow & { userId: string }>(
  'text',
  (_, among) => sql`
    select h.user_id as "userId", a.kind, h.alarm_id as alarm, h.since, h.facts, h.verdict
    from held h join alarms a on a.id = h.alarm_id
    where h.until is null and h.user_id ${among}
    order by h.seq desc`,
)

/** What is held as a statement finds it. */
export interface HeldRow extends Omit<HeldFacts, 'rejected'> {
  readonly verdict: string | null
}

export function toHeld({ kind, alarm, since, facts, verdict }: HeldRow): HeldFacts {
  return { kind, alarm, since, facts, rejected: verdict === 'rejected' }
}

async function assemble(db: Kysely<Database>, rows: readonly Row[]): Promise<UserFacts[]> {
  if (rows.length === 0) return []
  const directoryIds = [...new Set(rows.map((row) => row.directoryId))]
  const userIds = rows.map((row) => row.id)
  const heldIds = rows.filter(({ isHeld }) => Boolean(isHeld)).map(({ id }) => id)
  const [edges, bindings, names, held] = await Promise.all([
    edgesAbove(db, userIds),
    bindingsIn.all(db, directoryIds, {}),
    namesOf.all(db, userIds, {}),
    heldIds.length === 0 ? [] : heldOfUsers.all(db, heldIds, {}),
  ])
  const heldBy = groupBy(held, ({ userId }) => userId)
  const boundTo = groupBy(names, ({ userId }) => userId)
  const edgesOf = groupBy(edges, (edge) => edge.memberId)
  const bindingsOf = new Map<string, ReadonlyMap<string, string>>()
  for (const [id, bound] of groupBy(bindings, (binding) => binding.directoryId)) {
    bindingsOf.set(id, new Map(bound.map(({ nameKey, groupId }) => [nameKey, groupId])))
  }
  return rows.map((row) => ({
    seq: row.seq,
    user: {
      id: row.id,
      userName: row.userName,
      names: (boundTo.get(row.id) ?? []).map(({ nameKey }) => nameKey),
      active: row.active === 1,
      document: row.document,
    },
    directory: { id: row.directoryId, name: row.directoryName, settings: row.settings },
    groups: groupsAbove(row.id, edgesOf),
    bindings: bindingsOf.get(row.directoryId) ?? NO_BINDINGS,
    held: (heldBy.get(row.id) ?? []).map(toHeld),
    refused: row.refused ?? undefined,
  }))
}

const NO_BINDINGS: ReadonlyMap<string, string> = new Map()

/**
 * Walks up from a user; a group that was reached before is not walked again, which ends every cycle.
 *
 * @param edgesOf from members to their memberships
 */
export function groupsAbove(
  userId: string,
  edgesOf: ReadonlyMap<string, readonly MembershipEdge[]>,
): GroupAbove[] {
  const found = new Map<string, { id: string; displayName: string; members: string[] }>()
  const open = [userId]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const { groupId, displayName } of edgesOf.get(id) ?? []) {
      const group = found.get(groupId)
      if (group === undefined) {
        found.set(groupId, { id: groupId, displayName, members: [id] })
        open.push(groupId)
      } else {
        group.members.push(id)
      }
    }
  }
  return [...found.values()]
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}
