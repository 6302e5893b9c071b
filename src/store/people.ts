import { sql, type RawBuilder, type Kysely } from 'kysely'
import type { Database, Flag } from '../../db/tables.ts'
import { statement, type Builder } from './statement.ts'

/** Somebody whom a text may mean. */
export interface Person {
  readonly seq: number
  readonly id: string
  readonly userName: string
  readonly active: boolean
  readonly directoryId: string
  readonly directoryName: string
  /** What the text is of this person; the strongest when it is several. */
  readonly matched: Matched
}

/** From the strongest to the weakest. */
export type Matched = 'id' | 'userName' | 'externalId' | 'email'

/** How a text is looked up. */
export interface PersonQuery {
  readonly text: string
  /** The text folded, as `userName` and e-mail addresses are compared. */
  readonly textKey: string
  /** Restricts the search to one directory. */
  readonly directoryId?: string | undefined
}

/** Finds everybody whose id, `userName`, `externalId` or e-mail address is this text, the strongest matches first. */
export async function findPeople(db: Kysely<Database>, query: PersonQuery): Promise<Person[]> {
  const rows = await people.all(db, { ...query, directoryId: query.directoryId ?? null })
  return strongest(rows).map(toPerson)
}

export interface PersonValues {
  readonly text: string
  readonly textKey: string
  readonly directoryId: string | null
}

const people = statement<PersonValues, PersonRow>(
  (builder) => sql`
    select ${personColumns}
    from ${matchesOf(builder)} as c
    join users u on u.seq = c.seq join directories d on d.id = u.directory_id
    where ${inDirectory(builder)}`,
)

/**
 * The `seq` of everybody whom a text may mean, with the strength of the match, as a table. Who is matched by several
 * things is there several times: {@link strongest} is cheaper than grouping in SQL.
 */
export function matchesOf<Values extends PersonValues>({ value }: Builder<Values>): RawBuilder<unknown> {
  const text = value('text')
  const key = value('textKey')
  return sql`(
    select seq, 0 as strength from users where id = ${text}
    union all select seq, 1 from users where user_name_key = ${key}
    union all select seq, 2 from users where external_id = ${text}
    union all select user_seq, 3 from user_values where attribute = 'emails.value' and value = ${key}
  )`
}

/** That the user `u` is of the directory, if one is given. */
export function inDirectory<Values extends PersonValues>({ value }: Builder<Values>): RawBuilder<boolean> {
  const directoryId = sql`cast(${value('directoryId')} as text)`
  return sql`(${directoryId} is null or u.directory_id = ${directoryId})`
}

/** The columns of a {@link PersonRow}, of the tables `c`, `u` and `d`. */
export const personColumns = sql`
  u.seq, u.id, u.user_name as "userName", u.active, u.directory_id as "directoryId", d.name as "directoryName", c.strength`

export interface PersonRow {
  readonly seq: number
  readonly id: string
  readonly userName: string
  readonly active: Flag
  readonly directoryId: string
  readonly directoryName: string
  readonly strength: number
}

/** Each person once by the strongest match, in order. */
export function strongest<Row extends PersonRow>(rows: readonly Row[]): Row[] {
  const best = new Map<number, Row>()
  for (const row of rows) {
    const known = best.get(row.seq)
    if (known === undefined || row.strength < known.strength) best.set(row.seq, row)
  }
  const people = [...best.values()]
  return people.length < 2 ? people : people.toSorted(byStrength)
}

/** People in order: the strongest matches first, those alike in the order of their directories. */
export function inOrder(people: readonly Person[]): Person[] {
  return people.toSorted((a, b) => byStrength(toOrder(a), toOrder(b)))
}

type Order = Pick<PersonRow, 'strength' | 'directoryName' | 'seq'>

const toOrder = ({ matched, directoryName, seq }: Person): Order => ({
  strength: STRENGTHS.indexOf(matched),
  directoryName,
  seq,
})

function byStrength(a: Order, b: Order): number {
  return a.strength - b.strength || compare(a.directoryName, b.directoryName) || a.seq - b.seq
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

const STRENGTHS: readonly Matched[] = ['id', 'userName', 'externalId', 'email']

export function toPerson({
  seq,
  id,
  userName,
  active,
  directoryId,
  directoryName,
  strength,
}: PersonRow): Person {
  const matched = STRENGTHS[strength] ?? 'email'
  return { seq, id, userName, active: active === 1, directoryId, directoryName, matched }
}
