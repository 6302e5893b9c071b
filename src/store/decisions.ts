import { sql, type Kysely, type RawBuilder } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database, Flag } from '../../db/tables.ts'
import { meansHeld } from './holds.ts'
import {
  inDirectory,
  matchesOf,
  personColumns,
  strongest,
  toPerson,
  type Person,
  type PersonQuery,
  type PersonRow,
  type PersonValues,
} from './people.ts'
import { statement, statementAmong, wholeNumber, type Builder } from './statement.ts'

/** The decision for one user and one connection as it is stored. */
export interface StoredDecision {
  readonly userSeq: number
  readonly connection: string
  readonly directoryId: string
  readonly decision: 'allow' | 'deny'
  readonly reason: string | null
  readonly role: string | null
  readonly tier: string | null
  /** Name of the connection that queries run on. */
  readonly environment: string | null
  /** The attribute value that the environment was chosen by. */
  readonly value: string | null
  /** JSON text of the whole decision. */
  readonly document: string
  /** The first moment at which it changes by the passing of time alone. */
  readonly validUntil: string | null
}

/** Stores decisions in place of those that stand for the same users and connections. */
export async function upsertDecisions(
  db: Kysely<Database>,
  decisions: readonly StoredDecision[],
): Promise<void> {
  if (decisions.length <= FEW) await Promise.all(decisions.map((decision) => upsertOne.run(db, decision)))
  else await upsertMany.run(db, { rows: JSON.stringify(decisions.map(toTuple)) })
}

/** Up to so many, a statement for each is quicker than one that has to read them from JSON. */
const FEW = 3

// INVARIANT: the columns stand in the order of the values in a tuple.
const UPSERT_COLUMNS = {
  user_seq: 'integer',
  connection: 'text',
  directory_id: 'text',
  decision: 'text',
  reason: 'text',
  role: 'text',
  tier: 'text',
  environment: 'text',
  value: 'text',
  document: 'text',
  valid_until: 'text',
} as const

const toTuple = (d: StoredDecision) => [
  d.userSeq,
  d.connection,
  d.directoryId,
  d.decision,
  d.reason,
  d.role,
  d.tier,
  d.environment,
  d.value,
  d.document,
  d.validUntil,
]

const upsertOne = statement<StoredDecision>(({ value }) =>
  upsertFrom(
    sql`values (${sql.join([
      value('userSeq'),
      value('connection'),
      value('directoryId'),
      value('decision'),
      value('reason'),
      value('role'),
      value('tier'),
      value('environment'),
      value('value'),
      value('document'),
      value('validUntil'),
    ])})`,
  ),
)

const upsertMany = statement<{ rows: string }>(({ dialect, value }) =>
  upsertFrom(
    sql`select ${upsertNames} from ${dialect.rowsOf(value('rows'), UPSERT_COLUMNS)} as d where true`,
  ),
)

const upsertNames = sql.join(Object.keys(UPSERT_COLUMNS).map((name) => sql.ref(name)))

function upsertFrom(rows: RawBuilder<unknown>): RawBuilder<never> {
  const changes = Object.keys(UPSERT_COLUMNS)
    .slice(2)
    .map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`)
  return sql`
    insert into decisions (${upsertNames}) ${rows}
    on conflict (user_seq, connection) do update set ${sql.join(changes)}`
}

/** Removes decisions, one for each pair of user and connection. */
export async function deleteDecisions(
  db: Kysely<Database>,
  keys: readonly { readonly userSeq: number; readonly connection: string }[],
): Promise<void> {
  if (keys.length === 0) return
  const rows = dialectOf(db).rowsOf(JSON.stringify(keys.map((key) => [key.userSeq, key.connection])), {
    user_seq: 'integer',
    connection: 'text',
  })
  await sql`delete from decisions where (user_seq, connection) in (select user_seq, connection from ${rows} as k)`.execute(
    db,
  )
}

/** Removes every decision about a connection that is not among these. */
export async function keepDecisionsOf(db: Kysely<Database>, connections: readonly string[]): Promise<void> {
  const names = dialectOf(db).listOf(JSON.stringify(connections))
  await sql`delete from decisions where connection not in (select value from ${names} as names)`.execute(db)
}

/** The stored decisions of many users, in the order of user and connection. */
export async function readDecisions(
  db: Kysely<Database>,
  userSeqs: readonly number[],
): Promise<StoredDecision[]> {
  return ofUsers.all(db, userSeqs, {})
}

const ofUsers = statementAmong<number, object, StoredDecision>('integer', ({ db }, among) =>
  db
    .selectFrom('decisions')
    .select(columns)
    .where(sql<boolean>`user_seq ${among}`)
    .orderBy('user_seq')
    .orderBy('connection'),
)

/** The stored decision for a user and a connection. */
export function readDecision(
  db: Kysely<Database>,
  userSeq: number,
  connection: string,
): Promise<StoredDecision | undefined> {
  return one.first(db, { userSeq, connection })
}

const one = statement<{ userSeq: number; connection: string }, StoredDecision>(({ db, value }) =>
  db
    .selectFrom('decisions')
    .select(columns)
    .where('user_seq', '=', wholeNumber(value('userSeq')))
    .where('connection', '=', value('connection')),
)

/** Whether a user of a directory has access anywhere as it is stored or held, or may have while decisions wait. */
export async function mayHaveAccess(db: Kysely<Database>, directoryId: string, id: string): Promise<boolean> {
  return (await access.first(db, { directoryId, id })) !== undefined
}

const access = statement<{ directoryId: string; id: string }, { seq: number }>(
  ({ value }) => sql`
    select seq from users u where id = ${value('id')} and directory_id = ${value('directoryId')} and (
      exists (select 1 from decisions where user_seq = u.seq and decision = 'allow')
      or exists (select 1 from held where user_id = u.id and until is null)
      or exists (select 1 from recomputes where scope <> 'documents')
    )`,
)

const columns = [
  'user_seq as userSeq',
  'connection',
  'directory_id as directoryId',
  'decision',
  'reason',
  'role',
  'tier',
  'environment',
  'value',
  'document',
  'valid_until as validUntil',
] as const

/** What is stored about a question: whom the text may mean, and what was decided for each. */
export interface FoundDecision {
  /** The number of the last change that is in it. */
  readonly position: number
  /** The id of the configuration in force; 0 before the first. */
  readonly revision: number
  /** Whether the text may also mean somebody who is deleted and held, so that the facts have to be asked. */
  readonly meansHeld: boolean
  readonly people: readonly (Person & {
    /** JSON text of the decision, where there is one. */
    readonly document: string | null
    readonly validUntil: string | null
    /** Whether it waits to be recomputed, so that the facts have to be asked. */
    readonly stale: boolean
  })[]
}

/** Finds in one statement everything that a question to `/api/v1/resolve` needs. */
export async function findDecision(
  db: Kysely<Database>,
  query: PersonQuery & { readonly connection: string },
): Promise<FoundDecision> {
  const rows = await question.all(db, { ...query, directoryId: query.directoryId ?? null })
  const state = rows.find((row) => row.seq === null)
  return {
    position: state?.position ?? 0,
    revision: state?.revision ?? 0,
    meansHeld: Boolean(state?.meansHeld),
    people: strongest(rows.filter(isFound)).map((row) => ({
      ...toPerson(row),
      document: row.document,
      validUntil: row.validUntil,
      stale: Boolean(row.stale),
    })),
  }
}

interface QuestionValues extends PersonValues {
  readonly connection: string
}

interface FoundRow extends PersonRow {
  readonly document: string | null
  readonly validUntil: string | null
  readonly stale: boolean | Flag
}

interface StateRow {
  readonly seq: null
  readonly position: number | null
  readonly revision: number | null
  readonly meansHeld: boolean | Flag | null
}

function isFound(row: FoundRow | StateRow): row is FoundRow {
  return row.seq !== null
}

// One row is there even when nobody is found: it carries the state of the store.
const question = statement<QuestionValues, FoundRow | StateRow>(
  (builder) => sql`
    select ${personColumns}, ${decided(builder, 'document')} as document,
      ${decided(builder, 'valid_until')} as "validUntil",
      exists (
        select 1 from recomputes r
        where u.seq > r.after_seq and (r.scope = 'all' or exists (
          select 1 from recompute_users ru where ru.job_id = r.id and ru.user_seq = u.seq
        ))
      ) as stale,
      case when c.seq is null then (select max(seq) from changes) end as position,
      case when c.seq is null then (select max(id) from revisions) end as revision,
      case when c.seq is null then ${meansHeld(builder)} end as "meansHeld"
    from (select seq, strength from ${matchesOf(builder)} as m union all select null, null) as c
    left join users u on u.seq = c.seq
    left join directories d on d.id = u.directory_id
    where c.seq is null or ${inDirectory(builder)}`,
)

/** A column of the decision, looked up for each person: a join tempts PostgreSQL to read a connection's decisions all. */
function decided({ value }: Builder<QuestionValues>, column: 'document' | 'valid_until') {
  return sql`(
    select ${sql.ref(column)} from decisions where user_seq = u.seq and connection = ${value('connection')}
  )`
}

/** Which decisions to list. */
export interface DecisionQuery {
  readonly connection?: string | undefined
  readonly role?: string | undefined
  readonly tier?: string | undefined
  readonly environment?: string | undefined
  readonly value?: string | undefined
  readonly decision?: 'allow' | 'deny' | undefined
  readonly reason?: string | undefined
  readonly directoryId?: string | undefined
  /** Only what stays as it was although the directory says otherwise. */
  readonly held?: boolean | undefined
  /** A folded part of the user name. */
  readonly search?: string | undefined
  /** The last decision of the page before. */
  readonly after?: { readonly userSeq: number; readonly connection: string } | undefined
  readonly limit: number
}

/** A decision with the user whom it is about. */
export interface ListedDecision extends StoredDecision {
  readonly userId: string
  readonly userName: string
  readonly displayName: string | null
  readonly active: boolean
  readonly directoryName: string
}

/** Lists decisions in the order of user and connection. */
export async function listDecisions(db: Kysely<Database>, wanted: DecisionQuery): Promise<ListedDecision[]> {
  let query = db
    .selectFrom('decisions')
    .innerJoin('users', 'users.seq', 'decisions.user_seq')
    .innerJoin('directories', 'directories.id', 'decisions.directory_id')
    .select([
      'decisions.user_seq as userSeq',
      'decisions.connection',
      'decisions.directory_id as directoryId',
      'decisions.decision',
      'decisions.reason',
      'decisions.role',
      'decisions.tier',
      'decisions.environment',
      'decisions.value',
      'decisions.document',
      'decisions.valid_until as validUntil',
      'users.id as userId',
      'users.user_name as userName',
      'users.display_name as displayName',
      'users.active',
      'directories.name as directoryName',
    ])
    .orderBy('decisions.user_seq')
    .orderBy('decisions.connection')
    .limit(wanted.limit)
  for (const name of FILTERS) {
    const value = wanted[name]
    if (value !== undefined) query = query.where(`decisions.${name}`, '=', value)
  }
  if (wanted.directoryId !== undefined) query = query.where('decisions.directory_id', '=', wanted.directoryId)
  if (wanted.held) {
    query = query
      .where('users.id', 'in', db.selectFrom('held').select('user_id').where('until', 'is', null))
      // Inside a text of a document each quote has a backslash before it.
      .where(dialectOf(db).contains(sql.ref('decisions.document'), sql.lit('"held":{')))
  }
  if (wanted.search !== undefined) {
    query = query.where(dialectOf(db).contains(sql.ref('users.user_name_key'), sql.val(wanted.search)))
  }
  if (wanted.after !== undefined) {
    const { userSeq, connection } = wanted.after
    query = query.where(
      sql<boolean>`(decisions.user_seq, decisions.connection) > (${userSeq}, ${connection})`,
    )
  }
  const rows = await query.execute()
  return rows.map((row) => ({ ...row, active: row.active === 1 }))
}

const FILTERS = ['connection', 'role', 'tier', 'environment', 'value', 'decision', 'reason'] as const

/** How many decisions are alike. */
export interface DecisionCount {
  readonly connection: string
  readonly decision: 'allow' | 'deny'
  readonly reason: string | null
  readonly role: string | null
  readonly tier: string | null
  readonly environment: string | null
  readonly count: number
}

/** Counts decisions by everything that a summary tells of them. */
export async function countDecisions(
  db: Kysely<Database>,
  wanted: { readonly connection?: string; readonly directoryId?: string } = {},
): Promise<DecisionCount[]> {
  let query = db
    .selectFrom('decisions')
    .select(({ fn }) => [...SUMMARY, fn.countAll<number>().as('count')])
    .groupBy(SUMMARY)
    .orderBy('connection')
  if (wanted.connection !== undefined) query = query.where('connection', '=', wanted.connection)
  if (wanted.directoryId !== undefined) query = query.where('directory_id', '=', wanted.directoryId)
  return query.execute()
}

/** Every way in which somebody is decided: the role on a connection, where queries run, and the value that led there. */
export async function decidedWays(
  db: Kysely<Database>,
): Promise<Pick<StoredDecision, 'connection' | 'role' | 'environment' | 'value'>[]> {
  return db
    .selectFrom('decisions')
    .select(['connection', 'role', 'environment', 'value'])
    .distinct()
    .execute()
}

const SUMMARY = ['connection', 'decision', 'reason', 'role', 'tier', 'environment'] as const

/** The users of whom a decision has changed by the passing of time until `now`; at most `limit`. */
export async function usersWithDueDecisions(
  db: Kysely<Database>,
  now: string,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('decisions')
    .select('user_seq as userSeq')
    .distinct()
    .where('valid_until', '<=', now)
    .orderBy('user_seq')
    .limit(limit)
    .execute()
  return rows.map((row) => row.userSeq)
}
