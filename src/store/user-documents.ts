import { sql, type Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { statement, statementAmong, wholeNumber, type Builder } from './statement.ts'

/** A user with what everything else about it is prepared from. */
export interface UserDocument {
  readonly seq: number
  readonly directoryId: string
  readonly userName: string
  readonly document: string
}

/** Users of all directories by their `seq`s: those behind `after`, up to the last. */
export interface Range {
  readonly after: number
  readonly upTo: number
}

/** The `seq` of the last user; 0 without one. */
export async function lastSeq(db: Kysely<Database>): Promise<number> {
  return (await last.first(db, {}))?.seq ?? 0
}

const last = statement<object, { seq: number | null }>(({ db }) =>
  db.selectFrom('users').select(({ fn }) => fn.max<number | null>('seq').as('seq')),
)

/** How many users of a range may have one of these attributes. */
export async function countUsersWith(
  db: Kysely<Database>,
  paths: readonly string[],
  range: Range,
): Promise<number> {
  return (await countWithAttributes.first(db, { attributes: ofAttributes(paths), ...range }))?.count ?? 0
}

const countWithAttributes = statement<InRange, { count: number }>((builder) =>
  inRange(builder).select(({ fn }) => fn.countAll<number>().as('count')),
)

/** The `seq`s of the users of a range who may have one of these attributes, in order, at most `size`. */
export async function seqsWith(
  db: Kysely<Database>,
  paths: readonly string[],
  { after, upTo, size = upTo - after }: Range & { readonly size?: number },
): Promise<number[]> {
  const rows = await seqsWithAttributes.all(db, { attributes: ofAttributes(paths), after, upTo, size })
  return rows.map(({ seq }) => seq)
}

const seqsWithAttributes = statement<InRange & { size: number }, { seq: number }>((builder) =>
  inRange(builder)
    .select('seq')
    .orderBy('seq')
    .limit(wholeNumber(builder.value('size'))),
)

interface InRange extends Range {
  /** JSON array of pairs: a URN, and a JSON array of names, all in quotes as they stand in documents. */
  readonly attributes: string
}

/** The attributes with these paths, as the parameter of a statement. */
function ofAttributes(paths: readonly string[]): string {
  const names = new Map<string, string[]>()
  for (const path of paths) {
    // Nothing but the name comes behind the last colon.
    const end = path.lastIndexOf(':')
    const urn = path.slice(0, end)
    names.set(urn, [...(names.get(urn) ?? []), JSON.stringify(path.slice(end + 1))])
  }
  return JSON.stringify([...names].map(([urn, each]) => [JSON.stringify(urn), JSON.stringify(each)]))
}

/** Those whose document names one of the attributes: all who have it, and hardly anybody else. */
function inRange<Values extends InRange>({ db, dialect, value }: Builder<Values>) {
  const document = sql.ref('users.document')
  const extensions = dialect.rowsOf(value('attributes'), { urn: 'text', names: 'text' })
  return db
    .selectFrom('users')
    .where('seq', '>', wholeNumber(value('after')))
    .where('seq', '<=', wholeNumber(value('upTo')))
    .where(
      sql<boolean>`exists (
        select 1 from ${extensions} as extension
        where ${dialect.contains(document, sql.ref('extension.urn'))} and exists (
          select 1 from ${dialect.listOf(sql.ref('extension.names'))} as attribute
          where ${dialect.contains(document, sql.ref('attribute.value'))}))`,
    )
}

/** The documents of users by their `seq`s, in their order. */
export async function readDocuments(
  db: Kysely<Database>,
  userSeqs: readonly number[],
): Promise<UserDocument[]> {
  return documents.all(db, userSeqs, {})
}

const documents = statementAmong<number, object, UserDocument>('integer', ({ db }, among) =>
  db
    .selectFrom('users')
    .select(columns)
    .where(sql<boolean>`seq ${among}`)
    .orderBy('seq'),
)

const columns = ['seq', 'directory_id as directoryId', 'user_name as userName', 'document'] as const

/** Stores the document prepared for comparison anew; the user itself stays as it is. */
export async function setSearch(db: Kysely<Database>, seq: number, search: string): Promise<void> {
  await writeSearch.run(db, { seq, search })
}

const writeSearch = statement<{ seq: number; search: string }>(({ db, value }) =>
  db
    .updateTable('users')
    .set({ search: value('search') })
    .where('seq', '=', value('seq')),
)
